import Delta

/// In which order the rows of a rewritten file stand.
public struct RowOrder: Hashable, Sendable {
  /// The columns that decide, the most significant first; none for the order in which the rows came.
  public var columns: [String]
  /// Whether all columns count alike: rows that are near in each of them lie near each other, along a Z-shaped curve.
  public var isZOrder = false
  /// The column along which the rows are cut into slices, each a row group, before those of each slice are sorted by
  /// themselves; `nil` where all rows are sorted together.
  public var slicedBy: String?

  /// Makes an order.
  public init(_ columns: [String], isZOrder: Bool = false, slicedBy: String? = nil) {
    self.columns = columns
    self.isZOrder = isZOrder
    self.slicedBy = slicedBy
  }

  /// The order that the mark on a file tells of.
  init(_ file: AddFile) {
    var text = ((file.tags?[Self.tag] ?? nil) ?? "")[...]
    isZOrder = text.hasPrefix("z:")
    let isSliced = text.hasPrefix("s:")
    text = text.dropFirst(isZOrder || isSliced ? 2 : 0)
    if isSliced, let colon = text.firstIndex(of: ":") {
      slicedBy = String(text[..<colon])
      text = text[text.index(after: colon)...]
    }
    columns = text.split(separator: ",").map(String.init)
  }

  /// The order in which the rows came.
  public static let none = RowOrder([])

  /// The mark on a file whose rows stand in this order.
  static let tag = "vitals.order"

  /// What the mark says.
  var text: String {
    let kind = isZOrder ? "z:" : slicedBy.map { "s:\($0):" } ?? ""
    return kind + columns.joined(separator: ",")
  }
}
