import Columnar
import CommandSupport
import Forest

/// The figures of a model beside those of its baselines, as rows.
enum FigureTable {
  static func schema(_ report: TrainingReport) -> Schema {
    let names =
      ["mean", "low", "high"] + (report.score.map { [$0.name] } ?? []) + [report.linearName, report.constantName]
    return Schema([Field("figure", .string)] + names.map { Field($0, .double) })
  }

  static func batch(_ report: TrainingReport) -> RecordBatch {
    let names = report.figureNames
    func figures(_ value: (String) -> Double?) -> Column {
      Column(doubles: names.map { value($0).map { ($0 * 10_000).rounded() / 10_000 } })
    }
    var columns = [
      Column(strings: names), figures { report.forest[$0]?.mean }, figures { report.forest[$0]?.low },
      figures { report.forest[$0]?.high },
    ]
    if let score = report.score { columns.append(figures { score.figures[$0]?.mean }) }
    columns += [figures { report.linear[$0]?.mean }, figures { report.constant[$0]?.mean }]
    return RecordBatch(schema: schema(report), columns: columns)
  }

  /// Whether the forest is better than what it has to beat, in a sentence each.
  static func judgement(_ report: TrainingReport) -> [String] {
    report.comparisons.sorted { $0.key < $1.key }.map { name, test in
      let difference = "\((test.difference * 10_000).rounded() / 10_000)"
      let chance = "p = \((test.probability * 10_000).rounded() / 10_000)"
      let isBetter = test.difference > 0 && test.probability < 0.05
      let gain =
        if report.task == .regression {
          "mean squared error smaller by \(difference)"
        } else if report.classes.count > 2 {
          "brier smaller by \(difference)"
        } else {
          "roc_auc \(test.difference > 0 ? "+" : "")\(difference)"
        }
      return "\(isBetter ? "better" : "not shown to be better") than \(name): \(gain), \(chance)"
    }
  }
}
