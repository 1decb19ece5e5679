public import Columnar
import Delta
public import Storage

/// The files that a location stands for, and what is known of their columns before any is opened.
public struct InputTable: Sendable {
  /// The files, sorted by path.
  public var files: [InputFile]
  /// The columns that a Delta table declares, partition columns among them; `nil` for files without a table.
  public var schema: Schema?
  /// Those of the table's columns whose values stand in its log and not in the files.
  public var partitionColumns: Set<String> = []

  /// Takes files that no table binds together.
  public init(files: [InputFile]) {
    self.files = files
  }

  /// The files of a Delta table at one version.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/dataError`` for a path in the log that leads out of the table.
  init(_ snapshot: Snapshot, store: any FileStore, prefix: String) throws(CommandError) {
    files = []
    schema = snapshot.schema
    partitionColumns = Set(snapshot.partitionColumns)
    for file in snapshot.files {
      guard let path = PathText.decode(file.path) else {
        throw CommandError("\(prefix)_delta_log: the path of a file leads out of the table", exit: .dataError)
      }
      let values = snapshot.partitionColumns.map { column in
        // In Delta an empty text means null.
        PartitionValue(column: column, text: file.partitionValues[column]?.flatMap { $0.isEmpty ? nil : $0 })
      }
      var input = InputFile(name: prefix + path, store: store, path: path, partitionValues: values)
      input.statistics = file.stats
      files.append(input)
    }
  }
}

/// One Parquet file that a location stands for.
public struct InputFile: Sendable {
  /// The name for messages and reports, in the user's terms.
  public var name: String
  /// The values of its partition columns: names and texts, `nil` for null; they are not in the file itself.
  public var partitionValues: [PartitionValue]
  /// What the table's log says of its values, where it does: the protocol's per-file statistics.
  public var statistics: String?
  /// The store that holds it, and the path in it; or the bytes, for standard input.
  private let source: Source

  private enum Source: Sendable {
    case file(any FileStore, path: String)
    case bytes(BytesSource)
  }

  /// Makes a file of a store.
  public init(name: String, store: any FileStore, path: String, partitionValues: [PartitionValue] = []) {
    self.name = name
    self.partitionValues = partitionValues
    source = .file(store, path: path)
  }

  /// Makes a file of bytes at hand.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    partitionValues = []
    source = .bytes(BytesSource(bytes, name: name))
  }

  /// Opens the file for ranged reads.
  public func open() async throws(StorageError) -> any RandomAccess {
    switch source {
    case .file(let store, let path): NamedSource(name: name, base: try await store.open(path))
    case .bytes(let bytes): bytes
    }
  }
}

/// A file under the name that the user gave, so that messages speak of it.
private struct NamedSource: RandomAccess {
  let name: String
  let base: any RandomAccess

  var size: Int64 { base.size }

  func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] { try await base.read(range) }
}

/// The value of a partition column for all rows of a file.
public struct PartitionValue: Hashable, Sendable {
  /// The column.
  public var column: String
  /// The value as text; `nil` for null.
  public var text: String?

  /// Makes a value.
  public init(column: String, text: String?) {
    self.column = column
    self.text = text
  }

  /// Reads a directory's name in Hive's form, `column=value` with percent escapes; `nil` for any other name.
  public init?(directory name: some StringProtocol) {
    guard let equals = name.firstIndex(of: "="), equals > name.startIndex else { return nil }
    column = PartitionValue.unescaped(name[..<equals])
    let value = PartitionValue.unescaped(name[name.index(after: equals)...])
    text = value.isEmpty || value == "__HIVE_DEFAULT_PARTITION__" ? nil : value
  }

  /// Text with `%XX` made bytes again; an escape without its digits stands for itself.
  private static func unescaped(_ text: some StringProtocol) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        result.append(value)
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
