public import Vitals

/// One value of a recorded row.
public enum RecordedValue: Sendable, Hashable {
  /// No value.
  case missing
  /// A number.
  case number(Double)
  /// Text, which may spell a number.
  case text(String)
  /// True or false.
  case flag(Bool)
  /// A point in time, in milliseconds since 1970 UTC.
  case instant(Int64)
}

/// The fields of a reading that a column can be mapped to.
public enum ReadingField: String, Sendable, CaseIterable {
  case patientID = "patient_id"
  case eventTime = "event_time"
  case heartRate = "heart_rate"
  case spo2
  case systolicBP = "systolic_bp"
  case diastolicBP = "diastolic_bp"
  case respiratoryRate = "respiratory_rate"
  case temperature
  case consciousness
  case supplementalOxygen = "supplemental_oxygen"
  case deviceID = "device_id"

  /// The measured vitals, for which 0 may stand for no value, and where they are kept.
  static let vitals: [(field: ReadingField, path: any WritableKeyPath<Reading, Double?> & Sendable)] = [
    (.heartRate, \.heartRate), (.spo2, \.spo2), (.systolicBP, \.systolicBP), (.diastolicBP, \.diastolicBP),
    (.respiratoryRate, \.respiratoryRate), (.temperature, \.temperature),
  ]
}

/// One column and the field that it fills.
public struct ColumnMapping: Sendable, Hashable {
  /// The column's name in the recording.
  public var column: String
  /// The field of the reading.
  public var field: ReadingField

  /// Pairs a column with a field.
  public init(column: String, field: ReadingField) {
    self.column = column
    self.field = field
  }
}

/// How the rows of a recording become readings.
public struct ReplayRules: Sendable {
  /// Columns and the fields that they fill; a column that bears a field's name needs no entry. Where several fill one
  /// field, each counts in those rows where the ones before it have no value: the cuff where the arterial line is not
  /// connected.
  public var mappings: [ColumnMapping] = []
  /// Columns or fields in which 0 means that no value was measured; nil for all vitals.
  public var zeroIsMissing: Set<String>?
  /// The column of the time; nil for the one mapped to, or named, `event_time`.
  public var timeColumn: String?
  /// The unit of a numeric time; nil for the one that the column's name tells, else milliseconds.
  public var timeUnit: RecordedTimeUnit?
  /// The patient of rows that name none.
  public var patientID = "P00001"

  /// The rules of a recording whose columns bear the fields' names.
  public init() {}
}

/// Turns rows into readings under the rules; pure.
public struct ReplayMapping: Sendable {
  private let sources: [ReadingField: [Int]]
  private let zeroIsMissing: Set<Int>
  private let columns: [String]
  private let rules: ReplayRules
  private let timeUnit: RecordedTimeUnit

  /// The positions of the columns that are looked at, ascending.
  public let usedColumns: [Int]

  /// Finds the columns.
  ///
  /// - Throws: a column that the recording does not have, no time or two, no vital.
  public init(columns: [String], rules: ReplayRules) throws(ReplayError) {
    func position(_ name: String) throws(ReplayError) -> Int {
      guard let index = columns.firstIndex(of: name) else {
        throw ReplayError("there is no column \(name) – the recording has \(columns.joined(separator: ", "))")
      }
      return index
    }
    var sources: [ReadingField: [Int]] = [:]
    if let name = rules.timeColumn { sources[.eventTime] = [try position(name)] }
    for mapping in rules.mappings {
      guard mapping.field != .eventTime || sources[.eventTime] == nil else {
        throw ReplayError("two columns are mapped to \(mapping.field.rawValue)")
      }
      sources[mapping.field, default: []].append(try position(mapping.column))
    }
    for field in ReadingField.allCases where sources[field] == nil {
      if let index = columns.firstIndex(of: field.rawValue) { sources[field] = [index] }
    }
    guard let timeColumn = sources[.eventTime]?.first else {
      throw ReplayError("no column gives the time – name it with --time-column")
    }
    guard ReadingField.vitals.contains(where: { sources[$0.field] != nil }) else {
      throw ReplayError("no column gives a vital – map some with --map COLUMN=FIELD")
    }
    self.sources = sources
    self.columns = columns
    self.rules = rules
    timeUnit = rules.timeUnit ?? RecordedTimeUnit(columnName: columns[timeColumn]) ?? .milliseconds
    zeroIsMissing = try Self.zeroColumns(rules, columns, sources)
    usedColumns = Set(sources.values.joined()).sorted()
  }

