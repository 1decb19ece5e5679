import Storage
import Testing
import WebHDFS

@testable import WebHDFS

@Suite struct RequestURLTests {
  @Test(arguments: [
    ("/a/b", "/a/b"),
    ("/a b", "/a%20b"),
    ("/a+b", "/a%2Bb"),
    ("/a?b#c&d=e;f,g", "/a%3Fb%23c%26d%3De%3Bf%2Cg"),
    ("/ä", "/%C3%A4"),
    ("/🩺", "/%F0%9F%A9%BA"),
    ("/date=2024-01-01/x~1_2.parquet", "/date%3D2024-01-01/x~1_2.parquet"),
    ("/a\nb\"'\\", "/a%0Ab%22%27%5C"),
  ])
  func encodesOnce(path: String, encoded: String) {
    #expect(RequestURL.encode(path) == encoded)
  }

  @Test func holdsAllParameters() throws {
    let path = try HDFSPath("/in/a b", for: .rename)
    let url = RequestURL.make(
      .rename, path, at: Endpoint(host: "nn1", port: 9870), isSecure: false,
      identity: .init(user: "ann+1", doAs: "bob", delegationToken: nil),
      parameters: [("destination", "/out/a+b"), ("renameoptions", "NONE")])
    #expect(
      url
        == "http://nn1:9870/webhdfs/v1/in/a%20b?op=RENAME&user.name=ann%2B1&doas=bob&destination=/out/a%2Bb"
        + "&renameoptions=NONE")
  }

  @Test func tokenStandsForItsUser() throws {
    let url = RequestURL.make(
      .getFileStatus, try HDFSPath("/", for: .getFileStatus), at: Endpoint(host: "::1", port: 9871), isSecure: true,
      identity: .init(user: "ann", doAs: nil, delegationToken: "abc-_"), parameters: [])
    #expect(url == "https://[::1]:9871/webhdfs/v1/?op=GETFILESTATUS&delegation=abc-_")
  }

  @Test(arguments: [
    "", "relative", "/a%20b", "/a:b", "/a\0b", "/../etc", "/a/./b", "/a/..", "/bad\u{FFFD}", "/e\u{301}", "/\u{212B}",
    "/か\u{3099}",
    "/" + String(repeating: "x", count: 256), "/" + String(repeating: "ä", count: 128),
    String(repeating: "/0123456789", count: 800), String(repeating: "/a", count: 1_001),
  ])
  func refusesUnsafePaths(path: String) {
    #expect(throws: WebHDFSError.self) { try HDFSPath(path, for: .create) }
    do throws(WebHDFSError) {
      _ = try HDFSPath(path, for: .create)
    } catch {
      #expect(error.kind == .invalidPath)
      #expect(error.operation == "CREATE")
    }
  }

  @Test(arguments: [
    ("/", "/", "/"), ("/a", "/a", "/"), ("/a/b/", "/a/b", "/a"), ("//a//b", "/a/b", "/a"),
    ("/" + String(repeating: "ä", count: 127), "/" + String(repeating: "ä", count: 127), "/"),
    ("/..a/b..", "/..a/b..", "/..a"),
  ])
  func acceptsAndNormalizes(path: String, text: String, parent: String) throws {
    let result = try HDFSPath(path, for: .create)
    #expect(result.text == text)
    #expect(result.parent == parent)
  }

  @Test(arguments: [
    ("http://dn1:50075/webhdfs/v1/a?op=CREATE&delegation=x", "dn1", 50_075, false),
    ("HTTPS://dn1/webhdfs/data/v1/a?_=opaque", "dn1", 443, true),
    ("http://[::1]:9864/x", "::1", 9_864, false),
    ("http://10.0.0.1?x", "10.0.0.1", 80, false),
  ])
  func readsRedirects(location: String, host: String, port: Int, isSecure: Bool) throws {
    let redirect = try #require(Redirect(location))
    #expect(redirect.endpoint == Endpoint(host: host, port: port))
    #expect(redirect.isSecure == isSecure)
    #expect(redirect.url == location)
  }

  @Test(arguments: [
    "", "/relative", "ftp://dn/x", "file:///etc/passwd", "http://", "http:///x", "http://dn:0/x", "http://dn:99999/x",
    "http://user:secret@dn/x", "http://dn:50075/a b", "http://dn/\r\nX: y", "hdfs://nn:8020/a",
    "http://dn/" + String(repeating: "x", count: 20_000),
  ])
  func refusesOtherRedirects(location: String) {
    #expect(Redirect(location) == nil)
  }
}

@Suite struct LocationTests {
  @Test(
    arguments: [
      ("webhdfs://nn:9870/data/t", ["nn:9870"], false, nil, "/data/t", "webhdfs://nn:9870/data/t"),
      ("webhdfs://nn", ["nn:9870"], false, nil, "/", "webhdfs://nn:9870/"),
      (
        "swebhdfs://ann@n1,n2:9999//a//b/", ["n1:9871", "n2:9999"], true, "ann", "/a/b",
        "swebhdfs://ann@n1:9871,n2:9999/a/b"
      ),
      ("http://localhost:9870", ["localhost:9870"], false, nil, "/", "webhdfs://localhost:9870/"),
      ("https://[::1]:5/x y", ["[::1]:5"], true, nil, "/x y", "swebhdfs://[::1]:5/x y"),
      ("webhdfs://[fe80::1]/", ["[fe80::1]:9870"], false, nil, "/", "webhdfs://[fe80::1]:9870/"),
    ] as [(String, [String], Bool, String?, String, String)])
  func reads(text: String, hosts: [String], isSecure: Bool, user: String?, path: String, written: String) throws {
    let location = try WebHDFSLocation(parsing: text)
    #expect(location.nameNodes.map(\.description) == hosts)
    #expect(location.isSecure == isSecure)
    #expect(location.user == user)
    #expect(location.path == path)
    #expect(location.description == written)
    #expect(try WebHDFSLocation(parsing: written) == location)
  }

  @Test(arguments: [
    "", "nn:9870/x", "hdfs://nn:8020/x", "webhdfs://", "webhdfs:///x", "webhdfs://nn:x/", "webhdfs://nn:0/",
    "webhdfs://nn:70000/", "webhdfs://a,,b/", "webhdfs://ann:secret@nn/", "webhdfs://@nn/", "webhdfs://n n/",
    "webhdfs://a:1:2/", "webhdfs://nn%00/",
  ])
  func refuses(text: String) {
    #expect(throws: StorageError.self) { try WebHDFSLocation(parsing: text) }
  }

  @Test func appends() throws {
    let location = try WebHDFSLocation(parsing: "webhdfs://nn/a")
    #expect(location.appending("b/c").path == "/a/b/c")
    #expect(WebHDFSLocation.isLocation("swebhdfs://nn/"))
    #expect(!WebHDFSLocation.isLocation("data/vitals"))
  }
}
