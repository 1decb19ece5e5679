#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads lines from a person at a terminal, who may edit them, go back to earlier ones, and have words completed.
public struct LineEditor {
  /// Takes what stands before the cursor, gives how many characters of it a completion replaces, and the candidates.
  public typealias Completer = (String) async -> (length: Int, candidates: [String])

  /// Earlier lines, the oldest first.
  public private(set) var history: [String]
  /// How many are kept.
  private static let mostLines = 1_000
  private var decoder = KeyDecoder()
  private var waiting: [Key] = []

  /// What the person has done.
  public enum Input: Hashable, Sendable {
    case line(String)
    /// Ctrl-C: the line is given up.
    case interrupted
    /// Ctrl-D, or the terminal is gone.
    case end
  }

  /// Takes the lines of earlier sessions.
  public init(history: [String] = []) { self.history = Array(history.suffix(Self.mostLines)) }

  /// Adds a line to the history, unless it is the last one again.
  public mutating func remember(_ line: String) {
    guard !line.isEmpty, line != history.last else { return }
    history.append(line)
    if history.count > Self.mostLines { history.removeFirst() }
  }

  /// Reads a line behind a prompt.
  public mutating func readLine(prompt: String, complete: Completer) async -> Input {
    guard let terminal = RawTerminal() else { return .end }
    defer { terminal.restore() }
    var line = EditedLine(history: history)
    while true {
      Self.draw(prompt, line)
      while waiting.isEmpty {
        guard let bytes = RawTerminal.read() else { return .end }
        waiting = decoder.keys(bytes)
      }
      let key = waiting.removeFirst()
      switch key {
      case .enter:
        line.apply(.end)
        Self.draw(prompt, line)
        StandardError.write(Array("\r\n".utf8))
        return .line(line.text)
      case .interrupt:
        StandardError.write(Array("^C\r\n".utf8))
        return .interrupted
      case .endOfInput where line.characters.isEmpty:
        StandardError.write(Array("\r\n".utf8))
        return .end
      case .clearScreen: StandardError.write(Array("\u{1B}[H\u{1B}[2J".utf8))
      case .tab: await Self.complete(&line, complete)
      default: line.apply(key)
      }
    }
  }

  private static func complete(_ line: inout EditedLine, _ completer: Completer) async {
    let (length, candidates) = await completer(line.beforeCursor)
    let word = String(line.beforeCursor.suffix(length))
    let (common, matches) = Completion.of(word, among: candidates)
    line.replace(last: length, with: common)
    guard matches.count > 1, common.count == word.count else { return }
    let shown = matches.prefix(60).joined(separator: "  ") + (matches.count > 60 ? "  …" : "")
    StandardError.write(Array("\r\n".utf8))
    StandardError.print(shown)
  }

  private static func draw(_ prompt: String, _ line: EditedLine) {
    let columns = StandardOutput.terminalWidth ?? 80
    let (text, cursor) = line.window(columns: columns - prompt.count - 1)
    // A character that commands the terminal, as pasted text may hold, is shown as a point.
    let safe = String(
      text.map { $0.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) } ? "·" : $0 })
    StandardError.write(Array("\r\u{1B}[K\(prompt)\(safe)\r\u{1B}[\(prompt.count + cursor)C".utf8))
  }
}

/// The terminal without its own editing and echo, until it is restored.
private struct RawTerminal {
  private let before: termios

  init?() {
    var settings = termios()
    guard isatty(STDIN_FILENO) == 1, unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    before = settings
    settings.c_iflag &= ~tcflag_t(ICRNL | IXON)
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    guard unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) == 0 else { return nil }
  }

  func restore() {
    var settings = before
    _ = unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
  }

  /// Bytes as they come; `nil` at the end.
  static func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      #if canImport(Glibc)
        let count = unsafe Glibc.read(STDIN_FILENO, &buffer, buffer.count)
      #else
        let count = unsafe Musl.read(STDIN_FILENO, &buffer, buffer.count)
      #endif
      if count > 0 { return Array(buffer.prefix(count)) }
      if count < 0, errno == EINTR { continue }
      return nil
    }
  }
}
