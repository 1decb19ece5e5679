internal import Features
internal import Forest

/// A model of whether a patient deteriorates soon, as `vitals-train --label deteriorates` fits it.
struct EarlyWarningModel: Sendable {
  /// Why a model is of no use here, in words for people.
  struct Misfit: Error, Hashable {
    var words: String
  }

  /// What the model says of a patient.
  struct Forecast: Hashable, Sendable {
    var probability: Double
    var level: RiskLevel { RiskLevel(probability) }
  }

  private let saved: SavedModel
  private let features: WindowFeatures
  /// How far back a row looks, and how far ahead the probability.
  let windows: TableSchema.Windows

  /// - Throws: ``Misfit`` where the model is none of stored vitals, or one of another version.
  init(_ saved: SavedModel) throws(Misfit) {
    guard let windows = saved.schema.windows, saved.forest.classCount == 2 else {
      throw Misfit(words: "it was not learned from stored vitals")
    }
    guard saved.schema.columns.map(\.name) == WindowFeatures.columns.map(\.name) else {
      throw Misfit(words: "its columns are not those that this version makes of vitals")
    }
    self.saved = saved
    self.windows = windows
    features = WindowFeatures(windowMillis: windows.past)
  }

  /// What the newest reading and those before it foretell; `nil` without readings.
  func forecast(_ series: PatientSeries) -> Forecast? {
    guard series.count > 0 else { return nil }
    let row = features.row(series, at: series.count - 1)
    return Forecast(probability: saved.probability(forest: saved.forest.prediction(of: row)))
  }
}

/// How the dashboard stands with the model.
enum EarlyWarning: Sendable {
  /// There is none.
  case none
  /// There is one, and it is of no use; says why.
  case unfit(String)
  case ready(EarlyWarningModel)

  var model: EarlyWarningModel? {
    if case .ready(let model) = self { return model }
    return nil
  }
}
