import Testing

@testable import Delta

@Suite("Log of noise")
struct LogNoiseTests {
  @Test("random bytes neither trap nor hang the readers of the log")
  func noise() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("{}[]\",:\\u0123456789abcdeflnrst -+.\n".utf8) + [0xFF, 0xC3]
    let actions = Array(#"{"add":{"path":"a","partitionValues":{"d":null},"size":1,"modificationTime":2,"#.utf8)
    for round in 0..<5_000 {
      let noise = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator) ?? 0
      }
      // Half of them begin as an action does, so that its members are reached.
      let bytes = round % 2 == 0 ? noise : Array(actions.prefix(.random(in: 0...actions.count))) + noise
      if let actions = try? LogEntry.decode(bytes, path: "noise") { #expect(actions.count <= bytes.count) }
      _ = LastCheckpoint(bytes)
    }
  }
}
