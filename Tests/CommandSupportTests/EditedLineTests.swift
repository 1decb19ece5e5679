import CommandSupport
import Testing

/// Keys, and what they do to a line.
@Suite struct EditedLineTests {
  private func line(_ text: String, _ history: [String] = []) -> EditedLine {
    var decoder = KeyDecoder()
    var line = EditedLine(history: history)
    for key in decoder.keys(Array(text.utf8)) { line.apply(key) }
    return line
  }

  @Test(arguments: [
    ("abc", "abc", 3), ("abc\u{7F}", "ab", 2), ("abc\u{1B}[D\u{1B}[DX", "aXbc", 2), ("abc\u{01}X", "Xabc", 1),
    ("abc\u{01}\u{05}X", "abcX", 4), ("abc\u{01}\u{1B}[3~", "bc", 0), ("one two\u{17}", "one ", 4),
    ("one two\u{1B}b\u{0B}", "one ", 4), ("one two\u{15}", "", 0), ("one two\u{01}\u{1B}[1;5CX", "oneX two", 4),
    ("äö\u{7F}", "ä", 1), ("€\u{1B}[D\u{1B}[D\u{1B}[D", "€", 0), ("\u{7F}\u{1B}[C", "", 0), ("a\u{1B}[99zb", "ab", 2),
    ("a\u{04}\u{1B}[D\u{04}", "", 0),
  ]) func keys(_ typed: String, _ text: String, _ cursor: Int) {
    let line = line(typed)
    #expect(line.text == text)
    #expect(line.cursor == cursor)
  }

  @Test func historyKeepsTheDraft() {
    let (up, down) = ("\u{1B}[A", "\u{1B}[B")
    #expect(line("new\(up)", ["one", "two"]).text == "two")
    #expect(line("new\(up)\(up)\(up)", ["one", "two"]).text == "one")
    #expect(line("new\(up)\(up)\(down)\(down)", ["one", "two"]).text == "new")
    #expect(line("new\(down)", ["one"]).text == "new")
  }

  /// A key that comes in pieces is one key; bytes that are no UTF-8 are passed over and hold nothing up.
  @Test func piecesOfKeys() {
    var decoder = KeyDecoder()
    #expect(decoder.keys([0x1B]) == [])
    #expect(decoder.keys([0x5B]) == [])
    #expect(decoder.keys([0x41]) == [.up])
    #expect(decoder.keys([0xC3]) == [])
    #expect(decoder.keys([0xA4]) == [.character("ä")])
    #expect(decoder.keys([0xFF, 0x61]) == [.unknown, .character("a")])
    #expect(decoder.keys([0x1B, 0x5B] + [UInt8](repeating: 0x31, count: 20)) == [.unknown])
  }

  @Test func windowsFollowTheCursor() {
    #expect(line("abcdef").window(columns: 4).text == "def")
    #expect(line("abcdef").window(columns: 4).cursor == 3)
    #expect(line("abcdef\u{01}").window(columns: 4).text == "abcd")
    #expect(line("ab").window(columns: 10).cursor == 2)
    #expect(line("abcdef").window(columns: -3).cursor == 0)
  }

  @Test func completions() {
    let names = ["heart_rate", "heart_sound", "spo2"]
    #expect(Completion.of("he", among: names).common == "heart_")
    #expect(Completion.of("he", among: names).matches == ["heart_rate", "heart_sound"])
    #expect(Completion.of("S", among: names).common == "spo2")
    #expect(Completion.of("x", among: names).common == "x")
    #expect(Completion.of("x", among: names).matches == [])
    var edited = line("select he")
    edited.replace(last: 2, with: "heart_rate")
    #expect(edited.text == "select heart_rate")
  }
}
