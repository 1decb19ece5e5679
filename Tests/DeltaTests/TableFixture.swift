import Columnar
import Storage

@testable import Delta

/// Tables in memory whose files are names only.
enum TableFixture {
  static let schema = Schema([Field("a", .int(bits: 64)), Field("date", .date)])

  static func make(_ store: MemoryFileStore, settings: [String: String] = [:]) async throws -> DeltaTable {
    try await .openOrCreate(
      store: store, schema: schema, partitionColumns: ["date"], engine: "test", configuration: settings)
  }

  /// A file as it stands in the log.
  static func file(_ name: String, day: Int = 1) -> AddFile {
    AddFile(
      path: "date=2026-01-0\(day)/\(name).parquet", partitionValues: ["date": "2026-01-0\(day)"], size: 3,
      modificationTime: 1, stats: #"{"numRecords":1}"#, tags: ["kafka.start": "\(name)", "empty": nil])
  }

  static func append(_ file: AddFile, token: String = CommitRequest.freshToken()) -> CommitRequest {
    CommitRequest(operation: "WRITE", engine: "test", token: token) { _ in [.add(file)] }
  }

  static func remove(_ file: AddFile, at time: Int64, dataChange: Bool = true) -> CommitRequest {
    CommitRequest(operation: "DELETE", engine: "test", isBlindAppend: false) { _ in
      [.remove(RemoveFile(file, at: time, dataChange: dataChange))]
    }
  }

  /// A table of so many appends, one a version.
  static func table(
    _ store: MemoryFileStore, commits: Int, settings: [String: String] = [:]
  ) async throws -> DeltaTable {
    var table = try await make(store, settings: settings)
    for number in 1...max(1, commits) where number <= commits {
      try await table.commit(append(file("f\(number)")))
    }
    return table
  }

  /// The paths of all adds in the log, as often as they stand there, version by version from 0.
  static func addedPaths(_ store: MemoryFileStore) async throws -> [[String]] {
    var versions: [[String]] = []
    let reader = LogReader(store: store)
    while let actions = try await reader.entry(Int64(versions.count)) {
      versions.append(actions.compactMap { if case .add(let file) = $0 { file.path } else { nil } })
    }
    return versions
  }
}

/// A generator whose numbers depend on its seed alone.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
