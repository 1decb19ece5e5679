internal import Columnar
internal import Kernels

/// Lays rows aside by the hashes of their keys, so that equal keys lie in one file. Behind the columns of each row goes
/// its place in the order of all.
struct PartitioningSink: Sink {
  static let partitions = 16
  /// How often what does not fit is divided further.
  static let mostLevels = 4

  private let keys: [Expression]
  private let level: Int
  private let files: [SpillFile]
  /// Whether the places are the last column of what comes.
  private let hasPlaces: Bool

  /// - Parameter files: as many as there are partitions; sinks of several threads share them.
  init(_ keys: [Expression], level: Int, _ files: [SpillFile], hasPlaces: Bool) {
    self.keys = keys
    self.level = level
    self.files = files
    self.hasPlaces = hasPlaces
  }

  /// Files for rows of these types and their places.
  static func files(_ types: [SQLType], _ options: QueryOptions) throws -> [SpillFile] {
    try (0..<partitions).map { _ in try SpillFile(types + [.int64], in: options.temporaryDirectory) }
  }

  func consume(_ batch: Batch, order: UInt64) throws(QueryError) {
    var hashes = [UInt64](repeating: 0, count: batch.count)
    for key in keys {
      let vector = try key.evaluate(batch).expanded(to: batch.count)
      var own = ValueHashes.of(vector)
      if let validity = vector.validity {
        own = zipElements(own, unpackFlags(validity.words.span, count: batch.count), count: batch.count) {
          $1 == 0 ? 0 : $0
        }
      }
      hashes = zipElements(hashes, own, count: batch.count) { ValueHashes.mixed($0 ^ $1) }
    }
    var rows = [[UInt32]](repeating: [], count: Self.partitions)
    let shift = UInt64(4 * level)
    for (row, hash) in hashes.enumerated() { rows[Int(hash >> shift & 15)].append(UInt32(row)) }
    var all = batch
    if !hasPlaces {
      let first = Int64(bitPattern: order << 20)
      all.columns.append(Vector(.int64, .ints((0..<Int64(batch.count)).map { first + $0 })))
    }
    for (file, own) in zip(files, rows) where !own.isEmpty { try file.append(all.taking(own)) }
  }
}
