import Foundation
import Testing

@testable import Storage

@Suite("Scratch files")
struct ScratchFileTests {
  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "scratch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test("bytes come back as they went, and no name is ever there")
  func roundTrip() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try ScratchFile(in: folder.path)
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for start in stride(from: 0, to: bytes.count, by: 9_999) {
      try file.append(Array(bytes[start..<min(start + 9_999, bytes.count)]))
    }
    try file.append([])
    #expect(file.size == 100_000)
    #expect(try await file.read(0..<100_000) == bytes)
    #expect(try await file.read(99_990..<100_000) == Array(bytes.suffix(10)))
    #expect(try await file.read(7..<7).isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    let error = await #expect(throws: StorageError.self) { try await file.read(0..<100_001) }
    #expect(error?.code == .truncated)
  }

  @Test("a directory that is not there")
  func noDirectory() {
    #expect(throws: StorageError.self) { try ScratchFile(in: "/no/such/directory") }
  }

  @Test("a store takes one in as it takes bytes", arguments: [0, 1, 5 << 20])
  func stores(size: Int) async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try ScratchFile(in: folder.path)
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 131) }
    try file.append(bytes)
    let stores: [any FileStore] = [LocalFileStore(root: folder.path), MemoryFileStore()]
    for store in stores {
      #expect(try await store.create("a/b", file) == .created)
      #expect(try await store.read("a/b", limit: 1 << 30) == bytes)
      #expect(try await store.create("a/b", file) == .alreadyExists)
    }
    #expect(try await stores[0].list("_landing/\(LocalFileStore.hostName)").isEmpty)
  }
}
