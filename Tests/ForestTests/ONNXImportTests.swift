import Forest
import Kernels
import Testing

@Suite struct ONNXImportTests {
  private let data = SampleData.matrix(rows: 200, columns: 5, missing: 0.2)

  private func model() async throws -> (forest: RandomForest, onnx: [UInt8]) {
    let forest = try await SampleData.forest(data, trees: 7) { $0.minSamplesLeaf = 5 }
    return (forest, forest.onnx(name: "x", version: "1"))
  }

  @Test func thereAndBack() async throws {
    let (forest, onnx) = try await model()
    let back = try RandomForest(onnx: onnx, columnCount: 5)
    #expect(back.treeCount == 7 && back.nodes.count == forest.nodes.count)
    let differences = zip(await forest.predictions(for: data), await back.predictions(for: data)).map { abs($0 - $1) }
    #expect(differences.allSatisfy { $0 < 5e-6 })
    // What it does not know it does not make up, and what needs none of that works.
    #expect(throws: ForestError.self) { try TreeExplainer(back) }
    let explainer = try InterventionalExplainer(back, background: data.selecting(Array(0..<20)))
    let values = explainer.values(of: data.row(50))
    #expect(abs(explainer.baseValue + values.reduce(0, +) - back.prediction(of: data.row(50))) < 1e-9)
  }

  @Test func otherColumnsAreRefused() async throws {
    let onnx = try await model().onnx
    #expect(throws: ForestError.self) { try RandomForest(onnx: onnx, columnCount: 2) }
  }

  /// Whatever happens to a file: an error or a forest, and never a trap.
  @Test func damagedFiles() async throws {
    let onnx = try await model().onnx
    for length in stride(from: 0, to: onnx.count, by: 37) {
      #expect(throws: ForestError.self) { try RandomForest(onnx: Array(onnx[..<length]), columnCount: 5) }
    }
    var random = SplitMix64(seed: 9)
    for _ in 0..<3_000 {
      var bytes = onnx
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let forest = try? RandomForest(onnx: bytes, columnCount: 5) {
        let value = forest.prediction(of: data.row(0))
        #expect((0...1).contains(value))
      }
    }
  }
}
