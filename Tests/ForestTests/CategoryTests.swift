import Forest
import Kernels
import Testing

/// Columns of words.
@Suite struct CategoryTests {
  private func schema(_ column: String = #"{"name":"ward","categories":["icu","er","gp"]}"#) throws -> TableSchema {
    try TableSchema(json: Array(#"{"name":"n","label":"y","columns":[\#(column),{"name":"age"}]}"#.utf8))
  }

  private func table(_ text: String) throws -> LabelledTable {
    try LabelledTable(csv: Array(text.utf8), schema: schema(), needsTargets: true)
  }

  @Test func wordsBecomePlaces() throws {
    let read = try table("ward,age,y\ngp,1,0\n icu ,2,1\n,3,0\nNA,4,1\n\"er\",5,0\n")
    let column = read.features.columns[0]
    #expect(column[0] == 2 && column[1] == 0 && column[2].isNaN && column[3].isNaN && column[4] == 1)
  }

  @Test func anUnknownWordIsNamedByItsPlaceAndNotShown() throws {
    let error = #expect(throws: ForestError.self) { try table("ward,age,y\ngp,1,0\nSmith,2,1\n") }
    #expect(error?.description == "line 3, column ward: none of the schema's categories")
  }

  @Test(arguments: [
    #"{"name":"ward","categories":[]}"#, #"{"name":"ward","categories":["a","a"]}"#,
    #"{"name":"ward","categories":["a",""]}"#, #"{"name":"ward","categories":["a"],"limits":[0,1]}"#,
    #"{"name":"ward","categories":["a"],"monotone":1}"#, #"{"name":"ward","categories":["a"],"missing":[0]}"#,
  ])
  func schemasThatMakeNoSense(column: String) {
    #expect(throws: ForestError.self) { try schema(column) }
  }

  /// Nine categories, of which every second is dangerous: as numbers they would need many splits.
  private func wards(rows: Int, seed: UInt64) -> (data: FeatureMatrix, targets: [Double]) {
    var random = SplitMix64(seed: seed)
    let wards = (0..<rows).map { _ in Float(Int.random(in: 0..<9, using: &random)) }
    let others = (0..<rows).map { _ in Float.random(in: 0..<1, using: &random) }
    let targets = wards.map { Double.random(in: 0..<1, using: &random) < (Int($0) % 2 == 0 ? 0.9 : 0.1) ? 1.0 : 0 }
    return (FeatureMatrix(columns: [wards, others]), targets)
  }

  private func settings(_ change: (inout ForestSettings) -> Void = { _ in }) -> ForestSettings {
    var settings = ForestSettings()
    settings.trees = 20
    settings.minSamplesLeaf = 5
    settings.categorical = [0]
    change(&settings)
    return settings
  }

  @Test func oneSplitDividesCategoriesByWhatTheyBring() async throws {
    let (data, targets) = wards(rows: 2_000, seed: 1)
    let stump = settings {
      $0.maxDepth = 1
      $0.maxFeatures = .all
    }
    let fit = try await ForestTrainer(stump).fit(data, targets: targets)
    for ward in 0..<9 {
      let row = fit.order.apply(FeatureMatrix(columns: [[Float(ward)], [0.5]])).row(0)
      #expect(abs(fit.forest.prediction(of: row) - (ward % 2 == 0 ? 0.9 : 0.1)) < 0.05)
    }
    // A word that nobody knows yet has no place; a missing one stays missing.
    let others = fit.order.apply(FeatureMatrix(columns: [[12, .nan], [0, 0]]))
    #expect(others.columns[0][0] == 12 && others.columns[0][1].isNaN)
  }

  /// The schema of a model lists words in the order that its trees know, so that nothing else has to know of it.
  @Test func theSchemaOfAModelHoldsTheOrder() async throws {
    let words = (0..<9).map { "w\($0)" }
    var column = TableSchema.Column(name: "ward")
    column.categories = words
    let schema = TableSchema(name: "n", label: "y", columns: [column, TableSchema.Column(name: "age")])
    let (data, targets) = wards(rows: 2_000, seed: 1)
    let fit = try await ForestTrainer(settings()).fit(data, targets: targets)
    let ordered = fit.order.apply(schema)
    #expect(Set(ordered.columns[0].categories ?? []) == Set(words))
    let csv = "ward,age\n" + words.map { "\($0),0.5\n" }.joined()
    let given = try LabelledTable(csv: Array(csv.utf8), schema: schema, needsTargets: false).features
    let known = try LabelledTable(csv: Array(csv.utf8), schema: ordered, needsTargets: false).features
    #expect(known == fit.order.apply(given) && known != given)
    let saved = try SavedModel(forest: fit.forest, schema: ordered, calibration: nil)
    #expect(try TableSchema(json: saved.files()[1].bytes) == ordered)
  }

  /// Two hundred words and targets that are noise: an order learned from all rows would tell each row its own target.
  @Test func theOrderIsLearnedInsideTheFold() async throws {
    var random = SplitMix64(seed: 3)
    let words = (0..<600).map { _ in Float(Int.random(in: 0..<200, using: &random)) }
    let targets = (0..<600).map { _ in Double(Int.random(in: 0...1, using: &random)) }
    let data = FeatureMatrix(columns: [words])
    let validation = CrossValidation(settings { $0.maxFeatures = .all }, folds: 5, repeats: 2)
    let honest = try await validation.run(data, targets: targets)
    for probabilities in honest.forest + honest.linear {
      #expect(abs(Metrics(probabilities: probabilities, targets: targets)[.rocAUC] - 0.5) < 0.08)
    }
    // What the leak would look like: the order of all rows, and then folds.
    let order = try await ForestTrainer(validation.settings).fit(data, targets: targets).order
    let leaking = CrossValidation(settings { $0.categorical = [] }, folds: 5, repeats: 1)
    let flattered = try await leaking.run(order.apply(data), targets: targets)
    #expect(Metrics(probabilities: flattered.forest[0], targets: targets)[.rocAUC] > 0.65)
  }

  @Test func valuesThatAreNoCategoriesAreRefused() async {
    for value in [Float(0.5), -1, 5_000, .infinity] {
      let data = FeatureMatrix(columns: [[0, 1, value], [0, 0, 0]])
      await #expect(throws: ForestError.self) { try await ForestTrainer(settings()).fit(data, targets: [0, 1, 0]) }
    }
    let data = FeatureMatrix(columns: [[0, 1, 1]])
    let beyond = settings { $0.categorical = [1] }
    await #expect(throws: ForestError.self) { try await ForestTrainer(beyond).fit(data, targets: [0, 1, 0]) }
    #expect(throws: ForestError.self) { try ForestTrainer(settings { $0.monotone = [1, 0] }) }
  }

  @Test func rowsCountByTheirWeights() async throws {
    // Rows whose targets are turned around weigh nothing; what is learned is the truth.
    let (data, targets) = wards(rows: 900, seed: 6)
    let wrong = targets.indices.map { $0 % 2 == 0 ? targets[$0] : 1 - targets[$0] }
    let weights = targets.indices.map { $0 % 2 == 0 ? 1.0 : 0 }
    let validation = CrossValidation(settings(), folds: 5, repeats: 1)
    let weighted = try await validation.run(data, targets: wrong, weights: weights).forest[0]
    let plain = try await validation.run(data, targets: wrong).forest[0]
    #expect(Metrics(probabilities: weighted, targets: targets)[.rocAUC] > 0.8)
    #expect(Metrics(probabilities: plain, targets: targets)[.rocAUC] < 0.7)
    let csv = Array("a,w,y\n1,0.5,0\n2,2,1\n".utf8)
    let schema = try TableSchema(json: Array(#"{"name":"n","label":"y","weight":"w","columns":[{"name":"a"}]}"#.utf8))
    #expect(try LabelledTable(csv: csv, schema: schema, needsTargets: true).weights == [0.5, 2])
    #expect(try LabelledTable(csv: csv, schema: schema, needsTargets: false).weights == nil)
    let error = #expect(throws: ForestError.self) {
      try LabelledTable(csv: Array("a,w,y\n1,-1,0\n".utf8), schema: schema, needsTargets: true)
    }
    #expect(error?.description == "line 2, column w: no weight from 0")
  }
}
