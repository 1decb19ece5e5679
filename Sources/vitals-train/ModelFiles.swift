import CommandSupport
import Forest

/// All files of a model's folder.
struct ModelFiles {
  let model: SavedModel
  let dataName: String
  let report: TrainingReport
  let page: ReportPage

  func all() throws -> [(name: String, bytes: [UInt8])] {
    let schema = model.schema
    let card = ModelCard(schema: schema, report: report, dataName: dataName).text
    let onnx = model.forest.onnx(name: schema.name, version: ProductVersion.current)
    // Medians, since the row of a patient does not belong into a model.
    let example = report.data.columns.map { $0.median ?? 0 }
    let flow = MLflowFiles(
      name: schema.name, columns: schema.columns.count, task: report.task, classes: report.classes,
      fingerprint: report.fingerprint)
    return try model.files() + [
      ("model.onnx", onnx), ("metrics.json", try prettyJSON(report)), ("card.md", Array(card.utf8)),
      ("report.html", Array(page.html.utf8)), ("shap_dependence.csv", Array(page.explained.csv.utf8)),
    ] + flow.files(example: example)
  }
}
