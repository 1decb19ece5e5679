import CommandSupport
import Forest
import FoundationEssentials

/// Trainings that were kept, each a folder with all files of its model: `runs/` beside the folders of models.
struct Runs {
  let path: String

  init(path: String) { self.path = path }

  /// The runs that belong to a model's folder.
  init(beside folder: ModelFolder) {
    let parent = URL(filePath: folder.path).deletingLastPathComponent().relativePath
    path = "\(parent)/runs"
  }

  /// A run as `compare` and the check of the next one see it.
  struct Run {
    var name: String
    var report: Report
  }

  /// What is read of a run's `metrics.json`.
  struct Report: Decodable {
    var figures: [String: Interval] = [:]
    var settings: [String: String]
    var fingerprint: String
    var version: String
    var seed: UInt64
    var data: DataCheck?

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for name in Metrics.Name.allCases.map(\.rawValue) + RegressionMetrics.Name.allCases.map(\.rawValue) {
        figures[name] = try container.decodeIfPresent(Interval.self, forKey: Key(stringValue: name))
      }
      settings = try container.decode([String: String].self, forKey: Key(stringValue: "settings"))
      fingerprint = try container.decode(String.self, forKey: Key(stringValue: "data_xxh64"))
      version = try container.decode(String.self, forKey: Key(stringValue: "version"))
      seed = try container.decode(UInt64.self, forKey: Key(stringValue: "seed"))
      data = try? container.decode(DataCheck.self, forKey: Key(stringValue: "data"))
    }
  }

  /// The names of all runs, the oldest first: they begin with the time.
  func names() throws -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { FileManager.default.fileExists(atPath: "\(path)/\($0)/metrics.json") }.sorted()
    } catch { throw CommandError("\(path): cannot be read – check its permissions", exit: .usage) }
  }

  func run(_ name: String) throws -> Run {
    let file = "\(path)/\(name)/metrics.json"
    guard let bytes = try Files.readIfThere(file) else {
      throw CommandError("\(path)/\(name): there is no such run", exit: .usage)
    }
    guard let report = try? JSONDecoder().decode(Report.self, from: Data(bytes)) else {
      throw CommandError("\(file): is not what vitals-train wrote", exit: .dataError)
    }
    return Run(name: name, report: report)
  }

  /// The last run that learned from the same columns.
  func last(like check: DataCheck) throws -> Run? {
    for name in try names().reversed() {
      let run = try run(name)
      if run.report.data?.columns.map(\.name) == check.columns.map(\.name) { return run }
    }
    return nil
  }

  /// Keeps a training.
  ///
  /// - Returns: the folder.
  func add(_ files: [(name: String, bytes: [UInt8])], fingerprint: String) throws -> String {
    let time = Date.now.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
    let base = "\(time)-\(fingerprint.prefix(8))"
    var name = base
    var number = 2
    while FileManager.default.fileExists(atPath: "\(path)/\(name)") {
      name = "\(base)-\(number)"
      number += 1
    }
    try ModelFolder(path: "\(path)/\(name)").write(files)
    return "\(path)/\(name)"
  }

  /// The files of a run, with all that its folder holds.
  func files(_ name: String) throws -> [(name: String, bytes: [UInt8])] {
    _ = try run(name)
    let folder = "\(path)/\(name)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []
    return try names.map { ($0, try Files.read("\(folder)/\($0)")) }
  }
}
