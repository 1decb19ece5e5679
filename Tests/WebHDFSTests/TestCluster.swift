import Foundation
import Storage
import WebHDFS

/// The real HDFS that tests run against: `VITALS_TEST_HDFS_URL`, as `tools/hdfs env` prints it.
enum TestCluster {
  static let url = ProcessInfo.processInfo.environment["VITALS_TEST_HDFS_URL"] ?? ""
  static var isThere: Bool { !url.isEmpty }
  static let reason = "no real HDFS: start one with tools/hdfs and set VITALS_TEST_HDFS_URL"

  static func client(user: String? = superuser) throws -> WebHDFSClient {
    WebHDFSClient(configuration: try configuration(user: user))
  }

  static func configuration(_ url: String = url, user: String? = superuser) throws -> WebHDFSConfiguration {
    WebHDFSConfiguration(location: try WebHDFSLocation(parsing: url), user: user)
  }

  /// The user who started the cluster may do everything.
  static let superuser = ProcessInfo.processInfo.userName

  /// Runs a test body with a directory of its own, removed afterwards.
  static func withDirectory(_ body: (WebHDFSClient, String) async throws -> Void) async throws {
    let client = try client()
    let directory = "/vitals-test/\(UUID().uuidString)"
    do {
      try await client.makeDirectories(directory)
      try await body(client, directory)
    } catch {
      _ = try? await client.delete(directory, recursive: true)
      throw error
    }
    try await client.delete(directory, recursive: true)
  }
}

/// An instance of its own for tests that stop or suspend servers.
struct OwnCluster {
  let name: String
  let url: String

  /// Starts an instance, runs the body and stops the instance, whatever happens.
  static func with(_ arguments: [String] = [], _ body: (OwnCluster) async throws -> Void) async throws {
    let name = "test-\(UUID().uuidString.prefix(8).lowercased())"
    do {
      try await run(["start", "--instance", name, "--block-size", "1048576"] + arguments)
      let url = try await run(["url", "--instance", name]).trimmingCharacters(in: .whitespacesAndNewlines)
      try await body(OwnCluster(name: name, url: url))
    } catch {
      _ = try? await run(["stop", "--instance", name])
      throw error
    }
    try await run(["stop", "--instance", name])
  }

  @discardableResult
  func command(_ arguments: String...) async throws -> String {
    try await Self.run(arguments + ["--instance", name])
  }

  /// A server takes seconds to start: the few threads that run tasks must not wait for it.
  @discardableResult
  private static func run(_ arguments: [String]) async throws -> String {
    try await withCheckedThrowingContinuation { (continuation) in
      Thread.detachNewThread { continuation.resume(with: Result { try runNow(arguments) }) }
    }
  }

  private static func runNow(_ arguments: [String]) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = root.appendingPathComponent("tools/hdfs")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let end = try process.start()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    end.wait()
    guard process.terminationStatus == 0 else {
      throw StorageError(.failed, path: "tools/hdfs", message: "\(arguments) ended with \(process.terminationStatus)")
    }
    return text
  }
}

/// Bytes that look random and are the same in every run.
func testBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  return (0..<count).map { _ in
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 32)
  }
}

/// Runs a body and returns the error of the given type that it throws.
func failure<E: Error>(_ type: E.Type, _ body: () async throws -> Void) async -> E? {
  do {
    try await body()
    return nil
  } catch {
    return error as? E
  }
}
