public import Columnar

/// Readings of many patients in memory, 37 bytes each, in whatever order they come.
public struct ReadingStore: Sendable {
  /// Rows that are kept together: an array that grew beyond would need twice its memory for a moment.
  private struct Chunk: Sendable {
    var patients: [UInt32] = []
    var times: [Int64] = []
    var vitals = [[Float]](repeating: [], count: Vital.allCases.count)
    var states: [ReadingState] = []
  }

  /// Why rows cannot be kept.
  public enum Refusal: Error, Hashable {
    /// A column is missing or of another type than its values should be.
    case column(String)
    /// There are more readings than the limit.
    case tooMany(limit: Int)
  }

  private static let chunkRows = 1 << 16
  private let limit: Int
  private var chunks: [Chunk] = []
  private var numbers: [ArraySlice<UInt8>: UInt32] = [:]
  private var names: [[UInt8]] = []

  /// How many readings there are, and how many were left aside for want of a patient or of a time within
  /// 100,000 years.
  public private(set) var count = 0, incomplete = 0
  /// How many patients there are.
  public var patientCount: Int { numbers.count }

  /// - Parameter limit: the most readings.
  public init(limit: Int = 20_000_000) { self.limit = min(limit, Int(UInt32.max)) }

  /// Adds rows: `patient_id` as text, `event_time` as a timestamp, doubles for vitals, `consciousness` as text,
  /// `supplemental_oxygen` as a flag. Columns other than the first two may be missing.
  public mutating func append(_ batch: RecordBatch) throws(Refusal) {
    guard let patients = batch.column("patient_id"), let ids = Texts(patients) else { throw .column("patient_id") }
    guard let timeColumn = batch.column("event_time"), case .int64(let times) = timeColumn.values,
      case .timestamp(let unit, _) = timeColumn.type
    else { throw .column("event_time") }
    guard batch.rowCount <= limit - count else { throw .tooMany(limit: limit) }
    var vitals: [Numbers?] = []
    for vital in Vital.allCases { vitals.append(try Self.numbers(batch.column(vital.column), vital.column)) }
    let alert = try Self.texts(batch.column("consciousness"))
    let oxygen = try Self.flags(batch.column("supplemental_oxygen"))
    let perMilli = unit.perSecond / 1_000
    var (rows, whose, when) = ([Int](), [UInt32](), [Int64]())
    // Each text is looked up once, however many rows have it.
    var known = [UInt32?](repeating: nil, count: ids.codes == nil ? 0 : ids.texts.count)
    for row in 0..<batch.rowCount {
      let time = Self.floor(times[row], by: perMilli)
      guard ids.isValid(row), timeColumn.isValid(row), PatientSeries.knownTimes.contains(time) else {
        incomplete += 1
        continue
      }
      rows.append(row)
      if let code = ids.codes?[row] {
        let patient = known[Int(code)] ?? number(ids.texts[Int(code)])
        known[Int(code)] = patient
        whose.append(patient)
      } else {
        whose.append(number(ids.texts[row]))
      }
      when.append(time)
    }
    count += rows.count
    var start = 0
    while start < rows.count {
      if (chunks.last?.times.count ?? Self.chunkRows) >= Self.chunkRows { chunks.append(Chunk()) }
      let last = chunks.count - 1
      let end = min(rows.count, start + Self.chunkRows - chunks[last].times.count)
      chunks[last].patients += whose[start..<end]
      chunks[last].times += when[start..<end]
      for (place, vital) in vitals.enumerated() {
        Self.append(vital, rows[start..<end], to: &chunks[last].vitals[place])
      }
      for row in rows[start..<end] {
        chunks[last].states.append(ReadingState(isAlert: alert(row), hasOxygen: oxygen(row)))
      }
      start = end
    }
  }

  /// Adds a vital of some rows, NaN where it is missing.
  private static func append(_ vital: Numbers?, _ rows: ArraySlice<Int>, to target: inout [Float]) {
    guard let (values, validity) = vital else {
      return target.append(contentsOf: repeatElement(.nan, count: rows.count))
    }
    for row in rows {
      let value = Float(values[row])
      target.append((validity?[row] ?? true) && value.isFinite ? value : .nan)
    }
  }

  private mutating func number(_ id: ArraySlice<UInt8>) -> UInt32 {
    if let known = numbers[id] { return known }
    let number = UInt32(numbers.count)
    // A copy, lest the whole batch stay in memory with it.
    names.append(Array(id))
    numbers[names[names.count - 1][...]] = number
    return number
  }

