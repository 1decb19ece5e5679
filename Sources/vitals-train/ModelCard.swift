import Forest

/// What a person should know of a model before relying on it, as Markdown.
struct ModelCard {
  let schema: TableSchema
  let report: TrainingReport
  let dataName: String

  var text: String {
    """
    # \(schema.name): \(Self.kind(report))

    **Not a medical device.** It shows what a random forest can say of data like that it learned from, and no more.
    It decides nothing about a patient.

    ## What it predicts

    \(prediction)

    ## What it learned from

    `\(dataName)` (XXH64 `\(report.fingerprint)`): \(rows).
    \(schema.description ?? "")

    | column | unit | missing | outside limits | lowest | median | highest |
    |---|---|---|---|---|---|---|
    \(columnRows)

    Missing values are not filled in: the trees learn where a row without the value goes.

    ## How good it is

    \(report.folds)-fold validation, \(report.repeats) times with other folds; everything is learned inside
    the folds. In brackets the interval of 95 %, by drawing patients anew.

    | figure | forest | \(baselines[0]) | \(baselines[1]) |
    |---|---|---|---|
    \(figureRows)

    \(decisions)## How it was made

    vitals-lake \(report.version), seed \(report.settings.seed), calibration \(report.calibration.rawValue);
    \(settings).

    ## Known limits

    It knows only patients like those it learned from: other ages, other origins and other laboratories were not tried.
    Values outside the table above were never seen. What pushes a prediction up or down is no cause.

    """
  }

  /// What a model is, in a few words.
  static func kind(_ report: TrainingReport) -> String {
    if report.task == .regression { return "a model that predicts a number" }
    return report.classes.count > 2 ? "a model of \(report.classes.count) classes" : "a model of risk"
  }

  private var baselines: [String] { [report.linearName, report.constantName].map { $0.replacing("_", with: " ") } }

  private var rows: String {
    let rows = "\(report.data.rows) rows"
    guard let classes = report.data.classes else {
      if report.task == .regression { return rows }
      return "\(rows), \(report.data.positives) of them \(schema.classes.map { $0[1] } ?? "positive")"
    }
    return "\(rows): \(classes.map { "\($0.rows) \($0.name)" }.joined(separator: ", "))"
  }

  private var prediction: String {
    if report.task == .regression { return "`\(schema.label)`, a number." }
    if report.classes.count > 2 {
      return """
        The probability of each class of `\(schema.label)`: \(classNames.joined(separator: ", ")).
        The most probable one is what it calls a row. There are no levels of risk and no calibration: those are of two
        classes.
        """
    }
    let positive = schema.classes.map { "`\($0[1])`" } ?? "1"
    return """
      The probability that `\(schema.label)` is \(positive). Low is below \(Self.text(RiskLevel.moderateFrom)),
      Moderate from there to below \(Self.text(RiskLevel.highFrom)), High from there on. Moderate means: the model does
      not decide.
      """
  }

  /// What the probabilities are worth as decisions; nothing for numbers.
  private var decisions: String {
    if let counts = report.classConfusion { return classDecisions(counts) }
    guard let confusion = report.confusion else { return "" }
    return """
      On the rows that it calls Low or High, a share of \(mean(.decidedShare)), its accuracy is
      \(mean(.decidedAccuracy)). Of all rows, \(mean(.accuracy)) are called rightly at a threshold of 0.5; always saying
      what is more frequent would come to \(Self.text(report.constant[Metrics.Name.accuracy.rawValue]?.mean)).

      | | called 0 | called 1 |
      |---|---|---|
      | is 0 | \(Self.count(confusion.trueNegatives)) | \(Self.count(confusion.falsePositives)) |
      | is 1 | \(Self.count(confusion.falseNegatives)) | \(Self.count(confusion.truePositives)) |


      """
  }

  /// The names of the classes, as they may stand in a table.
  private var classNames: [String] {
    report.classes.map { $0.filter { !$0.isNewline }.replacing("|", with: "\\|") }
  }

  /// What the most probable class is worth, where there are more than two.
  private func classDecisions(_ counts: [[Double]]) -> String {
    let rows = zip(classNames, counts).map { name, counts in
      "| is \(name) | " + counts.map(Self.count).joined(separator: " | ") + " |"
    }
    return """
      Of all rows, \(mean(.accuracy)) are called rightly; always saying what is most frequent would come to
      \(Self.text(report.constant[Metrics.Name.accuracy.rawValue]?.mean)).
      `roc_auc` and `balanced_accuracy` are means over classes, each against all others; `brier` adds up all classes,
      from 0 to 2; the logistic regression is one for each class against all others.

      | | \(classNames.map { "called \($0)" }.joined(separator: " | ")) |
      |---|\(String(repeating: "---|", count: report.classes.count))
      \(rows.joined(separator: "\n"))


      """
  }

  private var columnRows: String {
    zip(schema.columns, report.data.columns).map { column, facts in
      "| \(column.name) | \(column.unit ?? "") | \(facts.missing) | \(facts.impossible) | "
        + [facts.minimum, facts.median, facts.maximum].map(Self.text).joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }

  private var figureRows: String {
    report.figureNames.map { name in
      "| \(name) | \(Self.text(report.forest[name])) | \(Self.text(report.linear[name])) | "
        + "\(Self.text(report.constant[name])) |"
    }.joined(separator: "\n")
  }

  private var settings: String {
    report.settings.described.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  private func mean(_ name: Metrics.Name) -> String { Self.text(report.forest[name.rawValue]?.mean) }

  static func count(_ number: Double) -> String { text((number * 10).rounded() / 10) }

  /// A figure and its interval.
  static func text(_ interval: Interval?) -> String {
    guard let interval, let mean = interval.mean else { return "–" }
    return "\(text(mean)) (\(text(interval.low)) to \(text(interval.high)))"
  }

  private static func text(_ number: Double?) -> String {
    guard let number else { return "–" }
    return "\((number * 1_000).rounded() / 1_000)"
  }
}
