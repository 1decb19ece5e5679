import Forest
import Kernels
import Testing

@Suite struct FoldTests {
  private let targets = (0..<103).map { $0 % 3 == 0 ? 1.0 : 0 }

  @Test func everyFoldHasItsShareOfBothTargets() {
    let folds = Folds.stratified(targets, count: 10, seed: 4)
    for fold in 0..<10 {
      let rows = folds.indices.filter { folds[$0] == fold }
      #expect((10...11).contains(rows.count))
      #expect((3...4).contains(rows.count { targets[$0] == 1 }))
    }
    #expect(folds == Folds.stratified(targets, count: 10, seed: 4))
    #expect(folds != Folds.stratified(targets, count: 10, seed: 5))
  }

  @Test func noPatientIsInTwoFolds() {
    let groups = targets.indices.map { $0 * $0 % 29 }
    let folds = Folds.grouped(groups, targets: targets, count: 5, seed: 1)
    for group in Set(groups) {
      #expect(Set(groups.indices.filter { groups[$0] == group }.map { folds[$0] }).count == 1)
    }
    for fold in 0..<5 { #expect((10...35).contains(folds.count { $0 == fold })) }
  }
}

@Suite struct MetricsTests {
  /// Worked out by hand.
  @Test func aFewPatients() {
    let metrics = Metrics(probabilities: [0.9, 0.7, 0.6, 0.6, 0.3, 0.1], targets: [1, 1, 0, 1, 0, 0])
    // Of nine pairs eight are in order and one is equal.
    #expect(abs(metrics[.rocAUC] - 8.5 / 9) < 1e-12)
    // Precision 1 at two hits, 3 of 4 at the third.
    #expect(abs(metrics[.prAUC] - (1.0 / 3 + 1.0 / 3 + 0.75 / 3)) < 1e-12)
    #expect(abs(metrics[.accuracy] - 5.0 / 6) < 1e-12)
    #expect(abs(metrics[.balancedAccuracy] - (1 + 2.0 / 3) / 2) < 1e-12)
    #expect(abs(metrics[.brier] - (0.01 + 0.09 + 0.36 + 0.16 + 0.09 + 0.01) / 6) < 1e-12)
    // 0.9 and 0.7 are High, 0.3 and 0.1 Low.
    #expect(abs(metrics[.decidedShare] - 4.0 / 6) < 1e-12 && metrics[.decidedAccuracy] == 1)
    #expect(metrics.confusion.truePositives == 3 && metrics.confusion.falsePositives == 1)
    #expect(metrics.confusion.trueNegatives == 2 && metrics.confusion.falseNegatives == 0)
  }

  @Test func chanceAndCertainty() {
    let even = Metrics(probabilities: [0.5, 0.5, 0.5, 0.5], targets: [0, 1, 0, 1])
    #expect(even[.rocAUC] == 0.5 && even[.prAUC] == 0.5 && even[.decidedShare] == 0)
    #expect(even[.decidedAccuracy].isNaN && abs(even[.logLoss] - naturalLogarithm(2)) < 1e-12)
    let wrong = Metrics(probabilities: [1, 0], targets: [0, 1])
    #expect(wrong[.rocAUC] == 0 && wrong[.logLoss].isFinite && wrong[.brier] == 1)
    let alike = Metrics(probabilities: [0.2, 0.8], targets: [1, 1])
    #expect(alike[.rocAUC].isNaN && alike[.balancedAccuracy].isNaN)
  }

