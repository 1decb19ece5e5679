/// In which order the rows of a rewritten file stand.
public struct RowOrder: Hashable, Sendable {
  /// The columns that decide, the most significant first; none for the order in which the rows came.
  public var columns: [String]

  /// Makes an order.
  public init(_ columns: [String]) { self.columns = columns }

  /// The order in which the rows came.
  public static let none = RowOrder([])

  /// The mark on a file whose rows stand in this order.
  static let tag = "vitals.order"

  /// What the mark says.
  var text: String { columns.joined(separator: ",") }
}
