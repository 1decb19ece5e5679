import CommandSupport
import Forest

/// All files of a model's folder.
struct ModelFiles {
  let model: SavedModel
  let data: TrainingData
  let report: TrainingReport
  let page: ReportPage

  func all() throws -> [(name: String, bytes: [UInt8])] {
    let card = ModelCard(schema: data.schema, report: report, dataName: data.name).text
    let onnx = try model.forest.onnx(name: data.schema.name, version: ProductVersion.current)
    // Medians, since the row of a patient does not belong into a model.
    let example = report.data.columns.map { $0.median ?? 0 }
    let flow = MLflowFiles(name: data.schema.name, columns: data.schema.columns.count, fingerprint: data.fingerprint)
    return try model.files() + [
      ("model.onnx", onnx), ("metrics.json", try prettyJSON(report)), ("card.md", Array(card.utf8)),
      ("report.html", Array(page.html.utf8)),
    ] + flow.files(example: example)
  }
}
