import Forest
import Kernels
import Testing

@Suite struct SettingsSearchTests {
  private let data = SampleData.matrix(rows: 240, columns: 5, missing: 0.2, seed: 6)
  private var targets: [Double] { SampleData.targets(data) }

  private func validation(_ search: Int?) -> CrossValidation {
    var settings = ForestSettings()
    settings.trees = 20
    var validation = CrossValidation(settings, folds: 4, repeats: 1)
    validation.search = search.map { SettingsSearch(count: $0) }
    return validation
  }

  @Test func candidatesAreTheSameForTheSameSeed() {
    var settings = ForestSettings()
    settings.trees = 77
    let first = SettingsSearch(count: 12).candidates(settings)
    #expect(first == SettingsSearch(count: 12).candidates(settings) && first[0] == settings)
    #expect(first.count > 8 && Set(first).count == first.count && first.allSatisfy { $0.trees == 77 && $0.seed == 0 })
    settings.seed = 1
    #expect(first != SettingsSearch(count: 12).candidates(settings))
  }

  /// Leaves that are far too large are left for better ones.
  @Test func badSettingsAreLeft() async throws {
    var settings = ForestSettings()
    settings.trees = 30
    settings.minSamplesLeaf = 115
    let best = try await SettingsSearch(count: 8).best(settings, data, targets: targets)
    #expect(best.minSamplesLeaf < 115 && best.trees == 30)
  }

  /// The search of a fold knows nothing of the fold: other targets in it change nothing that is said of it.
  @Test func aSearchDoesNotKnowItsFold() async throws {
    let folds = Folds.stratified(targets, count: 4, seed: 0)
    let fold = folds.indices.filter { folds[$0] == 1 }
    var other = targets
    for (row, target) in zip(fold, fold.map { targets[$0] }.reversed()) { other[row] = target }
    #expect(other != targets)
    let first = try await validation(4).run(data, targets: targets, groups: folds)
    let second = try await validation(4).run(data, targets: other, groups: folds)
    #expect(fold.allSatisfy { first.forest[0][$0] == second.forest[0][$0] })
    #expect(first.forest[0] != second.forest[0])
  }

  /// A score that is the target but for noise: as a baseline it stands on the same folds.
  @Test func aScoreIsABaseline() async throws {
    var random = SplitMix64(seed: 3)
    let score = targets.map { Float($0) + Float.random(in: 0..<1.5, using: &random) }
    let result = try await validation(nil).run(data, targets: targets, score: score)
    let own = Metrics(probabilities: result.score[0], targets: targets)[.rocAUC]
    #expect(own > 0.85)
    #expect(try await validation(nil).run(data, targets: targets).score.isEmpty)
  }

  /// The columns on which the targets depend are those that the forest misses.
  @Test func importanceIsWhatIsLost() async throws {
    let result = try await validation(nil).run(data, targets: targets)
    #expect(result.importance.count == 5)
    let rest = result.importance[2...].max() ?? 1
    #expect(result.importance[0] > 0.02 && result.importance[0] > rest && rest < 0.05, "\(result.importance)")
  }

  @Test func tooFewGroupsAreRefused() async {
    let groups = targets.indices.map { $0 % 3 }
    await #expect(throws: ForestError.self) { try await validation(nil).run(data, targets: targets, groups: groups) }
  }
}

@Suite struct PermutationTestTests {
  private let targets = (0..<120).map { $0 % 2 == 0 ? 1.0 : 0 }

  private func noisy(_ strength: Double, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return targets.map { $0 * strength + Double.random(in: 0..<1, using: &random) }
  }

  @Test func whatIsBetterIsFoundAndWhatIsNotIsNot() {
    let (good, poor) = (noisy(0.8, seed: 1), noisy(0.1, seed: 2))
    let test = PermutationTest([good], over: [poor], targets: targets)
    #expect(test.difference > 0.2 && test.probability < 0.01)
    let turned = PermutationTest([poor], over: [good], targets: targets)
    #expect(abs(turned.difference + test.difference) < 1e-12 && turned.probability > 0.95)
    let same = PermutationTest([good], over: [good.map { $0 * 100 }], targets: targets)
    #expect(same.difference == 0 && same.probability == 1)
    #expect(test == PermutationTest([good], over: [poor], targets: targets))
  }

