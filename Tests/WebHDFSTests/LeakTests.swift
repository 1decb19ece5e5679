import Foundation
import Storage
import Testing

@testable import WebHDFS

/// Many operations in a process of their own, so that what they leave behind can be counted.
@Suite(.enabled(if: TestCluster.isThere, "\(TestCluster.reason)"))
struct LeakTests {
  /// `VITALS_OPERATIONS` asks for more, as `tools/webhdfs-faults` does.
  @Test func manyOperationsLeaveNothingBehind() async {
    // Ends well whatever it finds, since a failed expectation of this kind keeps no output of its process.
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let wanted = ProcessInfo.processInfo.environment["VITALS_OPERATIONS"].flatMap { Int($0) } ?? 1_500
      var problem: String?
      do { problem = try await LeakTests.run(operations: wanted) } catch { problem = "\(error)" }
      FileHandle.standardError.write(Data((problem ?? "nothing is left").utf8))
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.hasSuffix("nothing is left"))
    print(text)
  }

  /// What is wrong after the operations, or `nil`.
  static func run(operations: Int) async throws -> String? {
    let nameNode = try FaultProxy(target: try TestCluster.configuration().nameNodes[0].port)
    nameNode.start()
    var configuration = WebHDFSConfiguration(
      nameNodes: [Endpoint(host: "127.0.0.1", port: nameNode.port)], user: TestCluster.superuser)
    configuration.stallTimeout = .seconds(5)
    configuration.retry.attempts = 1
    let client = WebHDFSClient(configuration: configuration)
    let root = "/vitals-test/\(UUID().uuidString)"
    try await client.makeDirectories(root)
    _ = try await client.upload(BytesUpload(testBytes(20_000)), to: "\(root)/f")
    var before: (files: Int, memory: Int)?
    var failures = 0
    let batch = 50
    for round in 0..<max(operations / batch, 2) {
      // The first rounds fill caches; what comes later must not grow.
      if round == max(operations / batch, 2) / 5 { before = try usage() }
      let isBroken = round % 4 == 3
      nameNode.set(isBroken ? .resetAfterAnswering(round % 400) : .none)
      // A fault strikes new connections alone, and a round may be served by those that the client kept.
      if isBroken { nameNode.closeConnections() }
      failures += await withTaskGroup(of: Bool.self) { (group) in
        for index in 0..<batch {
          group.addTask { await one(client, root, round * batch + index) }
        }
        return await group.reduce(0) { $0 + ($1 ? 0 : 1) }
      }
    }
    nameNode.set(.none)
    try await client.delete(root, recursive: true)
    guard let before else { return "too few operations" }
    if failures == 0 { return "no operation failed, although connections were reset" }
    // What was broken off a moment ago is still being closed: a leak is what stays.
    var problem = try growth(since: before)
    for _ in 0..<300 where problem != nil {
      try await Task.sleep(for: .milliseconds(100))
      problem = try growth(since: before)
    }
    let after = try usage()
    report("\(operations) operations, \(failures) failed: open files \(before.files), then \(after.files)")
    report("resident bytes \(before.memory), then \(after.memory)")
    return problem
  }

  private static func growth(since before: (files: Int, memory: Int)) throws -> String? {
    let now = try usage()
    // Kept connections and the pipes of the runtime come and go.
    if now.files > before.files + 80 { return "open files grew from \(before.files) to \(now.files)" }
    if now.memory > before.memory + (24 << 20) { return "memory grew from \(before.memory) to \(now.memory)" }
    return nil
  }

  private static func report(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

  /// One operation of many kinds; whether it worked.
  private static func one(_ client: WebHDFSClient, _ root: String, _ number: Int) async -> Bool {
    do {
      switch number % 10 {
      case 0: _ = try await client.read("\(root)/f", limit: 20_000)
      case 1: _ = try await client.read("\(root)/f", offset: 100, length: 1_000)
      case 2: _ = try await client.checksum("\(root)/f")
      case 3: try await client.makeDirectories("\(root)/d\(number)")
      case 4: try await client.delete("\(root)/d\(number - 1)")
      case 5: _ = try await client.list(root)
      case 6 where number % 100 == 6: _ = try await client.upload(BytesUpload([1]), to: "\(root)/u\(number)")
      default: _ = try await client.status("\(root)/f")
      }
      return true
    } catch {
      return false
    }
  }

  /// Open files, and resident memory in bytes.
  private static func usage() throws -> (files: Int, memory: Int) {
    let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (files, (Int(fields[1]) ?? 0) * 4_096)
  }
}