  @Test func calibrationOfTooBoldProbabilities() {
    var random = SplitMix64(seed: 1)
    var (honest, bold, targets) = ([Double](), [Double](), [Double]())
    for _ in 0..<20_000 {
      let probability = Double.random(in: 0.05..<0.95, using: &random)
      targets.append(Double.random(in: 0..<1, using: &random) < probability ? 1 : 0)
      honest.append(probability)
      // Twice the logit.
      let odds = probability / (1 - probability)
      bold.append(odds * odds / (1 + odds * odds))
    }
    let right = Metrics(probabilities: honest, targets: targets)
    let tooBold = Metrics(probabilities: bold, targets: targets)
    #expect(abs(right[.calibrationSlope] - 1) < 0.05 && right[.calibrationError] < 0.02)
    #expect(abs(tooBold[.calibrationSlope] - 0.5) < 0.03 && tooBold[.calibrationError] > 0.05)
    for method in [Calibration.Method.platt, .isotonic] {
      guard let calibration = Calibration(method, probabilities: bold, targets: targets) else {
        Issue.record("no calibration")
        continue
      }
      let better = Metrics(probabilities: bold.map { calibration($0) }, targets: targets)
      #expect(better[.calibrationError] < 0.02 && better[.brier] < tooBold[.brier])
      let steps = stride(from: 0.0, through: 1, by: 0.01).map { calibration($0) }
      #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 + 1e-12 })
      #expect(steps.allSatisfy { (0...1).contains($0) })
    }
  }

  @Test func pooledNeighbours() {
    let scaling = IsotonicScaling(probabilities: [0.1, 0.2, 0.3, 0.4], targets: [0, 1, 0, 1])
    #expect(scaling.inputs == [0.1, 0.2, 0.3, 0.4] && scaling.outputs == [0, 0.5, 0.5, 1])
    #expect(scaling(0.25) == 0.5 && scaling(0) == 0 && scaling(1) == 1 && abs(scaling(0.35) - 0.75) < 1e-12)
  }

  @Test func anIntervalHoldsTheMeanAndIsNoPoint() {
    var random = SplitMix64(seed: 3)
    let targets = (0..<300).map { _ in Double(Int.random(in: 0...1, using: &random)) }
    let repeats = (0..<3).map { _ in targets.map { 0.3 * $0 + Double.random(in: 0..<0.7, using: &random) } }
    let intervals = Metrics.intervals(repeats, targets: targets, draws: 200)
    for name in Metrics.Name.allCases {
      guard let interval = intervals[name], let mean = interval.mean, let low = interval.low, let high = interval.high
      else {
        Issue.record("\(name) has no interval")
        continue
      }
      #expect(low < high && low - 0.05 < mean && mean < high + 0.05, "\(name)")
    }
    #expect(intervals == Metrics.intervals(repeats, targets: targets, draws: 200))
  }
}

/// That nothing of a row gets into the model which predicts it.
@Suite struct HonestyTests {
  private let data = SampleData.matrix(rows: 240, columns: 5, missing: 0.3, seed: 6)
  private var targets: [Double] { SampleData.targets(data) }

  private func validation(_ calibration: Calibration.Method = .none) -> CrossValidation {
    var settings = ForestSettings()
    settings.trees = 40
    settings.minSamplesLeaf = 3
    var validation = CrossValidation(settings, folds: 5, repeats: 2)
    validation.calibration = calibration
    return validation
  }

  /// Other targets of the rows of a fold change nothing that is said of them.
  @Test(arguments: Calibration.Method.allCases)
  func aFoldDoesNotKnowItsOwnTargets(calibration: Calibration.Method) async throws {
    let before = try await validation(calibration).run(data, targets: targets)
    let folds = Folds.stratified(targets, count: 5, seed: 0)
    // Swapping targets inside one fold keeps the numbers by which folds are made.
    let fold = folds.indices.filter { folds[$0] == 2 }
    var other = targets
    for (row, target) in zip(fold, fold.map { targets[$0] }.reversed()) { other[row] = target }
    #expect(other != targets)
    // Folds by groups do not look at single targets: each row's group is its fold.
    let first = try await validation(calibration).run(data, targets: targets, groups: folds)
    let second = try await validation(calibration).run(data, targets: other, groups: folds)
    for row in fold {
      #expect(first.forest[0][row] == second.forest[0][row])
      #expect(first.linear[0][row] == second.linear[0][row])
      #expect(first.constant[0][row] == second.constant[0][row])
    }
    #expect(first.forest[0] != second.forest[0])
    #expect(before.forest.allSatisfy { $0.allSatisfy { $0.isFinite } } && before.forest[0] != before.forest[1])
  }

