/// The application that wrote a file, as far as its known faults matter.
///
/// `created_by` has the form `parquet-mr version 1.8.0 (build 0fda28af84b9746396014ad6a415b90592a98b3b)`.
struct WriterVersion: Hashable {
  var application: String
  var numbers: [Int]

  /// Reads the text; `nil` where it has another form.
  init?(_ createdBy: String?) {
    guard let createdBy else { return nil }
    let words = createdBy.split(separator: " ")
    guard words.count >= 3, words[1] == "version" else { return nil }
    application = String(words[0])
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
