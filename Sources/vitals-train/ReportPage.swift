import Forest

/// `report.html`: what a model is worth, to look at. One file, which needs nothing else and loads nothing.
struct ReportPage {
  let schema: TableSchema
  let report: TrainingReport
  /// Predictions of rows by models that did not learn from them, the mean of all repeats.
  let probabilities: [Double]
  let targets: [Double]
  /// Rows of the data with their Shapley values.
  let explained: (rows: FeatureMatrix, values: [[Double]])

  var html: String {
    let curves = Curves(probabilities: probabilities, targets: targets)
    var receiver = Plot.square(x: "called positive among negatives", y: "… among positives", diagonal: true)
    receiver.line(curves.receiver, class: "curve")
    var precision = Plot.square(x: "recall", y: "precision", diagonal: false)
    precision.line(curves.precisionRecall, class: "curve")
    var calibration = Plot.square(x: "predicted", y: "happened", diagonal: true)
    calibration.dots(curves.calibration)
    let figures = [
      ("Receiver operating characteristic", receiver.svg("Receiver operating characteristic")),
      ("Precision and recall", precision.svg("Precision and recall")),
      ("Calibration, ten groups", calibration.svg("Calibration")),
      ("Importance: mean of absolute Shapley values", importance.svg("Importance")),
      (
        "Shapley values of single rows; blue: low values of the column, red: high, grey: missing",
        swarm.svg("Shapley values")
      ),
    ]
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(escaped(schema.name)): a model of risk</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; color: #222 }
      figure { display: inline-block; margin: 0 1em 1.5em 0; vertical-align: top } svg { max-width: 100%; height: auto }
      svg text { font-size: 11px; fill: #444 } .frame { fill: none; stroke: #999 }
      .curve { fill: none; stroke: #1f6f8b; stroke-width: 2 } .chance { fill: none; stroke: #bbb; stroke-dasharray: 4 }
      .bar { fill: #1f6f8b } td, th { padding: 0.15em 0.8em 0.15em 0; text-align: left }
      .note { background: #fff3cd; padding: 0.6em }
      </style></head><body>
      <h1>\(escaped(schema.name)): a model of risk</h1>
      <p class="note"><strong>Not a medical device.</strong> What pushes a prediction up or down is no cause.</p>
      <p>\(report.data.rows) rows, \(report.data.positives) positive; \(report.folds)-fold validation, \(report.repeats)
      times; in brackets the interval of 95 %.</p>
      <table><tr><th>figure</th><th>forest</th><th>logistic regression</th><th>majority</th></tr>
      \(figureRows)</table>
      \(figures.map { "<figure><figcaption>\($0.0)</figcaption>\($0.1)</figure>" }.joined(separator: "\n"))
      </body></html>

      """
  }

  private var figureRows: String {
    Metrics.Name.allCases.map { name in
      let cells = [report.forest, report.logistic, report.majority].map { "<td>\(ModelCard.text($0[name]))</td>" }
      return "<tr><td>\(name.rawValue)</td>\(cells.joined())</tr>"
    }.joined(separator: "\n")
  }

  /// The columns from the most important one down, with the mean of their absolute values.
  private var ranking: [(column: Int, importance: Double)] {
    schema.columns.indices.map { column in
      (column, explained.values.reduce(0) { $0 + abs($1[column]) } / Double(max(explained.values.count, 1)))
    }.sorted { $0.1 > $1.1 }
  }

  private var importance: Plot {
    var plot = Plot.rows(count: schema.columns.count)
    let largest = max(ranking.first?.importance ?? 0, 1e-12)
    for (place, entry) in ranking.enumerated() {
      let y = Double(place) * 34 + 20
      plot.text(schema.columns[entry.column].name, x: 190, y: y + 11, anchor: "end")
      plot.bar(x: 200, y: y, width: 350 * entry.importance / largest)
      plot.text("\((entry.importance * 1_000).rounded() / 1_000)", x: 206 + 350 * entry.importance / largest, y: y + 11)
    }
    return plot
  }

  private var swarm: Plot {
    var plot = Plot.rows(count: schema.columns.count)
    let largest = max(explained.values.flatMap { $0 }.reduce(0) { max($0, abs($1)) }, 1e-12)
    for (place, entry) in ranking.enumerated() {
      let y = Double(place) * 34 + 27
      let column = explained.rows.columns[entry.column]
      let sorted = column.filter { !$0.isNaN }.sorted()
      plot.text(schema.columns[entry.column].name, x: 190, y: y + 4, anchor: "end")
      for (row, values) in explained.values.enumerated() {
        // The place among the column's values is the colour; the row's number is the height, so that dots do not hide.
        let below = sorted.prefix { $0 < column[row] }.count
        let share = sorted.isEmpty ? 0 : Double(below) / Double(sorted.count)
        let color = column[row].isNaN ? "#aaa" : "rgb(\(Int(40 + 190 * share)),70,\(Int(230 - 190 * share)))"
        let x = 420 + 200 * values[entry.column] / largest
        plot.dot(x: x, y: y + Double(row * 7 % 23) - 11, radius: 2, color: color)
      }
    }
    return plot
  }
}
