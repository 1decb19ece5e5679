import Foundation
import Testing

/// What tests of `vitals-train` share: a folder with a schema and a table, and what is asked of it.
protocol TrainingFolder {
  var folder: TemporaryFolder { get }
}

extension TrainingFolder {
  func train(_ arguments: [String]) throws -> CommandRun {
    try CommandRun.run("vitals-train", arguments, in: folder.root)
  }

  func fit(_ more: [String]) throws -> CommandRun {
    try train(["--data", "data.csv", "--schema", "schema.json", "--trees", "20", "--cv", "3x1"] + more)
  }

  /// A file of JSON.
  func object(_ path: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url(path))) as? [String: Any])
  }

  func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.url(path)), as: UTF8.self)
  }
}
