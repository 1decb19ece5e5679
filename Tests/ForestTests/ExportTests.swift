import Testing

@testable import Forest

@Suite struct ExportTests {
  @Test func fieldsOfProtocolBuffers() {
    var writer = ProtobufWriter()
    writer.field(1, 150)
    writer.field(2, "hi")
    writer.field(3) { $0.field(1, 1) }
    writer.field(4, packed: [3, 270, 86942])
    writer.field(5, packed: [Float(1)])
    writer.field(16, -1)
    #expect(
      writer.bytes == [
        0x08, 0x96, 0x01, 0x12, 0x02, 0x68, 0x69, 0x1A, 0x02, 0x08, 0x01, 0x22, 0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7,
        0x05, 0x2A, 0x04, 0x00, 0x00, 0x80, 0x3F, 0x80, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0x01,
      ])
  }

  /// 0.1 as a float is a little above the double: it goes right, here and wherever the model is run.
  @Test func valuesAreComparedAsFloats() throws {
    var nodes = TreeNodes()
    (nodes.feature, nodes.threshold, nodes.left) = ([0, -1, -1], [0.1, 0, 0], [1, 0, 0])
    (nodes.missingGoesLeft, nodes.cover, nodes.value) = ([true, false, false], [2, 1, 1], [0.5, 0, 1])
    let forest = try RandomForest(task: .classification, columnCount: 1, nodes: nodes)
    #expect(forest.prediction(of: [0.1]) == 1)
    #expect(forest.prediction(of: [Float(0.1).nextDown]) == 0)
    #expect(forest.prediction(of: [.nan]) == 0)
    #expect(forest.prediction(of: [.infinity]) == 1 && forest.prediction(of: [-.infinity]) == 0)
  }

  @Test func treesThatDisagreeAreSpread() throws {
    var nodes = TreeNodes()
    (nodes.feature, nodes.threshold, nodes.left) = ([-1, -1], [0, 0], [0, 0])
    (nodes.missingGoesLeft, nodes.cover, nodes.value) = ([false, false], [1, 1], [0.2, 1])
    nodes.roots = [0, 1]
    let forest = try RandomForest(task: .classification, columnCount: 1, nodes: nodes)
    #expect(abs(forest.predictionAndSpread(of: [0]).spread - 0.4) < 1e-12)
  }

  /// The rule of Gauss and Legendre does what it is taken for.
  @Test(arguments: [0, 1, 2, 7, 20, 63]) func polynomialsAreIntegratedExactly(degree: Int) {
    let rule = Quadrature.exact(forDegree: degree)
    let sum = zip(rule.points, rule.weights).reduce(0) { sum, point in
      sum + point.1 * (0..<degree).reduce(1) { power, _ in power * point.0 }
    }
    #expect(abs(sum - 1 / Double(degree + 1)) < 1e-14)
    #expect(rule.points.allSatisfy { $0 > 0 && $0 < 1 } && rule.weights.allSatisfy { $0 > 0 })
  }
}
