public import Serving
internal import Synchronization

/// The models that answer, by name. A request takes one model and keeps it to its end, whatever is put in its place.
public final class ModelShelf: Sendable {
  private struct State {
    var models: [String: ServedModel] = [:]
    var identities: [ModelFolder.Identity?]
    /// The name of the model that each folder gave last.
    var names: [String?]
  }

  private let folders: [ModelFolder]
  private let state: Mutex<State>

  /// Reads all models.
  ///
  /// - Parameter folders: one at least; the first one's model answers where no name is given.
  /// - Throws: ``ServingError`` for a folder without a model, and for a name that two folders have.
  public init(_ folders: [ModelFolder]) throws(ServingError) {
    precondition(!folders.isEmpty, "one model at least")
    self.folders = folders
    var first = State(
      identities: [ModelFolder.Identity?](repeating: nil, count: folders.count),
      names: [String?](repeating: nil, count: folders.count))
    for (index, folder) in folders.enumerated() {
      first.identities[index] = folder.identity
      let model = try folder.read()
      guard first.models[model.name] == nil else {
        throw ServingError("\(folder.path): another model is named \(model.name) too; name it with NAME=FOLDER")
      }
      first.models[model.name] = model
      first.names[index] = model.name
    }
    state = Mutex(first)
  }

  /// Shelves models that lie in no folder, for tests.
  init(models: [ServedModel]) {
    folders = []
    state = Mutex(
      State(
        models: Dictionary(uniqueKeysWithValues: models.map { ($0.name, $0) }), identities: [],
        names: models.map(\.name)))
  }

  /// A model by name, or the first one.
  public func model(_ name: String? = nil) -> ServedModel? {
    state.withLock { state in
      guard let name = name ?? state.names.first ?? nil else { return nil }
      return state.models[name]
    }
  }

  /// All models, by name.
  public var all: [ServedModel] { state.withLock { $0.models.values.sorted { $0.name < $1.name } } }

  /// What looking after the folders has come to.
  public enum Change: Sendable {
    /// Another model answers under this name now.
    case replaced(ServedModel)
    /// A folder holds something that is no model: the one before goes on answering.
    case failed(ServingError)
  }

  /// Takes over what the folders hold by now; says what changed.
  public func reload() -> [Change] {
    var changes: [Change] = []
    for (index, folder) in folders.enumerated() {
      // Between two renames there may be nothing under the name: the next look finds it.
      guard let identity = folder.identity, identity != state.withLock({ $0.identities[index] }) else { continue }
      do throws(ServingError) {
        let model = try folder.read()
        let hasChanged = try state.withLock { state throws(ServingError) in
          let old = state.names[index] ?? ""
          if model.name != old, state.models[model.name] != nil {
            throw ServingError("\(folder.path): another model is named \(model.name) too")
          }
          let hasChanged = state.models[old]?.version != model.version
          state.models[old] = nil
          state.models[model.name] = model
          state.names[index] = model.name
          return hasChanged
        }
        if hasChanged { changes.append(.replaced(model)) }
      } catch {
        changes.append(.failed(error))
      }
      // One that failed is not tried again before it changes once more.
      state.withLock { $0.identities[index] = identity }
    }
    return changes
  }
}
