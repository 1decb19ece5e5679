import FoundationEssentials

/// A forest with what belongs to it: what its columns are, and how its probabilities are calibrated.
public struct SavedModel: Sendable {
  /// The forest.
  public var forest: RandomForest
  /// What its columns are.
  public var schema: TableSchema
  /// How its probabilities are calibrated, if they are.
  public var calibration: Calibration?

  /// The names of the files in a model's folder.
  public static let forestFile = "forest.bin", schemaFile = "schema.json", calibrationFile = "calibration.json"

  /// Takes the parts of a model.
  ///
  /// - Throws: ``ForestError`` where the schema has other columns than the forest, or another task.
  public init(forest: RandomForest, schema: TableSchema, calibration: Calibration?) throws(ForestError) {
    guard forest.task == schema.task ?? .classification else {
      throw ForestError(
        .badModel,
        "the forest is one of \(forest.task), \(Self.schemaFile) says "
          + "\((schema.task ?? .classification).rawValue): set its \"task\"")
    }
    guard forest.classCount == schema.classCount else {
      throw ForestError(
        .badModel,
        "the forest tells \(forest.classCount) classes apart, \(Self.schemaFile) names \(schema.classCount): list "
          + "them as its \"classes\"")
    }
    guard calibration == nil || forest.classCount == 2 else {
      throw ForestError(
        .badModel, "\(Self.calibrationFile) is for the probability of one of two classes, the forest says another thing"
      )
    }
    guard forest.columnCount == schema.columns.count else {
      throw ForestError(.badModel, "\(Self.schemaFile) names \(schema.columns.count) columns, the forest has others")
    }
    self.forest = forest
    self.schema = schema
    self.calibration = calibration
  }

  /// Reads a model.
  ///
  /// - Parameter read: the bytes of a file of the model's folder; `nil` where it is not there.
  /// - Throws: ``ForestError`` that names the file, and what `read` throws.
  public init(reading read: (String) throws -> [UInt8]?) throws {
    func bytes(_ name: String) throws -> [UInt8] {
      guard let bytes = try read(name) else { throw ForestError(.badModel, "there is no \(name): is this a model?") }
      return bytes
    }
    func named<Value>(_ name: String, _ body: () throws(ForestError) -> Value) throws(ForestError) -> Value {
      do { return try body() } catch { throw ForestError(error.code, "\(name): \(error.description)") }
    }
    let forestBytes = try bytes(Self.forestFile)
    let forest = try named(Self.forestFile) { () throws(ForestError) in try RandomForest(decoding: forestBytes) }
    let schemaBytes = try bytes(Self.schemaFile)
    let schema = try named(Self.schemaFile) { () throws(ForestError) in try TableSchema(json: schemaBytes) }
    let calibration = try read(Self.calibrationFile)
      .map { bytes in
        try named(Self.calibrationFile) { () throws(ForestError) in try Calibration(json: bytes) }
      }
    try self.init(forest: forest, schema: schema, calibration: calibration)
  }

  /// The files of the model's folder, by name.
  public func files() throws -> [(name: String, bytes: [UInt8])] {
    var files = [
      (name: Self.forestFile, bytes: forest.encoded()), (name: Self.schemaFile, bytes: try prettyJSON(schema)),
    ]
    if let calibration { files.append((Self.calibrationFile, try prettyJSON(calibration))) }
    return files
  }

  /// The probability of target 1; what the forest says as it is where it predicts a number.
  public func probability(forest raw: Double) -> Double { calibration.map { $0(raw) } ?? raw }
}

/// A value as JSON for people: a line for each field, in the order of names.
public func prettyJSON(_ value: some Encodable) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return Array(try encoder.encode(value)) + [0x0A]
}

extension Calibration: Codable {
  private enum CodingKeys: String, CodingKey {
    case platt, isotonic
  }

  /// Reads `{"platt": …}` or `{"isotonic": …}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let scaling = try container.decodeIfPresent(PlattScaling.self, forKey: .platt) {
      self = .platt(scaling)
    } else {
      self = .isotonic(try container.decode(IsotonicScaling.self, forKey: .isotonic))
    }
  }

  /// Writes the curve under the name of its kind.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .platt(let scaling): try container.encode(scaling, forKey: .platt)
    case .isotonic(let scaling): try container.encode(scaling, forKey: .isotonic)
    }
  }

  /// Reads a calibration, and checks that an isotonic curve is one.
  init(json bytes: [UInt8]) throws(ForestError) {
    do {
      self = try JSONDecoder().decode(Calibration.self, from: Data(bytes))
    } catch {
      throw ForestError(.badModel, "this is no calibration")
    }
    guard case .isotonic(let scaling) = self else { return }
    let inputs = scaling.inputs
    guard inputs.count == scaling.outputs.count, !inputs.isEmpty, scaling.outputs.allSatisfy({ (0...1).contains($0) }),
      zip(inputs, inputs.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw ForestError(.badModel, "the curve of the calibration is none") }
  }
}
