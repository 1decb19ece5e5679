import Forest

/// `report.html`: what a model is worth, to look at. One file, which needs nothing else and loads nothing.
struct ReportPage {
  let schema: TableSchema
  let report: TrainingReport
  /// Predictions of rows by models that did not learn from them, the mean of all repeats; of more than two classes the
  /// probabilities of each, row after row.
  let predictions: [Double]
  let targets: [Double]
  /// Rows of the data with their Shapley values.
  let explained: Explained

  private static let mostCurves = 12
  private static let mostDependences = 6

  /// How well it predicts, to look at.
  private var quality: [(title: String, svg: String)] {
    if report.task == .regression { return [predictedAgainstTrue] }
    return report.classConfusion == nil ? curves : confusion + classCurves
  }

  /// Rows by class and prediction.
  private var confusion: [(title: String, svg: String)] {
    guard let counts = report.classConfusion else { return [] }
    let head = report.classes.map { "<th>\(escaped($0))</th>" }.joined()
    let rows = zip(report.classes, counts).map { name, counts in
      let cells = counts.map { "<td>\(ModelCard.count($0))</td>" }.joined()
      return "<tr><th>\(escaped(name))</th>\(cells)</tr>"
    }
    let table = "<table><tr><th>is, called</th>\(head)</tr>\n\(rows.joined(separator: "\n"))</table>"
    return [("Confusion: rows by class and by prediction, the mean of all repeats", table)]
  }

  /// The most frequent classes, each against all others.
  private var classCurves: [(title: String, svg: String)] {
    let classes = report.classes
    let sizes = classes.indices.map { number in targets.count { $0 == Double(number) } }
    let shown = classes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }.prefix(Self.mostCurves).sorted()
    return shown.map { number in
      let own = targets.indices.map { predictions[$0 * classes.count + number] }
      let curves = Curves(probabilities: own, targets: targets.map { $0 == Double(number) ? 1 : 0 })
      var plot = Plot.square(x: "called \(classes[number]) among others", y: "… among its own", diagonal: true)
      plot.line(curves.receiver, class: "curve")
      let title = "Receiver operating characteristic: \(classes[number]) against all others"
      return (title, plot.svg(title))
    }
  }

  private var curves: [(title: String, svg: String)] {
    let curves = Curves(probabilities: predictions, targets: targets)
    var receiver = Plot.square(x: "called positive among negatives", y: "… among positives", diagonal: true)
    receiver.line(curves.receiver, class: "curve")
    var precision = Plot.square(x: "recall", y: "precision")
    precision.line(curves.precisionRecall, class: "curve")
    var calibration = Plot.square(x: "predicted", y: "happened", diagonal: true)
    calibration.dots(curves.calibration)
    return [
      ("Receiver operating characteristic", receiver.svg("Receiver operating characteristic")),
      ("Precision and recall", precision.svg("Precision and recall")),
      ("Calibration, ten groups", calibration.svg("Calibration")),
    ]
  }

  private var predictedAgainstTrue: (title: String, svg: String) {
    let all = predictions + targets
    let (low, high) = (all.min() ?? 0, all.max() ?? 1)
    var plot = Plot.square(x: "predicted", y: "true", diagonal: true, xTicks: (low, high), yTicks: (low, high))
    let width = max(high - low, 1e-300)
    for row in stride(from: 0, to: targets.count, by: max(1, targets.count / 1_000)) {
      plot.point(x: (predictions[row] - low) / width, y: (targets[row] - low) / width)
    }
    return ("What was predicted, and what was true", plot.svg("Predicted and true"))
  }

  var html: String {
    var figures = quality
    figures.append(("Importance: mean of absolute Shapley values", importance.svg("Importance")))
    for part in explained.parts.prefix(Self.mostCurves) {
      let title = "Shapley values of single rows; blue: low values of the column, red: high, grey: missing"
      figures.append(
        (part.name.map { "\($0): \(title)" } ?? title, swarm(part.dependence).svg("Shapley values")))
    }
    if explained.parts.count == 1 { figures += explained.parts[0].dependence.plots(Self.mostDependences) }
    let baselines = [report.linearName, report.constantName].map { $0.replacing("_", with: " ") }
    let counted = report.data.counted(schema).map { ", \(escaped($0))" } ?? ""
    let shown = figures.map { "<figure><figcaption>\(escaped($0.title))</figcaption>\($0.svg)</figure>" }
      .joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(escaped(schema.name)): \(ModelCard.kind(report))</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; color: #222 }
      figure { display: inline-block; margin: 0 1em 1.5em 0; vertical-align: top } svg { max-width: 100%; height: auto }
      svg text { font-size: 11px; fill: #444 } .frame { fill: none; stroke: #999 }
      .curve { fill: none; stroke: #1f6f8b; stroke-width: 2 } .chance { fill: none; stroke: #bbb; stroke-dasharray: 4 }
      .bar { fill: #1f6f8b } td, th { padding: 0.15em 0.8em 0.15em 0; text-align: left }
      .note { background: #fff3cd; padding: 0.6em }
      </style></head><body>
      <h1>\(escaped(schema.name)): \(ModelCard.kind(report))</h1>
      <p class="note"><strong>Not a medical device.</strong> What pushes a prediction up or down is no cause.</p>
      <p>\(report.data.rows) rows\(counted); \(report.folds)-fold validation, \(report.repeats)
      times; in brackets the interval of 95 %.</p>
      <table><tr><th>figure</th><th>forest</th><th>\(baselines[0])</th><th>\(baselines[1])</th></tr>
      \(figureRows)</table>
      \(shown)
      </body></html>

      """
  }

  private var figureRows: String {
    report.figureNames.map { name in
      let cells = [report.forest, report.linear, report.constant].map { "<td>\(ModelCard.text($0[name]))</td>" }
      return "<tr><td>\(name)</td>\(cells.joined())</tr>"
    }.joined(separator: "\n")
  }

  private var importance: Plot {
    var plot = Plot.rows(count: schema.columns.count)
    let ranking = explained.ranking
    let largest = max(ranking.first?.importance ?? 0, 1e-12)
    for (place, entry) in ranking.enumerated() {
      let y = Double(place) * 34 + 20
      plot.text(schema.columns[entry.column].name, x: 190, y: y + 11, anchor: "end")
      plot.bar(x: 200, y: y, width: 350 * entry.importance / largest)
      plot.text("\((entry.importance * 1_000).rounded() / 1_000)", x: 206 + 350 * entry.importance / largest, y: y + 11)
    }
    return plot
  }

  private func swarm(_ explained: Dependence) -> Plot {
    var plot = Plot.rows(count: schema.columns.count)
    let largest = max(explained.values.flatMap { $0 }.reduce(0) { max($0, abs($1)) }, 1e-12)
    // Some rows, lest the page become long.
    let step = max(1, explained.rows.rowCount / 400)
    for (place, entry) in explained.ranking.enumerated() {
      let y = Double(place) * 34 + 27
      let column = explained.rows.columns[entry.column]
      let sorted = column.filter { !$0.isNaN }.sorted()
      plot.text(schema.columns[entry.column].name, x: 190, y: y + 4, anchor: "end")
      for (row, values) in explained.values.enumerated() where row % step == 0 {
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
