import ArgumentParser
import Forest
import FoundationEssentials

/// What `tools/bench forest` asks of us, in process and on one thread; each subcommand prints its figures as JSON.
///
/// Tables are files of floats, column after column, the target as the last one.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forest-bench", abstract: "Measure the forest.", subcommands: [Fit.self, Apply.self])
}

/// A table of floats with its targets.
struct BenchTable {
  let features: FeatureMatrix
  let targets: [Double]

  init(path: String, columns: Int) throws {
    let bytes = Array(try Data(contentsOf: URL(filePath: path)))
    let rows = bytes.count / 4 / (columns + 1)
    var all: [[Float]] = []
    for column in 0...columns {
      all.append(
        (0..<rows).map { row in
          let at = (column * rows + row) * 4
          return Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) })
        })
    }
    targets = all.removeLast().map { Double($0) }
    features = FeatureMatrix(columns: all)
  }
}

/// Seconds of the fastest of some rounds.
func fastest(rounds: Int, _ body: () async throws -> Void) async rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<max(rounds, 1) {
    let start = ContinuousClock.now
    try await body()
    best = min(best, (ContinuousClock.now - start) / .seconds(1))
  }
  return best
}

/// Prints figures by name.
func printFigures(_ figures: [String: Double]) {
  print("{" + figures.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}")
}

/// Grows a forest, and predicts rows that it did not learn from.
struct Fit: AsyncParsableCommand {
  @Option var train: String
  @Option var test: String
  @Option var columns: Int
  @Option var trees: Int
  @Option var leaf: Int
  @Option var depth: Int?
  @Option var rounds = 3
  @Flag var exact = false

  func run() async throws {
    let table = try BenchTable(path: train, columns: columns)
    let held = try BenchTable(path: test, columns: columns)
    var settings = ForestSettings()
    settings.trees = trees
    settings.minSamplesLeaf = leaf
    settings.maxDepth = depth
    if exact { settings.splits = .exact }
    let trainer = try ForestTrainer(settings)
    var forest: RandomForest?
    let seconds = try await fastest(rounds: rounds) {
      forest = try await trainer.fit(table.features, targets: table.targets).forest
    }
    guard let forest else { return }
    let predictions = await forest.predictions(for: held.features)
    let metrics = Metrics(probabilities: predictions, targets: held.targets)
    printFigures(["seconds": seconds, "auc": metrics[.rocAUC], "nodes": Double(forest.nodes.count)])
  }
}

/// Predicts and explains with a forest that `tools/export-sklearn` wrote.
struct Apply: AsyncParsableCommand {
  @Option var forest: String
  @Option var table: String
  @Option var columns: Int
  @Option var explained = 500
  @Option var rounds = 3

  func run() async throws {
    let forest = try RandomForest(json: Array(try Data(contentsOf: URL(filePath: self.forest))))
    let table = try BenchTable(path: table, columns: columns)
    let rows = (0..<min(explained, table.features.rowCount)).map { table.features.row($0) }
    var sum = 0.0
    let predict = await fastest(rounds: rounds) {
      sum = await forest.predictions(for: table.features).reduce(0, +)
    }
    let mean = sum / Double(table.features.rowCount)
    let oneRow = await fastest(rounds: rounds) { for row in rows { sum += forest.prediction(of: row) } }
    let start = ContinuousClock.now
    let explainer = try TreeExplainer(forest)
    let prepare = (ContinuousClock.now - start) / .seconds(1)
    let some = table.features.selecting(Array(rows.indices))
    var values: [[Double]] = []
    let explain = await fastest(rounds: rounds) { values = await explainer.values(of: some) }
    let explainOne = await fastest(rounds: rounds) { for row in rows { sum += explainer.values(of: row)[0] } }
    let gap = zip(values, rows).map { abs(explainer.baseValue + $0.reduce(0, +) - forest.prediction(of: $1)) }.max()
    let count = Double(rows.count)
    printFigures([
      "predict": predict, "mean": mean, "one_row": oneRow / count, "prepare": prepare, "explain": explain / count,
      "explain_one": explainOne / count, "gap": gap ?? 0, "sum": sum,
    ])
  }
}
