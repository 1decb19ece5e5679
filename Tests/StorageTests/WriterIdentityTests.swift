import Testing

@testable import Storage

@Suite struct WriterIdentityTests {
  private let now = WriterIdentity(space: "0000abcd", process: 7, start: 99)

  @Test func theNameOfATemporaryFileTellsItsWriter() {
    let current = WriterIdentity.current
    #expect(WriterIdentity(ofTemporary: current.prefix + "3f-a1.tmp") == current)
    #expect(WriterIdentity(ofTemporary: "0000abcd-7-99-x.tmp") == now)
    #expect(now.prefix == "0000abcd-7-99-")
    // A bare UUID, as it was once written, and other names.
    for name in ["1b4e28ba-2fa1-11d2-883f-0016d3cca427.tmp", "x.tmp", "", "abcd-7-99-x.tmp", "0000abcd--99-x.tmp"] {
      #expect(WriterIdentity(ofTemporary: name) == nil, "\(name)")
    }
  }

  @Test func thisProcessLivesAndIsKnownByItsBeginning() throws {
    let current = WriterIdentity.current
    #expect(current.start > 0)
    #expect(!current.hasEnded())
    // The number was given to another process since.
    #expect(WriterIdentity(space: current.space, process: current.process, start: current.start - 1).hasEnded())
  }

  @Test(
    arguments: [
      ("0000abcd", nil, true), ("0000abcd", 99, false), ("0000abcd", 100, true),
      // Another host, or the same before it booted: not to be known from here.
      ("0000ffff", nil, false),
    ] as [(String, UInt64?, Bool)])
  func aWriterHasEndedWhenItsProcessIsGone(space: String, start: UInt64?, hasEnded: Bool) {
    let writer = WriterIdentity(space: space, process: 12, start: 99)
    #expect(writer.hasEnded(seenFrom: now) { _ in start } == hasEnded)
  }

  @Test func leftoversAreJudgedByWriterAndAge() {
    func isLeftover(_ name: String, age: Int64 = 0, isOwnIdle: Bool = true) -> Bool {
      TemporaryVerdict.isLeftover(name, ageMillis: age, limitMillis: 1_000, isOwnIdle: isOwnIdle) { $0.process == 13 }
    }
    let own = WriterIdentity.current.prefix + "1.tmp"
    #expect(isLeftover(own))
    #expect(!isLeftover(own, isOwnIdle: false))
    #expect(isLeftover("0000abcd-13-99-1.tmp"))
    #expect(!isLeftover("0000abcd-12-99-1.tmp"))
    #expect(!isLeftover("unknown.tmp", age: 1_000))
    #expect(isLeftover("unknown.tmp", age: 1_001))
    #expect(!isLeftover("notes.txt", age: 1_001))
  }
}
