internal import Features
internal import Forest
internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Looks after the model of what is to come: takes the one that is promoted, and notes once a minute what it says of
/// everybody.
struct EarlyWarningWatch: Service {
  /// The folder of the model.
  let folder: any FileStore
  let hub: WardHub
  let log: Logger

  /// How long between two looks at the folder, and between two notes of a patient.
  static let pause = Duration.seconds(2), notePause = Duration.seconds(60)
  private static let fileLimit = 1 << 30

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      var known: [FileStatus]?
      var noted: ContinuousClock.Instant?
      while true {
        let isNew = await look(&known)
        if isNew || noted.map({ ContinuousClock.now - $0 >= Self.notePause }) ?? true {
          noted = .now
          await note()
        }
        try await Task.sleep(for: Self.pause)
      }
    }
  }

  /// Takes the model that the folder holds, where it is another one than before.
  ///
  /// - Returns: Whether it is.
  func look(_ known: inout [FileStatus]?) async -> Bool {
    let now = await identity()
    guard now != known else { return false }
    var found = EarlyWarning.none
    if !now.isEmpty {
      found = await read()
      // Another one took its place while it was read: neither may be whole.
      guard await identity() == now else { return false }
    }
    switch found {
    case .none: if known?.isEmpty == false { log.notice("the model of early warning is gone") }
    case .unfit(let why):
      log.warning("the model of early warning is of no use", metadata: ["folder": "\(folder.root)", "why": "\(why)"])
    case .ready: log.notice("early warning has a model", metadata: ["folder": "\(folder.root)"])
    }
    known = now
    hub.set(found)
    return true
  }

  /// What changes with the model; empty where there is none.
  private func identity() async -> [FileStatus] {
    var statuses: [FileStatus] = []
    for name in [SavedModel.forestFile, SavedModel.schemaFile, SavedModel.calibrationFile] {
      if let status = try? await folder.status(name) { statuses.append(status) }
    }
    return statuses
  }

  private func read() async -> EarlyWarning {
    var files: [String: [UInt8]] = [:]
    do {
      for name in [SavedModel.forestFile, SavedModel.schemaFile, SavedModel.calibrationFile]
      where try await folder.status(name) != nil {
        files[name] = try await folder.read(name, limit: Self.fileLimit)
      }
      return .ready(try EarlyWarningModel(try SavedModel { files[$0] }))
    } catch let misfit as EarlyWarningModel.Misfit {
      return .unfit(misfit.words)
    } catch let error as ForestError {
      return .unfit(error.description)
    } catch {
      return .unfit("it cannot be read")
    }
  }

  /// Asks the model about everybody, one after the other, so that nobody waits for all of them.
  func note() async {
    guard let model = hub.look({ $0.earlyWarning.model }) else { return }
    for key in hub.look({ Array($0.ward.patients.keys) }) {
      let known = hub.look { state in
        state.ward.patients[key].map { ($0.recent, $0.current.isDeteriorated, $0.isStale) }
      }
      guard let (recent, isDeteriorated, isStale) = known, let recent, !isDeteriorated, !isStale,
        let time = recent.series.times.last, let forecast = model.forecast(recent.series)
      else { continue }
      hub.note(forecast, of: key, at: time)
      await Task.yield()
    }
  }
}
