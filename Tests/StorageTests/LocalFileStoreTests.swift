import Foundation
import Testing

@testable import Storage

@Suite struct LocalFileStoreTests {
  private func withDirectory(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("vitals-lake-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }

  private func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func privateStoresAreForTheOwnerAlone() async throws {
    try await withDirectory { (path) async throws in
      let store = LocalFileStore(root: "\(path)/a/b/", isPrivate: true)
      #expect(store.root == "\(path)/a/b")
      #expect(try await store.create("d/f", [1]) == .created)
      #expect(try mode("\(path)/a/b/d/f") == 0o600)
      #expect(try mode("\(path)/a/b/d") == 0o700)
      #expect(try mode("\(path)/a") == 0o700)
    }
  }

  @Test func noTemporaryFilesAreLeft() async throws {
    try await withDirectory { (path) async throws in
      let store = LocalFileStore(root: path)
      _ = try await store.create("f", [1])
      _ = try await store.create("f", [2])
      #expect(try await store.list("_landing/\(LocalFileStore.hostName)") == [])
    }
  }

  @Test func abandonedTemporariesAreRemovedAndLockedOnesStay() async throws {
    try await withDirectory { (path) async throws in
      let store = LocalFileStore(root: path)
      let landing = "\(path)/_landing/\(LocalFileStore.hostName)"
      try FileManager.default.createDirectory(atPath: landing, withIntermediateDirectories: true)
      for name in ["dead.tmp", "alive.tmp", "other"] {
        try Data([1]).write(to: URL(fileURLWithPath: "\(landing)/\(name)"))
      }
      let alive = open("\(landing)/alive.tmp", O_RDWR)
      defer { close(alive) }
      #expect(flock(alive, LOCK_EX) == 0)
      #expect(try await store.removeAbandonedTemporaries() == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: landing).sorted() == ["alive.tmp", "other"])
    }
  }

  @Test func symbolicLinksAreRemovedNotFollowed() async throws {
    try await withDirectory { (path) async throws in
      let store = LocalFileStore(root: "\(path)/store")
      _ = try await store.create("d/f", [1])
      try Data([1]).write(to: URL(fileURLWithPath: "\(path)/outside"))
      try FileManager.default.createSymbolicLink(atPath: "\(path)/store/d/link", withDestinationPath: path)
      try await store.delete("d")
      #expect(FileManager.default.fileExists(atPath: "\(path)/outside"))
      #expect(!FileManager.default.fileExists(atPath: "\(path)/store/d"))
    }
  }

  @Test(arguments: [
    (ENOSPC, StorageError.Code.outOfSpace), (EDQUOT, .outOfSpace), (EACCES, .permissionDenied),
    (EROFS, .permissionDenied), (ENOENT, .notFound), (ENOTDIR, .wrongKind), (EMFILE, .unavailable), (EIO, .failed),
    (ENAMETOOLONG, .invalidPath),
  ])
  func systemErrorsHaveTheirCodes(number: Int32, code: StorageError.Code) {
    let error = StorageError.posix(number, path: "/a", doing: "write")
    #expect(error.code == code)
    #expect(error.message.hasPrefix("cannot write: "))
  }

  @Test(.enabled(if: SmallDisk.isPossible, "a file system of one mebibyte can only be mounted by root"))
  func aFullDiskIsOutOfSpaceAndLeavesNothing() async throws {
    try await withDirectory { (path) async throws in
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try #require(mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0)
      defer { umount(path) }
      let store = LocalFileStore(root: path)
      _ = try await store.create("small", [1])
      do {
        _ = try await store.create("big", [UInt8](repeating: 1, count: 2 << 20))
        Issue.record("two mebibytes fit in one")
      } catch {
        #expect((error as? StorageError)?.code == .outOfSpace)
      }
      #expect(try await store.status("big") == nil)
      #expect(try await store.create("half", [UInt8](repeating: 1, count: 1 << 19)) == .created)
    }
  }

  @Test func aFileThatShrinksIsTruncated() async throws {
    try await withDirectory { (path) async throws in
      let store = LocalFileStore(root: path)
      _ = try await store.create("f", [1, 2, 3])
      let file = try await store.open("f")
      truncate("\(path)/f", 1)
      await #expect(throws: StorageError.self) { _ = try await file.read(0..<3) }
    }
  }

  @Test func aNamedPipeIsNoFile() async throws {
    try await withDirectory { (path) async throws in
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      #expect(mkfifo("\(path)/pipe", 0o600) == 0)
      // Opening must not wait for a writer.
      await #expect(throws: StorageError.self) { _ = try await LocalFileStore(root: path).open("pipe") }
    }
  }
}

/// Whether this process may mount file systems.
private enum SmallDisk {
  static let isPossible: Bool = {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("vitals-lake-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    guard mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else {
      print("skipped: a full disk (a file system of one mebibyte can only be mounted by root)")
      return false
    }
    umount(path)
    return true
  }()
}
