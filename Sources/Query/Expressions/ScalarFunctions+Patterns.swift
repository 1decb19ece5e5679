internal import Columnar
internal import Kernels

// Functions that take a pattern, which is nearly always the same for all rows: it is read once.

extension ScalarFunction {
  /// Regular expressions, and forms of times.
  func patterns(_ arguments: [Vector], _ type: SQLType, _ count: Int) throws(QueryError) -> Vector {
    switch self {
    case .strftime, .strptime, .try_strptime: return try formatted(arguments, type, count)
    default: return try matched(arguments, type, count)
    }
  }

  private func matched(_ arguments: [Vector], _ type: SQLType, _ count: Int) throws(QueryError) -> Vector {
    let rows = TextRows(arguments, count: count)
    let optionPlace = self == .regexp_extract || self == .regexp_replace ? 3 : 2
    var known: (pattern: [UInt8], options: [UInt8], regex: Regex, Regex.Options)?
    func compiled(_ row: Int) throws(QueryError) -> (Regex, Regex.Options, isNew: Bool) {
      let pattern = rows.text(1, row)
      let written = arguments.count > optionPlace ? rows.text(optionPlace, row) : []
      if let known, known.pattern.elementsEqual(pattern), known.options.elementsEqual(written) {
        return (known.regex, known.3, false)
      }
      let options = try Self.options(written, mayBeGlobal: self == .regexp_replace)
      let regex = try Regex(pattern, options)
      known = (Array(pattern), Array(written), regex, options)
      return (regex, options, true)
    }
    var matcher: RegexMatcher?
    switch self {
    case .regexp_matches, .regexp_full_match:
      let isWhole = self == .regexp_full_match
      var flags = [UInt8](repeating: 0, count: count)
      for row in 0..<count where rows.isValid(row) {
        let (regex, _, isNew) = try compiled(row)
        if isNew { matcher = RegexMatcher(regex) }
        let text = rows.text(0, row)
        flags[row] = matcher?.match(text, from: text.startIndex, isWhole: isWhole) == nil ? 0 : 1
      }
      return Vector(.boolean, .flags(flags), validity: rows.validity)
    case .regexp_extract:
      return try rows.bytes { row throws(QueryError) -> ArraySlice<UInt8> in
        let group = arguments.count > 2 ? rows.number(2, row) : 0
        let (regex, _, isNew) = try compiled(row)
        if isNew { matcher = RegexMatcher(regex, captures: 9) }
        guard (0...9).contains(group) else { throw QueryError(.value, "a group of a match is 0 to 9") }
        guard group <= regex.groupCount else {
          throw QueryError(.value, "the regular expression has only \(regex.groupCount) groups")
        }
        let text = rows.text(0, row)
        guard let found = matcher?.match(text, from: text.startIndex), found[2 * Int(group)] >= 0 else { return [] }
        return text[found[2 * Int(group)]..<found[2 * Int(group) + 1]]
      }
    default:
      return try rows.bytes { row throws(QueryError) -> [UInt8] in
        let (regex, options, isNew) = try compiled(row)
        let replacement = try RegexReplacement(rows.text(2, row), groupCount: regex.groupCount)
        if isNew { matcher = RegexMatcher(regex, captures: 9) }
        let text = rows.text(0, row)
        return try matcher?.replacing(in: text, by: replacement, all: options.isGlobal) ?? []
      }
    }
  }

  private static func options(_ written: ArraySlice<UInt8>, mayBeGlobal: Bool) throws(QueryError) -> Regex.Options {
    var options = Regex.Options()
    for byte in written {
      switch Unicode.Scalar(byte) {
      case "i": options.ignoresCase = true
      case "c": options.ignoresCase = false
      case "s": options.dotMatchesAll = true
      case "g" where mayBeGlobal: options.isGlobal = true
      default: throw QueryError(.notSupported, "this option of a regular expression")
      }
    }
    return options
  }

  /// `text[2:4]`.
  func sliced(_ arguments: [Vector], _ count: Int) throws(QueryError) -> Vector {
    let rows = TextRows(arguments, count: count)
    return try rows.bytes { row throws(QueryError) in
      let text = rows.text(0, row)
      let kept = Slicing.range(rows.number(1, row), rows.number(2, row), of: TextFunctions.length(text))
      return TextFunctions.substring(text, from: Int64(kept.lowerBound) + 1, count: Int64(kept.count))
    }
  }

  /// The parts of a text between marks, as a list.
  func split(_ arguments: [Vector], _ type: SQLType, _ count: Int) throws(QueryError) -> Vector {
    guard case .other(let dataType) = type else { return Vector.null(type) }
    let rows = TextRows(arguments, count: count)
    var items = ByteStrings()
    var ends: [Int32] = [0]
    for row in 0..<count {
      if rows.isValid(row) {
        for part in TextFunctions.parts(rows.text(0, row), by: rows.text(1, row)) { items.append(part) }
      }
      guard items.bytes.count < 1 << 30, let end = Int32(exactly: items.count) else {
        throw QueryError(.limit, "texts of more than 1 GiB in one batch")
      }
      ends.append(end)
    }
    let column = Column(type: .string, values: .bytes(items))
    return Vector(
      type, .other(Column(type: dataType, values: .list(offsets: ends, items: column), validity: rows.validity)),
      validity: rows.validity)
  }

  private func formatted(_ arguments: [Vector], _ type: SQLType, _ count: Int) throws(QueryError) -> Vector {
    let isWriting = self == .strftime
    let rows = TextRows([isWriting ? Vector.null(.text) : arguments[0], arguments[1]], count: count)
    var known: (written: [UInt8], format: TimeFormat)?
    func format(_ row: Int) throws(QueryError) -> TimeFormat {
      let written = rows.text(1, row)
      if let known, known.written.elementsEqual(written) { return known.format }
      let format = try TimeFormat(written)
      guard isWriting || format.isReadable else {
        throw QueryError(.notSupported, "reading of times by this format")
      }
      known = (Array(written), format)
      return format
    }
    let validity = Vector.validity(of: arguments, count: count)
    if isWriting {
      let micros = TimeFunctions.micros(arguments[0])
      let isUTC = arguments[0].type == .timestampUTC
      var result = ByteStrings()
      for row in 0..<count {
        guard validity?[row] ?? true else {
          result.append([])
          continue
        }
        result.append(try format(row).text(micros[micros.count == 1 ? 0 : row], isUTC: isUTC))
        guard result.bytes.count < 1 << 30 else { throw QueryError(.limit, "texts of more than 1 GiB in one batch") }
      }
      return Vector(.text, .bytes(result), validity: validity)
    }
    var times = [Int64](repeating: 0, count: count)
    var found = [UInt8](repeating: 1, count: count)
    for row in 0..<count where validity?[row] ?? true {
      if let time = try format(row).time(rows.text(0, row)) {
        times[row] = time
      } else {
        guard self == .try_strptime else { throw QueryError(.value, "a text that is no time of this format") }
        found[row] = 0
      }
    }
    return Vector(
      type, .ints(times), validity: Bitmap.both(validity, Bitmap(words: packFlags(found.span), count: count)))
  }
}
