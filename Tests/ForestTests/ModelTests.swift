import Forest
import Testing

/// Forests from files: sound ones come back as they were, all others are refused.
@Suite struct ModelTests {
  private let data = SampleData.matrix(rows: 100, columns: 4, missing: 0.1)

  @Test func aForestComesBackAsItWas() async throws {
    let forest = try await SampleData.forest(data)
    let back = try RandomForest(decoding: forest.encoded())
    #expect(back.nodes == forest.nodes && back.task == forest.task && back.columnCount == 4)
    #expect(await back.predictions(for: data) == forest.predictions(for: data))
  }

  /// The example that stands beside the form.
  @Test func theDocumentedBytes() throws {
    var nodes = TreeNodes()
    (nodes.feature, nodes.threshold, nodes.left, nodes.missingGoesLeft) = ([-1], [0], [0], [false])
    (nodes.cover, nodes.value) = ([2], [0.5])
    let bytes = try RandomForest(task: .classification, columnCount: 8, nodes: nodes).encoded()
    let text = bytes.dropLast(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    #expect(
      text.uppercased() == "564C464F52455354" + "01000000" + "00000000" + "08000000" + "01000000" + "01000000"
        + "00000000" + "FFFFFFFF" + "0000000000000000" + "00000000" + "00" + "0000000000000040" + "000000000000E03F")
  }

  @Test func aFileThatIsCutOffIsRefused() async throws {
    let bytes = try await SampleData.forest(data, trees: 1).encoded()
    for length in bytes.indices {
      #expect(throws: ForestError.self) { try RandomForest(decoding: Array(bytes[..<length])) }
    }
    #expect(throws: ForestError.self) { try RandomForest(decoding: bytes + [0]) }
  }

  @Test func aDamagedByteIsNoticed() async throws {
    let bytes = try await SampleData.forest(data, trees: 1).encoded()
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 1 << (place % 8)
      #expect(throws: ForestError.self) { try RandomForest(decoding: damaged) }
    }
  }

  /// Nodes that a checksum would not give away.
  @Test func unsoundTreesAreRefused() async throws {
    let sound = try await SampleData.forest(data, trees: 2).nodes
    #expect(sound.feature[0] >= 0)
    let changes: [(inout TreeNodes) -> Void] = [
      { $0.left[0] = 0 }, { $0.left[0] = -1 }, { $0.left[0] = Int32($0.roots[1]) },
      { $0.left[$0.roots[1]] = Int32($0.count - 1) }, { $0.feature[0] = 4 }, { $0.threshold[0] = .nan },
      { $0.value[0] = .nan }, { $0.value[0] = 1.5 }, { $0.cover[0] = -1 }, { $0.roots[1] = 0 },
      { $0.roots[1] = $0.count }, { $0.roots = [] }, { $0.roots[0] = 1 }, { $0.value.removeLast() },
    ]
    for (number, change) in changes.enumerated() {
      var nodes = sound
      change(&nodes)
      #expect(throws: ForestError.self, "change \(number)") {
        try RandomForest(task: .classification, columnCount: 4, nodes: nodes)
      }
    }
  }

  private func json(left: String, right: String, count: Int = 3) -> [UInt8] {
    let zeros = "[" + [String](repeating: "0", count: count).joined(separator: ",") + "]"
    return Array(
      """
      {"task":"classification","columns":2,"trees":[{"left":\(left),"right":\(right),"feature":\(zeros),
      "threshold":[null,0,0],"missing_left":\(zeros),"cover":\(zeros),"value":[0.5,0.25,0.75]}]}
      """.utf8)
  }

  @Test func jsonOfAnotherOrder() throws {
    let forest = try RandomForest(json: json(left: "[2,-1,-1]", right: "[1,-1,-1]"))
    #expect(forest.prediction(of: [5, 0]) == 0.75)
    #expect(forest.prediction(of: [.nan, 0]) == 0.25)
  }

  @Test(
    "a cycle, two parents, half a pair, no such node, a node left over, fields of other lengths",
    arguments: [
      ("[1,0,-1]", "[2,2,-1]"), ("[0,-1,-1]", "[1,-1,-1]"), ("[1,-1,-1]", "[1,-1,-1]"), ("[1,-1,-1]", "[-1,-1,-1]"),
      ("[1,-1,-1]", "[3,-1,-1]"), ("[-1,-1,-1]", "[-1,-1,-1]"), ("[1,-1]", "[2,-1,-1]"), ("[]", "[]"), ("{", ""),
    ])
  func jsonThatIsNoTree(left: String, right: String) {
    #expect(throws: ForestError.self) { try RandomForest(json: json(left: left, right: right)) }
  }
}
