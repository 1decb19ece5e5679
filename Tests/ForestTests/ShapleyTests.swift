import Forest
import Kernels
import Testing

/// Shapley values against their definition: the mean over all orders in which columns become known.
@Suite struct ShapleyTests {
  private let data = SampleData.matrix(rows: 200, columns: 6, missing: 0.15, seed: 3)

  /// The prediction of a tree where only some columns are known: both children by their weight where one is not.
  private func expectation(_ forest: RandomForest, _ row: [Float], known: Set<Int>) -> Double {
    let nodes = forest.nodes
    func below(_ node: Int) -> Double {
      guard nodes.feature[node] >= 0 else { return nodes.value[node] }
      let column = Int(nodes.feature[node])
      let left = Int(nodes.left[node])
      if known.contains(column) {
        let value = row[column]
        let goesLeft = value.isNaN ? nodes.missingGoesLeft[node] : Double(value) <= nodes.threshold[node]
        return below(goesLeft ? left : left + 1)
      }
      let weights = (nodes.cover[left], nodes.cover[left + 1])
      return (below(left) * weights.0 + below(left + 1) * weights.1) / nodes.cover[node]
    }
    return nodes.roots.reduce(0) { $0 + below($1) } / Double(forest.treeCount)
  }

  /// Shapley values of any game by its definition, and those of pairs.
  private func bruteForce(columns: Int, game: (Set<Int>) -> Double) -> (single: [Double], pairs: [[Double]]) {
    let values = (0..<1 << columns).map { set in game(Set((0..<columns).filter { set >> $0 & 1 == 1 })) }
    func factorial(_ number: Int) -> Double { (0..<number).reduce(1) { $0 * Double($1 + 1) } }
    var single = [Double](repeating: 0, count: columns)
    var pairs = [[Double]](repeating: single, count: columns)
    for set in values.indices {
      let size = set.nonzeroBitCount
      for first in 0..<columns where set >> first & 1 == 0 {
        let weight = factorial(size) * factorial(columns - size - 1) / factorial(columns)
        single[first] += weight * (values[set | 1 << first] - values[set])
        for second in 0..<columns where set >> second & 1 == 0 && second != first {
          let weight = factorial(size) * factorial(columns - size - 2) / (2 * factorial(columns - 1))
          let both = values[set | 1 << first | 1 << second] - values[set | 1 << second]
          pairs[first][second] += weight * (both - values[set | 1 << first] + values[set])
        }
      }
    }
    for column in 0..<columns { pairs[column][column] = single[column] - pairs[column].reduce(0, +) }
    return (single, pairs)
  }

  @Test(arguments: [1, 5])
  func valuesAreThoseOfTheDefinition(leaf: Int) async throws {
    let forest = try await SampleData.forest(data) { $0.minSamplesLeaf = leaf }
    let explainer = try TreeExplainer(forest)
    let pairs = try InteractionExplainer(forest)
    #expect(abs(explainer.baseValue - expectation(forest, data.row(0), known: [])) < 1e-12)
    for number in 0..<12 {
      let row = data.row(number)
      let expected = bruteForce(columns: 6) { expectation(forest, row, known: $0) }
      let values = explainer.values(of: row)
      #expect(zip(values, expected.single).allSatisfy { abs($0 - $1) < 1e-12 })
      let interactions = pairs.interactions(of: row)
      for column in 0..<6 {
        #expect(zip(interactions[column], expected.pairs[column]).allSatisfy { abs($0 - $1) < 1e-12 })
      }
    }
  }

  @Test func interventionalValuesAreThoseOfTheDefinition() async throws {
    let forest = try await SampleData.forest(data) { $0.minSamplesLeaf = 3 }
    let background = data.selecting(Array(50..<90))
    let explainer = try InterventionalExplainer(forest, background: background)
    for number in 0..<8 {
      let row = data.row(number)
      let expected = bruteForce(columns: 6) { known in
        (0..<background.rowCount).reduce(0) { sum, other in
          let mixed = background.row(other).enumerated().map { known.contains($0.offset) ? row[$0.offset] : $0.element }
          return sum + forest.prediction(of: mixed)
        } / Double(background.rowCount)
      }
      let values = explainer.values(of: row)
      #expect(zip(values, expected.single).allSatisfy { abs($0 - $1) < 1e-12 })
      #expect(abs(explainer.baseValue + values.reduce(0, +) - forest.prediction(of: row)) < 1e-12)
    }
  }

  /// Deep trees over many columns, which need more than four points; the sum is the prediction nevertheless.
  @Test func valuesAddUp() async throws {
    let wide = SampleData.matrix(rows: 600, columns: 40, missing: 0.05, seed: 9)
    let forest = try await SampleData.forest(wide, trees: 20) { $0.extraTrees = true }
    let explainer = try TreeExplainer(forest)
    let predictions = await forest.predictions(for: wide)
    let values = await explainer.values(of: wide.selecting(Array(0..<50)), threads: 2)
    for (row, values) in values.enumerated() {
      #expect(abs(explainer.baseValue + values.reduce(0, +) - predictions[row]) < 1e-9)
      // One row or many, tree by tree or row by row: the same to the last bit.
      #expect(explainer.values(of: wide.row(row)) == values)
    }
  }

  @Test func aForestThatKnowsNothingExplainsNothing() async throws {
    let forest = try await SampleData.forest(data) { $0.minSamplesSplit = 1_000 }
    let explainer = try TreeExplainer(forest)
    #expect(explainer.values(of: data.row(0)) == [Double](repeating: 0, count: 6))
    #expect(explainer.baseValue == forest.prediction(of: data.row(0)))
    let background = try InterventionalExplainer(forest, background: data)
    #expect(background.values(of: data.row(0)) == [Double](repeating: 0, count: 6))
  }

  @Test func aNodeWithoutWeightIsRefused() throws {
    var nodes = TreeNodes()
    nodes.feature = [0, -1, -1]
    nodes.threshold = [1, 0, 0]
    nodes.left = [1, 0, 0]
    nodes.missingGoesLeft = [false, false, false]
    nodes.cover = [2, 2, 0]
    nodes.value = [0.5, 0, 1]
    let forest = try RandomForest(task: .classification, columnCount: 1, nodes: nodes)
    #expect(throws: ForestError.self) { try TreeExplainer(forest) }
  }
}
