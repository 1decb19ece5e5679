/// The application that wrote a file, as far as its known faults matter.
///
/// `created_by` has the form `parquet-mr version 1.8.0 (build 0fda28af84b9746396014ad6a415b90592a98b3b)`; the oldest
/// files name the application alone.
struct WriterVersion: Hashable {
  var application: String
  var numbers: [Int]

  /// Reads the text; `nil` where there is none.
  init?(_ createdBy: String?) {
    let words = (createdBy ?? "").split(separator: " ")
    guard let first = words.first else { return nil }
    application = String(first)
    guard words.count >= 3, words[1] == "version" else {
      numbers = []
      return
    }
    numbers = words[2].prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
  }

  /// Whether the version comes before another.
  func isBefore(_ other: [Int]) -> Bool { numbers.lexicographicallyPrecedes(other) }
}

extension ParquetMetadata {
  /// Whether the header of the dictionary page is missing from the size of a chunk (PARQUET-816).
  var omitsDictionaryHeaders: Bool {
    guard let writer = WriterVersion(createdBy), writer.application == "parquet-mr" else { return false }
    return writer.isBefore([1, 2, 9])
  }
}
