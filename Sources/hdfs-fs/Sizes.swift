import CommandSupport

/// How sizes are told: as numbers, or as people read them.
struct Sizes {
  let isHuman: Bool

  func value(_ bytes: Int64) -> Report.Value { isHuman ? .text(ByteText.text(bytes)) : .init(bytes) }
}
