import Foundation
import Storage
import Testing

/// The example of the documentation, as it stands there.
@Suite struct DocumentationTests {
  @Test("the landing page: create, list, read, replace, delete")
  func landingPage() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var lines: [String] = []
    func print(_ items: Any...) { lines.append(items.map { "\($0)" }.joined(separator: " ")) }
    let store = LocalFileStore(root: folder)
    let text = Array("pulse 72\n".utf8)
    let outcome = try await store.create("notes/first.txt", text)
    print(outcome == .created ? "mine" : "somebody was first")
    for file in try await store.list("notes") { print(file.path, file.size) }
    let file = try await store.open("notes/first.txt")
    let head = try await file.read(0..<5)
    try await store.replace("notes/first.txt", text + text)
    #expect(try await store.status("notes/first.txt")?.size == 18)
    try await store.delete("notes")
    #expect(lines == ["mine", "notes/first.txt 9"] && head == Array("pulse".utf8))
    #expect(try await store.status("notes/first.txt") == nil)
  }
}
