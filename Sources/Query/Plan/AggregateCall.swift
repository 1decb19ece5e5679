/// An aggregate over the rows of a group.
struct AggregateCall: Hashable, Sendable {
  enum Function: String, Hashable, Sendable {
    case countAll, count, countIf, sum, avg, min, max, product
    case median, quantileCont, quantileDisc, mode
    case stddevSamp, stddevPop, varSamp, varPop, corr, covarSamp, covarPop
    case argMin, argMax, first, last, anyValue, stringAgg, list, approxCountDistinct, approxQuantile
    case boolAnd, boolOr, bitAnd, bitOr, bitXor
  }

  var function: Function
  var arguments: [Expression]
  var type: SQLType
  var isDistinct = false
  var filter: Expression?
  /// The order in which rows are taken, for aggregates that depend on it.
  var order: [SortKey] = []
  /// The quantile asked for; the text between those of `string_agg`.
  var parameter: Value = .null

  /// How many arguments, the first ones, a row must have values of to count.
  var neededValues: Int {
    switch function {
    // These take nulls as they come.
    case .first, .last, .list: 0
    case .argMin, .argMax, .corr, .covarPop, .covarSamp: 2
    default: 1
    }
  }

  /// The names by which SQL calls aggregates.
  static let names: [String: Function] = [
    "count": .count, "count_if": .countIf, "countif": .countIf, "sum": .sum, "avg": .avg, "mean": .avg, "min": .min,
    "max": .max, "product": .product, "median": .median, "quantile_cont": .quantileCont,
    "percentile_cont": .quantileCont, "quantile": .quantileDisc, "quantile_disc": .quantileDisc, "mode": .mode,
    "stddev": .stddevSamp, "stddev_samp": .stddevSamp, "stddev_pop": .stddevPop, "variance": .varSamp,
    "var_samp": .varSamp, "var_pop": .varPop, "corr": .corr, "covar_samp": .covarSamp, "covar_pop": .covarPop,
    "arg_min": .argMin, "argmin": .argMin, "min_by": .argMin, "arg_max": .argMax, "argmax": .argMax, "max_by": .argMax,
    "first": .first, "last": .last, "any_value": .anyValue, "arbitrary": .first, "string_agg": .stringAgg,
    "list": .list, "array_agg": .list, "group_concat": .stringAgg, "listagg": .stringAgg,
    "approx_count_distinct": .approxCountDistinct,
    "bool_and": .boolAnd, "bool_or": .boolOr, "bit_and": .bitAnd, "bit_or": .bitOr, "bit_xor": .bitXor,
  ]
}
