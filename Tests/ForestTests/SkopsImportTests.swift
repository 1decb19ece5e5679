import Forest
import Kernels
import Testing

/// Archives of skops, made here as it makes them; `tools/interop/forest` reads real ones.
@Suite struct SkopsImportTests {
  /// A forest of stumps: below 0.5 the share is 0.25, above it 0.75, a missing value goes left.
  private struct Sample {
    var left = [1, -1, -1]
    var right = [2, -1, -1]
    var kind = "RandomForestClassifier"
    var classes = 2
    var outputs = 1
    var method: UInt16 = 0
    var sharesArrays = false
    var values = [0.5, 0.5, 0.75, 0.25, 1.5, 4.5]

    private func little(_ number: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }

    private func array(_ type: String, _ shape: String, _ content: [UInt8]) -> [UInt8] {
      let text = "{'descr': \(type), 'fortran_order': False, 'shape': (\(shape)), }"
      let padded = text + String(repeating: " ", count: 63 - (text.utf8.count + 10) % 64) + "\n"
      return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(UInt64(padded.utf8.count), 2) + Array(padded.utf8) + content
    }

    private var nodes: [UInt8] {
      let type = """
        [('left_child', '<i8'), ('right_child', '<i8'), ('feature', '<i8'), ('threshold', '<f8'), ('impurity', '<f8'), \
        ('n_node_samples', '<i8'), ('weighted_n_node_samples', '<f8'), ('missing_go_to_left', '|u1'), ('', '|V7')]
        """
      let records = left.indices.flatMap { node -> [UInt8] in
        let isLeaf = left[node] < 0 && right[node] < 0
        let numbers = [UInt64(bitPattern: Int64(left[node])), UInt64(bitPattern: Int64(right[node])), isLeaf ? ~1 : 1]
        let threshold: [UInt64] = [isLeaf ? (-2.0).bitPattern : 0.5.bitPattern, 0, 3]
        let cover = (node == 0 ? 8.0 : 4.0).bitPattern
        return (numbers + threshold + [cover]).flatMap { little($0, 8) } + [1] + [UInt8](repeating: 0, count: 7)
      }
      return array(type, "\(left.count),", records)
    }

    private var members: [(String, [UInt8])] {
      let content = values.flatMap { little($0.bitPattern, 8) }
      let width = kind.hasSuffix("Classifier") ? classes : 1
      let labels = array("'<i8'", "\(classes),", (0..<classes).flatMap { little(UInt64($0), 8) })
      func tree(_ number: Int) -> String {
        """
        {"content":{"content":{"tree_":{"content":{"content":{"nodes":{"file":"n\(number).npy"},
        "values":{"file":"v\(number).npy"}}}}}}}
        """
      }
      let schema = """
        {"__class__":"\(kind)","__loader__":"ObjectNode","content":{"content":{
        "n_features_in_":{"content":"2","is_json":true},"n_outputs_":{"content":"\(outputs)"},
        "classes_":{"file":"c.npy"},"estimators_":{"content":[\(tree(1)),\(tree(sharesArrays ? 1 : 2))]}}}}
        """
      let shares = array("'<f8'", "\(left.count), 1, \(width)", content)
      return [
        ("n1.npy", nodes), ("v1.npy", shares), ("n2.npy", nodes), ("v2.npy", shares), ("c.npy", labels),
        ("schema.json", Array(schema.utf8)),
      ]
    }

    private func checksum(_ bytes: [UInt8]) -> UInt64 {
      var rest: UInt32 = ~0
      for byte in bytes {
        rest ^= UInt32(byte)
        for _ in 0..<8 { rest = rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
      }
      return UInt64(~rest)
    }

    var archive: [UInt8] {
      var (bytes, entries) = ([UInt8](), [UInt8]())
      for (name, content) in members {
        let length = little(UInt64(content.count), 4)
        let sizes = little(checksum(content), 4) + length + length + little(UInt64(name.utf8.count), 2)
        let method = little(UInt64(method), 2)
        entries += [0x50, 0x4B, 1, 2, 20, 3, 20, 0, 0, 0] + method + [0, 0, 0, 0] + sizes + [0, 0, 0, 0, 0, 0, 0, 0]
        entries += [0, 0, 0, 0] + little(UInt64(bytes.count), 4) + Array(name.utf8)
        bytes += [0x50, 0x4B, 3, 4, 20, 0, 0, 0] + method + [0, 0, 0, 0] + sizes + [0, 0]
        bytes += Array(name.utf8) + content
      }
      let count = little(UInt64(members.count), 2)
      return bytes + entries + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + little(UInt64(entries.count), 4)
        + little(UInt64(bytes.count), 4) + [0, 0]
    }
  }

  @Test func aForestIsRead() throws {
    let forest = try RandomForest(skops: Sample().archive)
    #expect(forest.treeCount == 2 && forest.columnCount == 2 && forest.task == .classification)
    #expect(forest.prediction(of: [9, 0.5]) == 0.25 && forest.prediction(of: [9, 0.6]) == 0.75)
    #expect(forest.prediction(of: [9, .nan]) == 0.25)
    #expect(try TreeExplainer(forest).baseValue == 0.5)
  }

  @Test func numbersToo() throws {
    let sample = Sample(kind: "ExtraTreesRegressor", values: [2, -5, 9])
    let forest = try RandomForest(skops: sample.archive)
    #expect(forest.task == .regression && forest.prediction(of: [0, 1]) == 9)
  }

  /// Shares are taken as they are, weights of older versions by their sum.
  @Test(arguments: [1.0, 8]) func severalClasses(scale: Double) throws {
    let shares = [0.5, 0.25, 0.25, 1, 0, 0, 0, 0.5, 0.5]
    let forest = try RandomForest(skops: Sample(classes: 3, values: shares.map { $0 * scale }).archive)
    #expect(forest.classCount == 3 && forest.probabilities(of: [0, 0.5]) == [1, 0, 0])
    #expect(forest.probabilities(of: [0, 1]) == [0, 0.5, 0.5] && forest.prediction(of: [0, 1]) == 1)
    #expect(try TreeExplainer(forest.oneClass(1)).baseValue == 0.25)
  }

  @Test func whatIsNoForestOfOursIsRefused() {
    let samples = [
      Sample(kind: "Pipeline"), Sample(classes: 3), Sample(outputs: 2), Sample(method: 8), Sample(sharesArrays: true),
      // A cycle, two parents, a child that is no node, too few values.
      Sample(left: [0, -1, -1]), Sample(right: [1, -1, -1]), Sample(right: [3, -1, -1]), Sample(values: [0.5, 0.5]),
      Sample(classes: 3, values: [0.5, 0.5, 0, 1, 1, 1, 0, 0, 0]), Sample(classes: 1, values: [1, 1, 1]),
      Sample(values: [0.5, 0.5, .nan, 0.25, 1.5, 4.5]), Sample(values: [0.5, 0.5, 0, 0, 1.5, 4.5]),
    ]
    for (number, sample) in samples.enumerated() {
      #expect(throws: ForestError.self, "sample \(number)") { try RandomForest(skops: sample.archive) }
    }
  }

  @Test func damagedArchives() {
    let archive = Sample().archive
    for length in stride(from: 0, to: archive.count, by: 7) {
      #expect(throws: ForestError.self) { try RandomForest(skops: Array(archive[..<length])) }
    }
    var random = SplitMix64(seed: 2)
    for _ in 0..<5_000 {
      var bytes = archive
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      // An error or a forest, and never a trap.
      if let forest = try? RandomForest(skops: bytes) { #expect((0...1).contains(forest.prediction(of: [0, 1]))) }
    }
  }
}
