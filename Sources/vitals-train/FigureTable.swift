import Columnar
import CommandSupport
import Forest

/// The figures of a model beside those of its baselines, as rows.
enum FigureTable {
  static let schema = Schema([
    Field("figure", .string), Field("mean", .double), Field("low", .double), Field("high", .double),
    Field("logistic_regression", .double), Field("majority", .double),
  ])

  static func batch(_ report: TrainingReport) -> RecordBatch {
    let names = Metrics.Name.allCases
    func figures(_ value: (Metrics.Name) -> Double?) -> Column {
      Column(doubles: names.map { value($0).map { ($0 * 10_000).rounded() / 10_000 } })
    }
    return RecordBatch(
      schema: schema,
      columns: [
        Column(strings: names.map(\.rawValue)), figures { report.forest[$0]?.mean },
        figures { report.forest[$0]?.low }, figures { report.forest[$0]?.high },
        figures { report.logistic[$0]?.mean }, figures { report.majority[$0]?.mean },
      ])
  }
}
