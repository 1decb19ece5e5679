import Foundation
import Storage
import Testing
import WebHDFS

/// The example of the documentation, as it stands there, on a real HDFS.
@Suite(.enabled(if: TestCluster.isThere, "\(TestCluster.reason)"))
struct DocumentationTests {
  @Test("the landing page: upload, list, stream, read the end, delete")
  func landingPage() async throws {
    let location = try WebHDFSLocation(parsing: "webhdfs://ann@namenode:9870,namenode2:9870/data")
    #expect(location.nameNodes.map(\.host) == ["namenode", "namenode2"] && location.user == "ann")
    try await TestCluster.withDirectory { (_, folder) async throws in
      let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
      defer { try? FileManager.default.removeItem(atPath: file) }
      try Data("rows and a footerPAR1".utf8).write(to: URL(filePath: file))
      var location = try WebHDFSLocation(parsing: TestCluster.url)
      location.user = TestCluster.superuser
      try await run(location, folder, file)
    }
  }

  private func run(_ location: WebHDFSLocation, _ folder: String, _ local: String) async throws {
    var lines: [String] = []
    func print(_ items: Any...) { lines.append(items.map { "\($0)" }.joined(separator: " ")) }
    func FileUpload(path: String) throws -> WebHDFS.FileUpload { try WebHDFS.FileUpload(path: local) }
    let client = WebHDFSClient(configuration: WebHDFSConfiguration(location: location))
    let outcome = try await client.upload(FileUpload(path: "day.parquet"), to: "\(folder)/day.parquet")
    print(outcome == .created ? "there, whole and checked" : "the name was taken")
    for file in try await client.list(folder) { print(file.name, file.length) }
    var bytes: Int64 = 0
    for try await portion in try await client.content("\(folder)/day.parquet") { bytes += Int64(portion.count) }
    let end = try await client.read("\(folder)/day.parquet", offset: bytes - 4, length: 4)
    try await client.delete("\(folder)/day.parquet")
    #expect(lines == ["there, whole and checked", "day.parquet 21"] && end == Array("PAR1".utf8))
    #expect(try await client.statusIfPresent("\(folder)/day.parquet") == nil)
  }
}
