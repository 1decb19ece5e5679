import Foundation
import Storage
import Testing
import WebHDFS

/// A real KDC and a NameNode that asks for tickets.
@Suite(
  .enabled(if: TestCluster.isThere, "\(TestCluster.reason)"),
  .enabled(
    if: FileManager.default.fileExists(atPath: "/usr/sbin/krb5kdc"), "no KDC: install krb5-kdc, as tools/setup does"))
struct LiveKerberosTests {
  @Test func ticketsAndTokens() async throws {
    try await OwnCluster.with(["--kerberos"]) { (cluster) async throws in
      let lines = try await cluster.command("env").split(separator: "\n")
      let settings = Dictionary(
        lines.map { $0.dropFirst("export ".count).split(separator: "=", maxSplits: 1).map(String.init) }
          .map { ($0[0], $0[1]) }
      ) { $1 }
      let krb5 = try #require(settings["KRB5_CONFIG"])
      let folder = URL(filePath: krb5).deletingLastPathComponent()
      setenv("KRB5_CONFIG", krb5, 1)
      setenv("KRB5CCNAME", "FILE:\(folder.path)/test-ticket", 1)
      defer {
        unsetenv("KRB5_CONFIG")
        unsetenv("KRB5CCNAME")
      }
      var configuration = try TestCluster.configuration(cluster.url, user: "ann")
      configuration.retry.attempts = 1
      func client(_ change: (inout WebHDFSConfiguration) -> Void = { _ in }) -> WebHDFSClient {
        var own = configuration
        change(&own)
        return WebHDFSClient(configuration: own)
      }
      func kind(_ body: () async throws -> Void) async -> WebHDFSError.Kind? {
        await failure(WebHDFSError.self, body)?.kind
      }

      // A name alone is not believed, and without a ticket there is nothing to show.
      #expect(await kind { _ = try await client().status("/") } == .authenticationRequired)
      let kerberos = client { $0.authentication = .kerberos }
      let none = await failure(WebHDFSError.self) { _ = try await kerberos.status("/") }
      #expect(none?.kind == .authenticationRequired && none?.message.contains("kinit") == true)

      // With one, each kind of operation works, over both legs.
      try await ticket("hdfs/localhost", keytab: "service", folder)
      let administrator = client { $0.authentication = .kerberos }
      try await administrator.makeDirectories("/ann", permission: 0o700)
      try await administrator.setOwner("/ann", owner: "ann")
      try await ticket("ann", keytab: "ann", folder)
      let ann = client { $0.authentication = .kerberos }
      let store = WebHDFSFileStore(client: ann, root: "/ann", writer: "w")
      let content = testBytes(2_500_000)
      #expect(try await store.create("f", content) == .created)
      #expect(try await store.read("f", limit: content.count) == content)
      #expect(try await ann.status("/ann/f").owner == "ann")
      try await ann.append("/ann/f", BytesUpload([1]))
      #expect(try await ann.homeDirectory() == "/user/ann")
      #expect(await kind { _ = try await ann.list("/none") } == .notFound)
      let impostor = client {
        $0.authentication = .kerberos
        $0.doAs = "bob"
      }
      #expect(await kind { _ = try await impostor.status("/") } == .permissionDenied)

      try await useToken(of: ann, content, folder) { file in client { $0.tokenFile = file } }
    }
  }

  /// A token stands for its user without a ticket, until it is cancelled.
  private func useToken(
    of ann: WebHDFSClient, _ content: [UInt8], _ folder: URL, _ client: (String) -> WebHDFSClient
  ) async throws {
    let token = try await ann.delegationToken(renewer: "ann")
    let file = folder.appending(path: "token").path
    try Data("\(token.secret)\n".utf8).write(to: URL(filePath: file))
    let bearer = client(file)
    #expect(try await bearer.status("/ann/f").owner == "ann")
    let second = WebHDFSFileStore(client: bearer, root: "/ann", writer: "w")
    #expect(try await second.create("g", content) == .created)
    #expect(try await ann.renew(token) > Int64(Date().timeIntervalSince1970 * 1_000))
    try await ann.cancel(token)
    let refused = await failure(WebHDFSError.self) { _ = try await bearer.status("/ann/f") }
    #expect(refused?.kind == .authenticationRequired || refused?.kind == .permissionDenied, "\(refused as Any)")
    #expect(refused?.description.contains(token.secret) == false)
    let again = await failure(WebHDFSError.self) { _ = try await ann.renew(token) }
    #expect(again != nil && again?.description.contains(token.secret) == false)
  }

  /// Fetches a ticket for a principal of the test realm.
  private func ticket(_ principal: String, keytab: String, _ folder: URL) async throws {
    let arguments = ["-k", "-t", folder.appending(path: "\(keytab).keytab").path, principal]
    #expect(try await runProcess("/usr/bin/kinit", arguments) == 0)
  }
}
