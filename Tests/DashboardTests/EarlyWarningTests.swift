import Forest
import Logging
import Storage
import Testing

@testable import Dashboard
@testable import Features

@Suite("Early warning")
struct EarlyWarningTests {
  private static let plan = Deterioration(
    features: WindowFeatures(windowMillis: 60_000), horizonMillis: 30_000, everyMillis: 1_000)

  /// Twelve patients, of whom every third one's heart begins to race.
  private static let rows: [Samples.Row] = (0..<12).flatMap { patient in
    (0..<150).map { second in
      var vitals = Samples.healthy
      let rise = patient % 3 == 0 ? max(0, Double(second) - 90) : 0
      vitals[.heartRate] = 70 + Double(patient) + rise + Double(second * 7 % 5)
      if second % 10 != 0 { vitals[.temperature] = nil }
      return Samples.Row("p\(patient)", Int64(second), vitals)
    }
  }

  private static func store() throws -> ReadingStore {
    var store = ReadingStore()
    try store.append(Samples.batch(rows))
    return store
  }

  private static func model(_ schema: TableSchema? = nil) async throws -> SavedModel {
    var settings = ForestSettings()
    settings.trees = 20
    let examples = plan.examples(try store()).table
    let forest = try await ForestTrainer(settings).fit(examples.features, targets: examples.targets ?? []).forest
    let windows = TableSchema.Windows(past: 60_000, ahead: 30_000)
    let own = TableSchema(
      name: "deterioration", label: "deteriorates", columns: WindowFeatures.columns, windows: windows)
    return try SavedModel(forest: forest, schema: schema ?? own, calibration: nil)
  }

  private static func folder(_ model: SavedModel) async throws -> MemoryFileStore {
    let folder = MemoryFileStore()
    for file in try model.files() { _ = try await folder.create(file.name, file.bytes) }
    return folder
  }

