import Delta

/// In which order the rows of a rewritten file stand.
public struct RowOrder: Hashable, Sendable {
  /// The columns that decide, the most significant first; none for the order in which the rows came.
  public var columns: [String]
  /// Whether all columns count alike: rows that are near in each of them lie near each other, along a Z-shaped curve.
  public var isZOrder = false

  /// Makes an order.
  public init(_ columns: [String], isZOrder: Bool = false) {
    self.columns = columns
    self.isZOrder = isZOrder
  }

  /// The order that the mark on a file tells of.
  init(_ file: AddFile) {
    let text = (file.tags?[Self.tag] ?? nil) ?? ""
    isZOrder = text.hasPrefix("z:")
    columns = text.dropFirst(isZOrder ? 2 : 0).split(separator: ",").map(String.init)
  }

  /// The order in which the rows came.
  public static let none = RowOrder([])

  /// The mark on a file whose rows stand in this order.
  static let tag = "vitals.order"

  /// What the mark says.
  var text: String { (isZOrder ? "z:" : "") + columns.joined(separator: ",") }
}