  private static func floor(_ time: Int64, by unit: Int64) -> Int64 {
    time / unit - (time % unit < 0 ? 1 : 0)
  }

  private typealias Numbers = (values: [Double], validity: Bitmap?)

  private static func numbers(_ column: Column?, _ name: String) throws(Refusal) -> Numbers? {
    guard let column = column?.withoutDictionary() else { return nil }
    guard case .double(let values) = column.values else { throw .column(name) }
    return (values, column.validity)
  }

  /// Whether a row's text is `A`.
  private static func texts(_ column: Column?) throws(Refusal) -> (Int) -> Bool? {
    guard let column else { return { _ in nil } }
    guard let texts = Texts(column) else { throw .column("consciousness") }
    return { row in
      guard texts.isValid(row) else { return nil }
      let text = texts.texts[texts.codes.map { Int($0[row]) } ?? row]
      return text.count == 1 && text.first == UInt8(ascii: "A")
    }
  }

  private static func flags(_ column: Column?) throws(Refusal) -> (Int) -> Bool? {
    guard let column else { return { _ in nil } }
    guard case .boolean(let flags) = column.values else { throw .column("supplemental_oxygen") }
    return { column.isValid($0) ? flags[$0] : nil }
  }

  /// A column of texts, or of codes of texts.
  private struct Texts {
    var texts: ByteStrings
    var codes: [Int32]?
    private var validity: Bitmap?

    /// `nil` where it is another column.
    init?(_ column: Column) {
      validity = column.validity
      switch column.values {
      case .bytes(let texts): self.texts = texts
      case .dictionary(let codes, let values):
        guard case .bytes(let texts) = values.withoutDictionary() else { return nil }
        (self.texts, self.codes) = (texts, codes)
      default: return nil
      }
    }

    func isValid(_ row: Int) -> Bool { validity?[row] ?? true }
  }

  /// Which rows are whose, patient by patient.
  public struct Patients: Sendable {
    fileprivate var starts: [Int]
    fileprivate var order: [UInt32]

    /// The number of patients.
    public var count: Int { starts.count - 1 }
  }

  /// Finds which rows are whose; the patients are numbered in the order in which they were met.
  public func patients() -> Patients {
    var starts = [Int](repeating: 0, count: patientCount + 1)
    for chunk in chunks { for patient in chunk.patients { starts[Int(patient) + 1] += 1 } }
    for patient in 0..<patientCount { starts[patient + 1] += starts[patient] }
    var places = starts
    var order = [UInt32](repeating: 0, count: count)
    for (number, chunk) in chunks.enumerated() {
      for (row, patient) in chunk.patients.enumerated() {
        order[places[Int(patient)]] = UInt32(number * Self.chunkRows + row)
        places[Int(patient)] += 1
      }
    }
    return Patients(starts: starts, order: order)
  }

  /// A patient's readings in the order of time; of two readings of one moment the later row counts last.
  ///
  /// - Precondition: no rows were added since the patients were found.
  public func series(of patient: Int, _ patients: Patients) -> PatientSeries {
    series(patients.order[patients.starts[patient]..<patients.starts[patient + 1]].map { Int($0) })
  }

  /// The patient's name in the table.
  public func name(of patient: Int) -> String { String(decoding: names[patient], as: UTF8.self) }

  private func series(_ rows: [Int]) -> PatientSeries {
    func time(_ row: Int) -> Int64 { chunks[row / Self.chunkRows].times[row % Self.chunkRows] }
    // Tables are nearly in the order of time; where they are, nothing is sorted.
    let isSorted = zip(rows, rows.dropFirst()).allSatisfy { time($0) <= time($1) }
    let rows = isSorted ? rows : rows.sorted { (time($0), $0) < (time($1), $1) }
    var series = PatientSeries()
    series.times.reserveCapacity(rows.count)
    series.states.reserveCapacity(rows.count)
    for row in rows {
      let (chunk, place) = (row / Self.chunkRows, row % Self.chunkRows)
      series.times.append(chunks[chunk].times[place])
      series.states.append(chunks[chunk].states[place])
    }
    for vital in series.vitals.indices {
      series.vitals[vital].reserveCapacity(rows.count)
      for row in rows {
        series.vitals[vital].append(chunks[row / Self.chunkRows].vitals[vital][row % Self.chunkRows])
      }
    }
    return series
  }
}