  private static func watch(_ folder: MemoryFileStore, _ hub: WardHub) -> EarlyWarningWatch {
    EarlyWarningWatch(folder: folder, hub: hub, log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  }

  /// The readings come in the dashboard's way: in batches, some of them late and some twice.
  @Test("the probability is that of vitals-train predict on the same readings")
  func sameAsTraining() async throws {
    let model = try await Self.model()
    let hub = Samples.hub()
    var known: [FileStatus]?
    let folder = try await Self.folder(model)
    try hub.take([Samples.batch(Array(Self.rows.prefix(900)))], written: Samples.start, now: Samples.time(150))
    #expect(await Self.watch(folder, hub).look(&known))
    for part in [900..<1_300, 1_600..<1_800, 1_200..<1_700] {
      try hub.take([Samples.batch(Array(Self.rows[part]))], written: Samples.start, now: Samples.time(150))
    }
    let store = try Self.store()
    let patients = store.patients()
    let found = try #require(hub.look { $0.earlyWarning.model })
    var probabilities: Set<Double> = []
    for number in 0..<patients.count {
      let series = store.series(of: number, patients)
      // What Predict does: the row of each reading, through the forest, and its calibration.
      let row = Self.plan.features.row(series, at: series.count - 1)
      let matrix = FeatureMatrix(columns: row.map { [$0] })
      let expected = model.probability(forest: await model.forest.predictions(for: matrix)[0])
      let key = Samples.key(store.name(of: number))
      let recent = try #require(hub.look { $0.ward.patients[key]?.recent })
      #expect(found.forecast(recent.series)?.probability == expected)
      probabilities.insert(expected)
    }
    #expect(probabilities.count > 1)
  }

  @Test("a model that is promoted is taken, one that does not fit is told, and one that goes leaves nothing behind")
  func promotion() async throws {
    let hub = Samples.hub()
    try hub.take([Samples.batch(Array(Self.rows.prefix(150)))], written: Samples.start, now: Samples.time(150))
    let folder = MemoryFileStore()
    let watch = Self.watch(folder, hub)
    var known: [FileStatus]?
    #expect(await watch.look(&known))
    #expect(Self.part(hub, "p0") == "")
    for file in try await Self.model().files() { _ = try await folder.create(file.name, file.bytes) }
    let before = hub.version
    #expect(await watch.look(&known))
    #expect(hub.version > before)
    // The first patient races already.
    #expect(Self.part(hub, "p0").contains("in the state already"))
    try hub.take([Samples.batch([.init("q", 0)])], written: Samples.start, now: Samples.time(150))
    let part = Self.part(hub, "q")
    #expect(part.contains("id=\"forecast-probability\"") && part.contains("within 30 s") && part.contains("last 1 min"))
    let isSame = await watch.look(&known)
    #expect(!isSame)
    try await folder.replace("forest.bin", [1, 2, 3])
    #expect(await watch.look(&known))
    #expect(Self.part(hub, "q").contains("of no use here") && !Self.part(hub, "q").contains("forecast-probability"))
    for name in ["forest.bin", "schema.json"] { try await folder.delete(name) }
    #expect(await watch.look(&known))
    #expect(Self.part(hub, "q") == "" && hub.look { $0.ward.patients[Samples.key("q")]?.recent } == nil)
  }

  @Test("models of other tables and of other versions do not fit, and it is said why")
  func misfits() async throws {
    var columns = WindowFeatures.columns
    let none = try await Self.model(TableSchema(name: "x", label: "y", columns: columns))
    #expect(throws: EarlyWarningModel.Misfit.self) { try EarlyWarningModel(none) }
    columns.swapAt(0, 1)
    let windows = TableSchema.Windows(past: 60_000, ahead: 30_000)
    let other = try await Self.model(TableSchema(name: "x", label: "y", columns: columns, windows: windows))
    let misfit = #expect(throws: EarlyWarningModel.Misfit.self) { try EarlyWarningModel(other) }
    #expect(misfit?.words.contains("columns") == true)
  }

  @Test("what the model said is kept over time")
  func overTime() async throws {
    let hub = Samples.hub()
    var known: [FileStatus]?
    let watch = Self.watch(try await Self.folder(try await Self.model()), hub)
    #expect(await watch.look(&known))
    for second in 0..<3 {
      let now = Samples.time(Int64(second) * 60)
      try hub.take([Samples.batch([.init("a", Int64(second) * 60)])], written: now, now: now)
      await watch.note()
      await watch.note()
    }
    let forecasts = try #require(hub.look { $0.ward.patients[Samples.key("a")]?.forecasts })
    #expect(forecasts.map(\.time) == [0, 60, 120].map { Samples.time($0) })
    #expect(Self.part(hub, "a").contains("Probability of deterioration"))
  }

  private static func part(_ hub: WardHub, _ id: String) -> String {
    hub.look { state in
      guard let patient = state.ward.patients[Samples.key(id)] else { return "?" }
      let newest = patient.newest ?? 0
      return ForecastPart.html(patient, state.earlyWarning, span: (newest - 900_000)...newest).text
    }
  }

  @Test("readings are kept as far as the model looks back, and no more than fit")
  func bounded() {
    var recent = RecentReadings(windowMillis: 3_600_000)
    var said = CurrentVitals()
    for second in 0..<10_000 {
      said[.heartRate] = Float(second)
      recent.take(said, at: Int64(second) * 1_000)
    }
    #expect(recent.series.count < RecentReadings.limit && !recent.isThinned)
    let times = recent.series.times
    // All of the last hour is there.
    #expect(times.last == 9_999_000 && times.count { $0 > 9_999_000 - 3_600_000 } == 3_600)
    for tenth in 0..<100_000 { recent.take(said, at: 10_000_000 + Int64(tenth) * 100) }
    #expect(recent.series.count < RecentReadings.limit && recent.isThinned)
    // Still from the whole hour, evenly, and the newest among them.
    let end: Int64 = 10_000_000 + 99_999 * 100
    let within = recent.series.times.filter { $0 > end - 3_600_000 }
    #expect(within.last == end && within.count > 2_000)
    #expect(zip(within.dropFirst(), within).allSatisfy { $0 - $1 <= 2_400 })
  }
}
