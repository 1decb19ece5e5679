import Foundation
import Storage
import Testing
import WebHDFS

/// A real NameNode behind a TLS gateway of the tests, which asks for a client's certificate and hides DataNodes.
@Suite(
  .serialized, .enabled(if: TestCluster.isThere, "\(TestCluster.reason)"),
  .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/openssl"), "no openssl to make certificates with"))
struct LiveTLSTests {
  @Test func ownAuthoritiesAndClientCertificates() async throws {
    try await Gateway.with { (gateway, folder) async throws in
      func client(_ change: (inout WebHDFSConfiguration) -> Void = { _ in }) -> WebHDFSClient {
        var configuration = WebHDFSConfiguration(
          nameNodes: [Endpoint(host: "127.0.0.1", port: gateway)], user: TestCluster.superuser)
        configuration.isSecure = true
        configuration.caFile = "\(folder)/ca.pem"
        configuration.clientCertificateFile = "\(folder)/client.pem"
        configuration.clientKeyFile = "\(folder)/client.key"
        configuration.retry.attempts = 1
        change(&configuration)
        return WebHDFSClient(configuration: configuration)
      }
      func kind(_ client: WebHDFSClient) async -> WebHDFSError.Kind? {
        await failure(WebHDFSError.self) { _ = try await client.status("/") }?.kind
      }
      try await TestCluster.withDirectory { (_, directory) async throws in
        let bytes = testBytes(300_000)
        #expect(try await client().upload(BytesUpload(bytes), to: "\(directory)/f") == .created)
        #expect(try await client().read("\(directory)/f", limit: bytes.count) == bytes)
        // Only where the gateway itself may be gone to.
        let allowed = client { $0.allowedRedirectHosts = ["127.0.0.1"] }
        #expect(try await allowed.read("\(directory)/f", limit: bytes.count) == bytes)
        let confined = client { $0.allowedRedirectHosts = ["*.example.org"] }
        let refused = await failure(WebHDFSError.self) { _ = try await confined.read("\(directory)/f", limit: 1) }
        #expect(refused?.kind == .unexpectedAnswer && refused?.message.contains("allowed") == true)
      }
      #expect(await kind(client { $0.caFile = nil }) == .tlsFailed)
      #expect(await kind(client { $0.caFile = "/none" }) == .tlsFailed)
      let nameless = await kind(
        client {
          $0.clientCertificateFile = nil
          $0.clientKeyFile = nil
        })
      #expect(nameless == .tlsFailed || nameless == .connectionLost)
      #expect(await kind(client { $0.isSecure = false }) != nil)
    }
  }

  @Test func aRedirectToPlainHTTPIsRefused() async throws {
    try await Gateway.with("--plain-redirects") { (gateway, folder) async throws in
      var configuration = WebHDFSConfiguration(
        nameNodes: [Endpoint(host: "127.0.0.1", port: gateway)], user: TestCluster.superuser)
      configuration.isSecure = true
      configuration.caFile = "\(folder)/ca.pem"
      configuration.clientCertificateFile = "\(folder)/client.pem"
      configuration.clientKeyFile = "\(folder)/client.key"
      let client = WebHDFSClient(configuration: configuration)
      let error = await failure(WebHDFSError.self) { try await client.create("/vitals-test-tls", BytesUpload([1])) }
      #expect(error?.kind == .unexpectedAnswer && error?.message.contains("HTTPS") == true)
      #expect(try await client.statusIfPresent("/vitals-test-tls") == nil)
    }
  }
}

/// The gateway as a process.
private enum Gateway {
  /// Makes certificates, starts the gateway, and ends it whatever happens.
  static func with(_ option: String? = nil, _ body: (Int, String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = """
      set -e; cd "$1"
      openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out ca.pem
      for name in server client; do
        openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
        printf 'subjectAltName=IP:127.0.0.1' >ext
        openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out $name.pem
      done
      """
    #expect(try await runProcess("/bin/bash", ["-c", script, "-", folder.path]) == 0)
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let nameNode = try TestCluster.configuration().nameNodes[0].port
    let program = root.appending(path: "tools/lib/tls_gateway.py").path
    let arguments = ["python3", "-B", program, folder.path, "\(nameNode)"] + (option.map { [$0] } ?? [])
    let (line, process) = try await start(arguments)
    // Threads that run tasks block signals, and programs started from there inherit that: SIGTERM would not end it.
    defer { kill(process.processIdentifier, SIGKILL) }
    let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    try await body(port, folder.path)
  }

  /// Starts a process and gives its first line, for which a thread of its own waits.
  private static func start(_ arguments: [String]) async throws -> (line: String, process: Process) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    let line = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<String, any Error>) in
      Thread.detachNewThread {
        do { try process.run() } catch { return continuation.resume(throwing: error) }
        let bytes = output.fileHandleForReading.availableData
        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
      }
    }
    return (line, process)
  }
}