  /// What many published results do: missing values become the median of the row's own class, before the folds are
  /// made. On targets without any meaning that looks like knowledge; what runs here shows none.
  @Test func fillingInByClassIsNotWhatRuns() async throws {
    var random = SplitMix64(seed: 12)
    let noise = (0..<data.rowCount).map { _ in Double(Int.random(in: 0...1, using: &random)) }
    let leaking = FeatureMatrix(
      columns: data.columns.map { column in
        column.indices.map { row in
          guard column[row].isNaN else { return column[row] }
          let own = column.indices.filter { noise[$0] == noise[row] && !column[$0].isNaN }.map { column[$0] }.sorted()
          return own[own.count / 2]
        }
      })
    func auc(_ data: FeatureMatrix) async throws -> Double {
      let result = try await validation().run(data, targets: noise)
      return Metrics(probabilities: result.forest[0], targets: noise)[.rocAUC]
    }
    let (leaky, honest) = (try await auc(leaking), try await auc(data))
    #expect(leaky > 0.75)
    #expect(abs(honest - 0.5) < 0.12)
  }

  @Test func theForestBeatsChanceAndTheBaselinesAreThere() async throws {
    let result = try await validation().run(data, targets: targets)
    let forest = Metrics(probabilities: result.forest[0], targets: targets)
    let logistic = Metrics(probabilities: result.linear[0], targets: targets)
    let majority = Metrics(probabilities: result.constant[0], targets: targets)
    #expect(forest[.rocAUC] > 0.6 && logistic[.rocAUC] > 0.6)
    #expect(abs(majority[.accuracy] - max(targets.reduce(0, +), 240 - targets.reduce(0, +)) / 240) < 0.01)
  }

  @Test func foldsThatCannotBeMadeAreRefused() async {
    var plan = validation()
    plan.folds = 1
    await #expect(throws: ForestError.self) { try await plan.run(data, targets: targets) }
    plan.folds = 200
    await #expect(throws: ForestError.self) { try await plan.run(data, targets: targets) }
  }
}

@Suite struct LogisticRegressionTests {
  /// The coefficients of a curve that made the targets come back.
  @Test func aCurveIsFound() {
    var random = SplitMix64(seed: 2)
    let column = (0..<20_000).map { _ in Float.random(in: -2..<2, using: &random) }
    let targets = column.map { value in
      let odds = 1 / (1 + naturalPower(-(0.5 + 1.5 * Double(value))))
      return Double.random(in: 0..<1, using: &random) < odds ? 1.0 : 0
    }
    let model = LinearModel(.classification, FeatureMatrix(columns: [column]), targets: targets)
    for value in [Float(-1), 0, 1] {
      #expect(abs(model.prediction(of: [value]) - 1 / (1 + naturalPower(-(0.5 + 1.5 * Double(value))))) < 0.02)
    }
    #expect(model.prediction(of: [.nan]).isFinite)
  }

  /// e to a power, by halving.
  private func naturalPower(_ power: Double) -> Double {
    if abs(power) > 1e-3 { let half = naturalPower(power / 2); return half * half }
    return 1 + power + power * power / 2 + power * power * power / 6
  }

  @Test func constantAndEmptyColumnsDoNoHarm() {
    let data = FeatureMatrix(columns: [[1, 1, 1, 1], [.nan, .nan, .nan, .nan], [0, 1, 0, 1]])
    let model = LinearModel(.classification, data, targets: [0, 1, 0, 1])
    #expect(model.prediction(of: [1, .nan, 1]) > 0.5 && model.prediction(of: [1, .nan, 0]) < 0.5)
  }
}
