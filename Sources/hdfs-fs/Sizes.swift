import CommandSupport

/// How sizes are told: as numbers, or as people read them.
struct Sizes {
  let isHuman: Bool

  func value(_ bytes: Int64) -> Report.Value { isHuman ? .text(Self.text(bytes)) : .init(bytes) }

  /// Such as `999 B`, `1.5 kB`, `12 MB`: decimal units, two digits at least.
  static func text(_ bytes: Int64) -> String {
    var (whole, tenths) = (bytes, Int64(0))
    for unit in ["B", "kB", "MB", "GB", "TB", "PB"] {
      if whole < 1_000 { return unit == "B" || whole >= 10 ? "\(whole) \(unit)" : "\(whole).\(tenths) \(unit)" }
      (whole, tenths) = (whole / 1_000, whole % 1_000 / 100)
    }
    return "\(whole) EB"
  }
}