  /// Alike models come out as better once in twenty times, at the level of one in twenty.
  @Test func theLevelIsKept() {
    let found = (0..<200).count { round in
      let (first, second) = (noisy(0.3, seed: UInt64(round)), noisy(0.3, seed: UInt64(round + 1_000)))
      return PermutationTest([first], over: [second], targets: targets, swaps: 99).probability <= 0.05
    }
    #expect((2...22).contains(found), "\(found) of 200")
  }

  /// Three patients are too few to show anything, however many rows they have.
  @Test func rowsOfAPatientAreSwappedTogether() {
    let groups = targets.indices.map { $0 / 40 }
    let test = PermutationTest([noisy(0.8, seed: 1)], over: [noisy(0.1, seed: 2)], targets: targets, groups: groups)
    #expect(test.probability > 0.05)
  }
}

@Suite struct GroupedIntervalTests {
  /// Rows that a patient repeats tell nothing new, so the interval does not become narrower.
  @Test func patientsAreDrawnRatherThanRows() throws {
    var random = SplitMix64(seed: 5)
    let targets = (0..<60).map { Double($0 % 2) }
    let predictions = targets.map { 0.3 * $0 + Double.random(in: 0..<0.7, using: &random) }
    let rows = (0..<600).map { $0 / 10 }
    func width(_ groups: [Int]?) throws -> Double {
      let intervals = Metrics.intervals(
        [rows.map { predictions[$0] }], targets: rows.map { targets[$0] }, groups: groups, draws: 300)
      let interval = try #require(intervals[.rocAUC])
      return try #require(interval.high) - #require(interval.low)
    }
    #expect(try width(rows) > 2 * width(nil))
  }
}

@Suite struct GroupColumnTests {
  @Test func groupsAreReadFromTheTable() throws {
    let json = #"{"name":"d","label":"y","group":"patient","columns":[{"name":"x"}]}"#
    let schema = try TableSchema(json: Array(json.utf8))
    let csv = Array("x,patient,y\n1,b,0\n2,a,1\n3,b,1\n".utf8)
    #expect(try LabelledTable(csv: csv, schema: schema, needsTargets: true).groups == [0, 1, 0])
    #expect(throws: ForestError.self) {
      try LabelledTable(csv: Array("x,y\n1,0\n".utf8), schema: schema, needsTargets: true)
    }
    // To be predicted a row needs no patient.
    #expect(try LabelledTable(csv: Array("x\n1\n".utf8), schema: schema, needsTargets: false).groups == nil)
    let twice = #"{"name":"d","label":"y","group":"x","columns":[{"name":"x"}]}"#
    #expect(throws: ForestError.self) { try TableSchema(json: Array(twice.utf8)) }
  }

  @Test func driftSinceTheLastTable() throws {
    let schema = try TableSchema(json: Array(#"{"name":"d","label":"y","columns":[{"name":"x"},{"name":"z"}]}"#.utf8))
    func check(_ x: [Float], _ z: [Float]) -> DataCheck {
      let targets = x.indices.map { Double($0 % 2) }
      return DataCheck(LabelledTable(features: FeatureMatrix(columns: [x, z]), targets: targets), schema: schema)
    }
    let before = check([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 2, 2, 2, 2])
    #expect(check([2, 3, 3, 4, 5, 6, 7, 7], [1, 1, 1, 1, 2, 2, 2, 2]).drift(since: before).isEmpty)
    let lines = check([11, 12, 13, 14, 15, 16, 17, 18], [1, .nan, .nan, 1, 2, 2, 2, 2]).drift(since: before)
    #expect(lines.count == 2 && lines[0].hasPrefix("x: the median is 15") && lines[1].hasPrefix("z: 25 % missing"))
  }
}
