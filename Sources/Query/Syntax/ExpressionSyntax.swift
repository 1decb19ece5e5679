/// A name as written, with its place.
struct Name: Hashable, Sendable {
  var text: String
  var range: Range<Int>
}

/// A type as written: `decimal(10, 2)`, `integer[]`.
struct TypeSyntax: Hashable, Sendable {
  var name: String
  var arguments: [Int] = []
  var listDepth = 0
  var range: Range<Int>
}

/// An expression as written.
struct ExpressionSyntax: Sendable {
  var kind: Kind
  var range: Range<Int>
  /// How deep the tree below is; bounded, so that walking it never exhausts the stack.
  var depth: Int

  indirect enum Kind: Sendable {
    case null
    case boolean(Bool)
    case number(String)
    case text(String)
    /// `interval '5 minutes'`, `interval 5 minute`.
    case interval(ExpressionSyntax, unit: String?)
    /// `date '2026-01-01'`.
    case typed(TypeSyntax, String)
    /// A column, perhaps behind its table's name and before names of fields.
    case column([Name])
    case star(qualifier: Name?, excluding: [Name], replacing: [SelectItem])
    case unary(String, ExpressionSyntax)
    case binary(String, ExpressionSyntax, ExpressionSyntax)
    case and([ExpressionSyntax])
    case or([ExpressionSyntax])
    case not(ExpressionSyntax)
    case isNull(ExpressionSyntax, negated: Bool)
    /// `IS TRUE`, `IS NOT FALSE`.
    case isBoolean(ExpressionSyntax, Bool, negated: Bool)
    case isDistinct(ExpressionSyntax, ExpressionSyntax, negated: Bool)
    case between(ExpressionSyntax, ExpressionSyntax, ExpressionSyntax, negated: Bool)
    case inList(ExpressionSyntax, [ExpressionSyntax], negated: Bool)
    case inQuery(ExpressionSyntax, QuerySyntax, negated: Bool)
    case like(ExpressionSyntax, ExpressionSyntax, escape: ExpressionSyntax?, ignoringCase: Bool, negated: Bool)
    case choice(
      operand: ExpressionSyntax?, branches: [(ExpressionSyntax, ExpressionSyntax)], otherwise: ExpressionSyntax?)
    case cast(ExpressionSyntax, TypeSyntax, isTry: Bool)
    case call(CallSyntax)
    case exists(QuerySyntax)
    case subquery(QuerySyntax)
    case element(ExpressionSyntax, ExpressionSyntax)
    /// `list[2:4]`, either end perhaps missing.
    case slice(ExpressionSyntax, ExpressionSyntax?, ExpressionSyntax?)
    /// `time AT TIME ZONE 'UTC'`.
    case atTimeZone(ExpressionSyntax, ExpressionSyntax)
    case field(ExpressionSyntax, Name)
    case list([ExpressionSyntax])
    /// `{'name': value, …}`.
    case structure([(Name, ExpressionSyntax)])
  }
}

/// A call of a function, an aggregate or a window function.
struct CallSyntax: Sendable {
  var name: Name
  var arguments: [ExpressionSyntax]
  /// `count(*)`.
  var hasStar = false
  var isDistinct = false
  var order: [OrderSyntax] = []
  var filter: ExpressionSyntax?
  /// `IGNORE NULLS`.
  var ignoresNulls = false
  var window: WindowSyntax?
}

/// What stands behind `OVER`.
struct WindowSyntax: Sendable {
  /// The window of the `WINDOW` clause that this one goes on from.
  var base: Name?
  var partition: [ExpressionSyntax] = []
  var order: [OrderSyntax] = []
  var frame: FrameSyntax?
  var range: Range<Int>
}

/// `ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES`.
struct FrameSyntax: Sendable {
  enum Bound: Sendable {
    case unboundedPreceding
    case preceding(ExpressionSyntax)
    case currentRow
    case following(ExpressionSyntax)
    case unboundedFollowing
  }
  var mode: Frame.Mode
  var start: Bound
  var end: Bound
  var exclusion = Frame.Exclusion.none
  var range: Range<Int>
}

/// One key of `ORDER BY`.
struct OrderSyntax: Sendable {
  var expression: ExpressionSyntax
  var isDescending: Bool
  /// `nil` where not said: nulls come last.
  var nullsFirst: Bool?
}
