import ArgumentParser
import CommandSupport

/// `vitals-train`: grow a forest that predicts risk, and ask it.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitals-train",
    abstract: "Train a random forest that predicts risk, validate it honestly, and predict with it.",
    discussion: """
      A model is a folder: forest.bin, schema.json, model.onnx, metrics.json, card.md, report.html, and what MLflow \
      wants beside them. It is not a medical device. \
      Without a subcommand, fit is meant.
      """,
    version: ProductVersion.current, subcommands: [Fit.self, Predict.self, Import.self, Compare.self, Promote.self],
    defaultSubcommand: Fit.self)
}
