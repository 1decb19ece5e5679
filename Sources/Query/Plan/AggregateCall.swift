/// An aggregate over the rows of a group.
struct AggregateCall: Hashable, Sendable {
  enum Function: String, Hashable, Sendable {
    case countAll, count, countIf, sum, avg, min, max, product
    case median, quantileCont, quantileDisc, mode
    case stddevSamp, stddevPop, varSamp, varPop, corr, covarSamp, covarPop
    case argMin, argMax, first, last, anyValue, stringAgg, approxCountDistinct, approxQuantile
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

  /// The names by which SQL calls aggregates.
  static let names: [String: Function] = [
    "count": .count, "count_if": .countIf, "countif": .countIf, "sum": .sum, "avg": .avg, "mean": .avg, "min": .min,
    "max": .max, "product": .product, "median": .median, "quantile_cont": .quantileCont,
    "percentile_cont": .quantileCont, "quantile": .quantileDisc, "quantile_disc": .quantileDisc, "mode": .mode,
    "stddev": .stddevSamp, "stddev_samp": .stddevSamp, "stddev_pop": .stddevPop, "variance": .varSamp,
    "var_samp": .varSamp, "var_pop": .varPop, "corr": .corr, "covar_samp": .covarSamp, "covar_pop": .covarPop,
    "arg_min": .argMin, "argmin": .argMin, "min_by": .argMin, "arg_max": .argMax, "argmax": .argMax, "max_by": .argMax,
    "first": .first, "last": .last, "any_value": .anyValue, "arbitrary": .first, "string_agg": .stringAgg,
    "group_concat": .stringAgg, "listagg": .stringAgg, "approx_count_distinct": .approxCountDistinct,
    "bool_and": .boolAnd, "bool_or": .boolOr, "bit_and": .bitAnd, "bit_or": .bitOr, "bit_xor": .bitXor,
  ]
}

/// A window function over sorted partitions.
struct WindowCall: Hashable, Sendable {
  enum Function: Hashable, Sendable {
    case rowNumber, rank, denseRank, percentRank, cumeDist, ntile
    case lag, lead, firstValue, lastValue, nthValue
    case aggregate(AggregateCall.Function)
  }

  var function: Function
  var arguments: [Expression]
  var partition: [Expression]
  var order: [SortKey]
  var frame: FrameSyntax
  var type: SQLType

  /// The names of functions that exist only over windows.
  static let names: [String: Function] = [
    "row_number": .rowNumber, "rank": .rank, "dense_rank": .denseRank, "percent_rank": .percentRank,
    "cume_dist": .cumeDist, "ntile": .ntile, "lag": .lag, "lead": .lead, "first_value": .firstValue,
    "last_value": .lastValue, "nth_value": .nthValue,
  ]
}
