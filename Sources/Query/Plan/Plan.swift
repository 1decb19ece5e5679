/// What is done to get a result, from the tables (innermost) to the rows (outermost). Expressions name the columns of
/// their input by position.
indirect enum Plan: Sendable {
  case scan(Scan)
  /// Rows written out; a query without `FROM` has one row without columns.
  case values([[Expression]], [SQLType])
  /// Whole numbers at equal distances.
  case range(first: Int64, step: Int64, count: Int64)
  case filter(Plan, Expression)
  case project(Plan, [Expression])
  /// One row for each combination of the keys: the keys, then the calls. Without keys, one row.
  case aggregate(Plan, keys: [Expression], calls: [AggregateCall])
  /// Sorted rows; with a limit only the first so many.
  case sort(Plan, [SortKey], limit: Int?)
  case limit(Plan, count: Int?, offset: Int)
  /// The rows of both, which have the same types.
  case union(Plan, Plan)
  case join(Plan, Plan, JoinPlan)
  /// The input's columns, then one for each call.
  case window(Plan, [WindowCall])
  /// The input's columns, then an item of the list; a row for each item.
  case unnest(Plan, Expression, SQLType)
}

/// A key to sort by.
struct SortKey: Hashable, Sendable {
  var expression: Expression
  var isDescending: Bool
  var nullsFirst: Bool
}

/// How two inputs are joined.
struct JoinPlan: Sendable {
  enum Kind: Sendable {
    case inner, left, full, cross, semi, anti
    /// All rows of the left side, and of the right one at most one each: more are an error.
    case single
    /// All rows of the left side, and whether the condition holds for any of their partners: true where it does for
    /// one, else unknown where it is for one, else false.
    case mark
  }
  var kind: Kind
  /// Pairs that must be equal, of the left and of the right input.
  var keys: [(left: Expression, right: Expression)] = []
  /// Of several rows on the right, the one that is nearest by this comparison.
  var nearest: (left: Expression, operation: Operation, right: Expression)?
  /// What must hold besides, over the columns of both.
  var condition: Expression?

  /// Whether rows that find each other have equal keys, so that parts of both sides can be joined for themselves.
  var canBeDivided: Bool {
    !keys.isEmpty && keys.allSatisfy { $0.left.type == $0.right.type && $0.left.type.layout != .other }
  }
}

/// What is read of a table.
struct Scan: Sendable {
  var table: BoundTable
  /// Positions in the table's columns.
  var columns: [Int]
  /// What must hold for a row, over the scan's columns.
  var filters: [Expression] = []
  /// A bound that rows still to come must reach, for queries that want the first few in an order.
  var bound: RunningBound?
  /// Whether only the different values of its rows matter, not how often each occurs.
  var wantsValuesOnly = false
}

/// A table with its files, as far as it is known when a query is bound.
struct BoundTable: Sendable {
  var name: String
  var columns: [TableColumn]
  var files: FileSet
  /// How the files are read where they are CSV; `nil` for Parquet.
  var csv: CSVFormat?

  /// A column of a table, and where its values come from.
  struct TableColumn: Sendable {
    enum Kind: Sendable, Hashable { case file, partition, fileName, rowNumber }
    var name: String
    var type: SQLType
    var kind: Kind
    /// Whether `*` leaves it out.
    var isHidden = false
  }
}

extension Plan {
  /// The types of the output's columns.
  var types: [SQLType] {
    switch self {
    case .scan(let scan): scan.columns.map { scan.table.columns[$0].type }
    case .values(_, let types): types
    case .range: [.int64]
    case .filter(let input, _), .sort(let input, _, _), .limit(let input, _, _), .union(let input, _): input.types
    case .project(_, let expressions): expressions.map(\.type)
    case .aggregate(_, let keys, let calls): keys.map(\.type) + calls.map(\.type)
    case .join(let left, let right, let join):
      switch join.kind {
      case .semi, .anti: left.types
      case .mark: left.types + [.boolean]
      case .inner, .left, .full, .cross, .single: left.types + right.types
      }
    case .window(let input, let calls): input.types + calls.map(\.type)
    case .unnest(let input, _, let type): input.types + [type]
    }
  }
}

/// A query ready to run.
struct BoundQuery: Sendable {
  var plan: Plan
  var names: [String]
  /// Queries whose results are values in the plan; each may use those before it.
  var subqueries: [Plan] = []
}
