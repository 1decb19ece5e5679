/// A statement as written.
indirect enum StatementSyntax: Sendable {
  case query(QuerySyntax)
  case explain(StatementSyntax, analyze: Bool)
  case describe(QuerySyntax)
  case summarize(QuerySyntax)
  case copy(QuerySyntax, to: String, options: [(String, String)], range: Range<Int>)
  case createView(Name, QuerySyntax, replace: Bool)
  case dropView(Name, ifExists: Bool)
}

/// A query with what surrounds its body.
struct QuerySyntax: Sendable {
  var withs: [CommonTable] = []
  var body: QueryBody
  var order: [OrderSyntax] = []
  /// `ORDER BY ALL`.
  var orderAll: (isDescending: Bool, nullsFirst: Bool?)?
  var limit: ExpressionSyntax?
  var offset: ExpressionSyntax?
  var range: Range<Int>
}

/// `WITH name AS (…)`.
struct CommonTable: Sendable {
  var name: Name
  var columns: [Name]
  var query: QuerySyntax
}

/// How the rows of two queries are put together.
enum SetOperation: String, Sendable {
  case union = "UNION"
  case intersect = "INTERSECT"
  case except = "EXCEPT"
}

/// What a query consists of.
indirect enum QueryBody: Sendable {
  case select(SelectSyntax)
  case combined(SetOperation, QueryBody, QueryBody, all: Bool, range: Range<Int>)
  case nested(QuerySyntax)
  case values([[ExpressionSyntax]])
}

/// One `SELECT`.
struct SelectSyntax: Sendable {
  var isDistinct = false
  /// `DISTINCT ON (…)`.
  var distinctOn: [ExpressionSyntax] = []
  var items: [SelectItem] = []
  var from: TableSyntax?
  var filter: ExpressionSyntax?
  var groups: [ExpressionSyntax] = []
  /// `GROUP BY ALL`.
  var groupsAll = false
  var having: ExpressionSyntax?
  var windows: [(name: Name, window: WindowSyntax)] = []
  var qualify: ExpressionSyntax?
  var range: Range<Int>
}

/// An expression of the select list, and its alias.
struct SelectItem: Sendable {
  var expression: ExpressionSyntax
  var alias: Name?
}

/// What `FROM` reads.
indirect enum TableSyntax: Sendable {
  case named(Name, isQuoted: Bool, alias: TableAlias?)
  /// `read_parquet('…')`, `delta('…')`, `range(10)`.
  case function(Name, [ExpressionSyntax], named: [(Name, ExpressionSyntax)], alias: TableAlias?)
  case query(QuerySyntax, alias: TableAlias?)
  case join(TableSyntax, TableSyntax, JoinSyntax)
}

/// `AS t (a, b)`.
struct TableAlias: Sendable {
  var name: Name
  var columns: [Name] = []
}

/// How two tables are joined.
struct JoinSyntax: Sendable {
  enum Kind: Sendable {
    case inner
    case left
    case right
    case full
    case cross
    case semi
    case anti
  }
  var kind: Kind
  var isAsof = false
  var condition: ExpressionSyntax?
  var using: [Name] = []
  var range: Range<Int>
}