  /// The columns in which 0 means missing, from names of columns and of fields.
  private static func zeroColumns(
    _ rules: ReplayRules, _ columns: [String], _ sources: [ReadingField: [Int]]
  ) throws(ReplayError) -> Set<Int> {
    guard let names = rules.zeroIsMissing else {
      return Set(ReadingField.vitals.flatMap { sources[$0.field] ?? [] })
    }
    var result: Set<Int> = []
    for name in names {
      if let index = columns.firstIndex(of: name) {
        result.insert(index)
      } else if let field = ReadingField(rawValue: name) {
        result.formUnion(sources[field] ?? [])
      } else {
        throw ReplayError("there is no column or field \(name) in which zero could mean missing")
      }
    }
    return result
  }

  /// The reading of one row; its event time is the recording's own. Nil where no vital was measured.
  ///
  /// - Throws: a value that is not what its field needs, by column name.
  public func reading(line: Int, _ value: (Int) -> RecordedValue) throws(ReplayError) -> Reading? {
    var reading = Reading(patientID: rules.patientID, eventTimeMillis: 0)
    for (field, path) in ReadingField.vitals { reading[keyPath: path] = try number(field, line, value) }
    guard reading.hasVital else { return nil }
    reading.eventTimeMillis = try time(line, value)
    if let text = text(.patientID, value) { reading.patientID = text }
    reading.deviceID = text(.deviceID, value)
    if let symbol = text(.consciousness, value) {
      guard let level = Consciousness(symbol: symbol) else { throw unfit(.consciousness, "one of A, C, V, P, U", line) }
      reading.consciousness = level
    }
    reading.supplementalOxygen = try flag(line, value)
    return reading
  }

  private func number(
    _ field: ReadingField, _ line: Int, _ value: (Int) -> RecordedValue
  ) throws(ReplayError) -> Double? {
    for index in sources[field] ?? [] {
      let number: Double
      switch value(index) {
      case .missing: continue
      case .number(let found): number = found
      case .text(let text):
        if Self.isMissing(text) { continue }
        guard let found = Double(Self.trimmed(text)) else { throw unfit(index, "a number", line) }
        number = found
      case .flag, .instant: throw unfit(index, "a number", line)
      }
      if number.isNaN || (number == 0 && zeroIsMissing.contains(index)) { continue }
      guard number.isFinite else { throw unfit(index, "a finite number", line) }
      return number
    }
    return nil
  }

  private func time(_ line: Int, _ value: (Int) -> RecordedValue) throws(ReplayError) -> Int64 {
    let index = sources[.eventTime]?.first ?? 0
    let millis: Int64? =
      switch value(index) {
      case .instant(let millis): millis
      case .number(let number): timeUnit.millis(number)
      case .text(let text): timeUnit.millis(text: Self.trimmed(text))
      case .missing, .flag: nil
      }
    guard let millis else { throw unfit(index, "a time in \(timeUnit.rawValue)", line) }
    return millis
  }

  private func text(_ field: ReadingField, _ value: (Int) -> RecordedValue) -> String? {
    for index in sources[field] ?? [] {
      switch value(index) {
      case .text(let text) where !Self.isMissing(text): return text
      case .number(let number): return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
      default: continue
      }
    }
    return nil
  }

  private func flag(_ line: Int, _ value: (Int) -> RecordedValue) throws(ReplayError) -> Bool? {
    for index in sources[.supplementalOxygen] ?? [] {
      switch value(index) {
      case .missing: continue
      case .flag(let flag): return flag
      case .number(let number) where number == 0 || number == 1: return number == 1
      case .text(let text) where Self.isMissing(text): continue
      case .text("true"), .text("1"): return true
      case .text("false"), .text("0"): return false
      default: throw unfit(index, "true or false", line)
      }
    }
    return nil
  }

  private func unfit(_ index: Int, _ wanted: String, _ line: Int) -> ReplayError {
    ReplayError("column \(columns[index]) is not \(wanted)", line: line)
  }

  private func unfit(_ field: ReadingField, _ wanted: String, _ line: Int) -> ReplayError {
    unfit(sources[field]?.first ?? 0, wanted, line)
  }

  private static func isMissing(_ text: String) -> Bool {
    ["", "NA", "N/A", "NaN", "nan", "null", "NULL"].contains(trimmed(text))
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
