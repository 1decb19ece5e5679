import Foundation
import Storage
import Testing

/// A local file that is written piece by piece.
@Suite struct NewLocalFileTests {
  private let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "new-local-file-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { directory.appending(path: name).path }
  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()) ?? [] }

  @Test func hasItsNameOnlyWhenItIsWhole() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = try NewLocalFile(path: path("a"), replaces: false)
    try await file.write([1, 2])
    #expect(!names.contains("a"))
    try await file.write([3])
    try await file.finish()
    #expect(names == ["a"])
    #expect(try Data(contentsOf: directory.appending(path: "a")) == Data([1, 2, 3]))
  }

  @Test func leavesNothingWhenGivenUp() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = try NewLocalFile(path: path("a"), replaces: false)
    try await file.write([1])
    file.discard()
    #expect(names == [])
  }

  @Test func replacesOnlyWhereItMay() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    try Data([9]).write(to: directory.appending(path: "a"))
    #expect(throws: StorageError.self) { try NewLocalFile(path: path("a"), replaces: false) }
    let file = try NewLocalFile(path: path("a"), replaces: true)
    try await file.write([1])
    #expect(try Data(contentsOf: directory.appending(path: "a")) == Data([9]))
    try await file.finish()
    #expect(try Data(contentsOf: directory.appending(path: "a")) == Data([1]))
    #expect(names == ["a"])
  }

  /// Somebody else has taken the name while the file was written: theirs stays.
  @Test func losesTheRaceForAName() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = try NewLocalFile(path: path("a"), replaces: false)
    try await file.write([1])
    try Data([9]).write(to: directory.appending(path: "a"))
    await #expect(throws: StorageError.self) { try await file.finish() }
    file.discard()
    #expect(names == ["a"])
    #expect(try Data(contentsOf: directory.appending(path: "a")) == Data([9]))
  }

  @Test func needsADirectoryAndAName() {
    #expect(throws: StorageError.self) { try NewLocalFile(path: path("no/a"), replaces: false) }
    #expect(throws: StorageError.self) { try NewLocalFile(path: directory.path, replaces: true) }
    try? FileManager.default.removeItem(at: directory)
  }
}
