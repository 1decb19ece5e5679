public import ArgumentParser
public import Delta

/// How a time is given.
private let timeForm = "YYYY-MM-DDTHH:MM:SSZ"

/// The options that choose a version of a Delta table.
public struct VersionOptions: ParsableArguments {
  /// The version's number.
  @Option(help: ArgumentHelp("A Delta table as it was at this version.", valueName: "number"))
  public var tableVersion: Int64?

  /// A point in time.
  @Option(help: ArgumentHelp("A Delta table as it was at this time, by its log.", valueName: timeForm))
  public var asOf: String?

  /// No version asked for.
  public init() {}

  /// Refuses both at once, and a negative version.
  public func validate() throws {
    if tableVersion != nil, asOf != nil {
      throw ValidationError("Only one of --table-version and --as-of can be given.")
    }
    if let tableVersion, tableVersion < 0 { throw ValidationError("--table-version must not be negative.") }
  }

  /// The version asked for.
  ///
  /// - Throws: ``CommandError`` where the time cannot be read.
  public func version() throws(CommandError) -> TableVersion {
    if let tableVersion { return .version(tableVersion) }
    guard let asOf else { return .newest }
    return .timestamp(try CommandText.instant(asOf, option: "--as-of"))
  }
}
