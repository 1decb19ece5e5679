import ArgumentParser
import CommandSupport
import FoundationEssentials
import Simulator

/// Which recording is replayed, and how its columns are read.
struct ReplayOptions: ParsableArguments {
  @Option(
    name: .customLong("replay"),
    help: ArgumentHelp("Send this recording (CSV or Parquet; any location) instead of simulating.", valueName: "file"))
  var path: String?

  @Option(help: "How many times faster than life; 0: as fast as it goes.")
  var speed = 1.0

  @Option(
    help: ArgumentHelp(
      """
      A column and the field that it fills; may be repeated. A second column of one field counts where the first has \
      no value.
      """, valueName: "column=field"), transform: Self.mapping)
  var map: [ColumnMapping] = []

  @Option(
    help: ArgumentHelp(
      "Columns or fields in which 0 means that nothing was measured, or 'none'. (default: all vitals)", valueName: "a,b"
    ))
  var zeroIsMissing: String?

  @Option(help: ArgumentHelp("The column of the time. (default: event_time)", valueName: "column"))
  var timeColumn: String?

  @Option(
    help: ArgumentHelp(
      "What the time counts in: ns, us, ms, s, min, h, or iso. (default: what its column is named after, else ms)",
      valueName: "unit"), transform: Self.unit)
  var timeUnit: RecordedTimeUnit?

  @Option(help: "The patient of a recording that names none.")
  var patientID = "P00001"

  func validate() throws {
    guard (0...1e9).contains(speed) else { throw ValidationError("--speed is 0 or more") }
    guard (1...256).contains(patientID.utf8.count) else { throw ValidationError("--patient-id is 1 to 256 bytes long") }
  }

  /// The recording as a source of readings, read once to its end and found sound; nil where none was asked for.
  func source(_ settings: Settings, start: StartTime?, count: Int?) async throws -> (any ReadingSource)? {
    guard let path else { return nil }
    let files = try await Location(parsing: path).input(settings).files
    var rules = ReplayRules()
    rules.mappings = map
    rules.zeroIsMissing = zeroIsMissing.map { names in
      names == "none" ? [] : Set(names.split(separator: ",").map(String.init))
    }
    (rules.timeColumn, rules.timeUnit, rules.patientID) = (timeColumn, timeUnit, patientID)
    let recording = Recording(files: files, rules: rules)
    let span = try await recording.span()
    return ReplaySource(recording, span: span, shift: shift(of: span, start: start), speed: speed)
  }

  /// What to add to the recorded times: by default a recording played faster than life ends now, another one
  /// begins now.
  private func shift(of span: ClosedRange<Int64>, start: StartTime?) -> Int64 {
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    switch start {
    case .recorded: return 0
    case .millis(let millis): return millis - span.lowerBound
    case nil: return now - (speed == 0 || speed > 1 ? span.upperBound : span.lowerBound)
    }
  }

  private static func mapping(_ argument: String) throws -> ColumnMapping {
    guard let sign = argument.lastIndex(of: "="), sign != argument.startIndex else {
      throw ValidationError("'\(argument)' is not column=field")
    }
    guard let field = ReadingField(rawValue: String(argument[argument.index(after: sign)...])) else {
      let known = ReadingField.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(argument)' names no field of a reading; the fields are \(known)")
    }
    return ColumnMapping(column: String(argument[..<sign]), field: field)
  }

  private static func unit(_ argument: String) throws -> RecordedTimeUnit {
    guard let unit = RecordedTimeUnit(rawValue: argument) else {
      throw ValidationError(
        "'\(argument)' is no unit of time: use \(RecordedTimeUnit.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return unit
  }
}
