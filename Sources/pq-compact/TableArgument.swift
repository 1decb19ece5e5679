import ArgumentParser
import CommandSupport
import Maintenance
import Storage

/// Which table is meant.
struct TableArgument: ParsableArguments {
  @Argument(help: "The table: a directory or webhdfs:// URL.")
  var table: String
}

/// Runs work on a table's store until it ends or a signal ends it.
///
/// - Parameter rewrites: whether the work puts other files in the place of the table's, which a spool forbids.
func runOnTable(
  _ location: String, _ common: CommonOptions, rewrites: Bool = false,
  _ work: @escaping @Sendable (any FileStore) async throws -> Void
) async throws {
  common.bootstrapLogging()
  if rewrites { shareOneHeap() }
  try await runCommand("pq-compact", translate: translate) {
    let (place, settings) = (try Location(parsing: location), try await Settings.load())
    let store = try place.fileStore(settings)
    if rewrites, let rows = try place.sibling(withoutSuffix: Spools.deadLetterSuffix)?.fileStore(settings) {
      try await Spools.refuseDeadLetters(besideRowsIn: rows)
    }
    try await withShutdownSignals { try await work(store) }
  }
}

/// What the care of a table fails with.
private func translate(_ error: any Error) -> CommandError? {
  guard let error = error as? MaintenanceError else { return nil }
  return switch error.code {
  case .file, .rowsDiffer: CommandError(error.message, exit: .dataError)
  case .refused: CommandError(error.message, exit: .usage)
  case .table: nil
  }
}

/// Who changes the table, for its log.
let engine = "vitals-lake/\(ProductVersion.current)"
