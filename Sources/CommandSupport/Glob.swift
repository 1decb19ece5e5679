/// A pattern for one name in a path: `*` any characters, `?` one, `[a-z]` one of a set, `[!a-z]` one outside it.
public struct Glob: Hashable, Sendable {
  private enum Piece: Hashable {
    case character(Unicode.Scalar)
    case any
    case anySequence
    case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)
  }

  private let pieces: [Piece]
  /// The first character, where it is one of those that hide a name from patterns that do not begin with it.
  private let first: Character?
  private let hiding: Set<Character>

  /// Characters that begin names of files that are no data: of logs, checksums and unfinished writes.
  public static let hiding: Set<Character> = [".", "_"]

  /// Whether a text holds a character that makes it a pattern.
  public static func isPattern(_ text: some StringProtocol) -> Bool {
    text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
  }

  /// Reads a pattern; a bracket without its end stands for itself.
  ///
  /// - Parameter hiding: What hides a name that begins with it from patterns that do not.
  public init(_ pattern: some StringProtocol, hiding: Set<Character> = Glob.hiding) {
    var pieces: [Piece] = []
    var rest = Substring(pattern).unicodeScalars
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*": if pieces.last != .anySequence { pieces.append(.anySequence) }
      case "?": pieces.append(.any)
      case "[":
        if let (set, end) = Glob.set(in: rest) {
          pieces.append(set)
          rest = rest[end...]
        } else {
          pieces.append(.character(scalar))
        }
      default: pieces.append(.character(scalar))
      }
    }
    self.pieces = pieces
    self.hiding = hiding
    first = pattern.first.flatMap { hiding.contains($0) ? $0 : nil }
  }

  /// Whether a name matches. Only the last `*` is ever retried, so the time is at most the product of the lengths.
  public func matches(_ name: String) -> Bool {
    if let initial = name.first, hiding.contains(initial), initial != first { return false }
    let scalars = Array(name.unicodeScalars)
    var (piece, position) = (0, 0)
    var retry: (piece: Int, position: Int)?
    while position < scalars.count {
      if piece < pieces.count, pieces[piece] == .anySequence {
        retry = (piece + 1, position)
        piece += 1
      } else if piece < pieces.count, matches(pieces[piece], scalars[position]) {
        piece += 1
        position += 1
      } else if let last = retry {
        retry = (last.piece, last.position + 1)
        (piece, position) = (last.piece, last.position + 1)
      } else {
        return false
      }
    }
    return pieces[piece...].allSatisfy { $0 == .anySequence }
  }

  private func matches(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
    switch piece {
    case .character(let wanted): wanted == scalar
    case .any: true
    case .anySequence: false
    case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
    }
  }

  /// The set behind an opening bracket and the position after its closing one.
  private static func set(
    in text: Substring.UnicodeScalarView
  ) -> (Piece, Substring.UnicodeScalarView.Index)? {
    var index = text.startIndex
    var isNegated = false
    if index < text.endIndex, text[index] == "!" || text[index] == "^" {
      isNegated = true
      index = text.index(after: index)
    }
    var members: [Unicode.Scalar] = []
    while index < text.endIndex, text[index] != "]" || members.isEmpty {
      members.append(text[index])
      index = text.index(after: index)
    }
    guard index < text.endIndex else { return nil }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    var position = 0
    while position < members.count {
      if position + 2 < members.count, members[position + 1] == "-", members[position] <= members[position + 2] {
        ranges.append(members[position]...members[position + 2])
        position += 3
      } else {
        ranges.append(members[position]...members[position])
        position += 1
      }
    }
    return (.set(ranges, isNegated: isNegated), text.index(after: index))
  }
}
