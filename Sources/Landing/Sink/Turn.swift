/// Lets the calls of an actor that wait in their middle run one after the other, in the order in which they came.
///
/// Confined to the actor that holds it.
struct Turn {
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Takes the turn if it is free.
  mutating func takeIfFree() -> Bool {
    defer { isTaken = true }
    return !isTaken
  }

  /// Joins the line of those who wait for the turn; it is theirs when they are resumed.
  mutating func join(_ continuation: CheckedContinuation<Void, Never>) { waiting.append(continuation) }

  /// Hands the turn on.
  mutating func pass() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
  }
}
