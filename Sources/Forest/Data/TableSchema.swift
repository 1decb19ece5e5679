import FoundationEssentials

/// What the columns of a table are, read from a file beside the data: a new disease needs a schema, and no code.
///
///     {
///       "name": "diabetes",
///       "label": "outcome",
///       "columns": [{"name": "glucose", "unit": "mg/dL", "missing": [0], "limits": [20, 600]}]
///     }
public struct TableSchema: Hashable, Sendable, Codable {
  /// A column that is learned from.
  public struct Column: Hashable, Sendable, Codable {
    /// The name, as in the table's first line.
    public var name: String
    /// The unit, for people.
    public var unit: String?
    /// What it is, for people.
    public var description: String?
    /// Numbers that stand for a missing value.
    public var missing: [Double]?
    /// The lowest and the highest value that can be.
    public var limits: [Double]?
    /// 1 where the prediction must not fall as the column rises, -1 where it must not rise.
    public var monotone: Int?
    /// The words that a cell may hold, where the column holds no numbers; a value is then a word's place among them. In
    /// a model they stand in the order that it learned: see ``CategoryOrder``.
    public var categories: [String]?

    /// Names a column.
    public init(name: String, unit: String? = nil, limits: [Double]? = nil) {
      self.name = name
      self.unit = unit
      self.limits = limits
    }
  }

  /// Stretches of time that rows were made of, where the table is none of its own but readings over time.
  public struct Windows: Hashable, Sendable, Codable {
    /// How far a row looks back, and how far ahead its label looks, in milliseconds.
    public var past, ahead: Int64

    /// Takes milliseconds.
    public init(past: Int64, ahead: Int64) {
      self.past = past
      self.ahead = ahead
    }
  }

  /// The most words of a column.
  static let mostCategories = 1_000

  /// The name of what is predicted.
  public var name: String
  /// Where the data comes from, for people.
  public var description: String?
  /// The column of what is predicted: 0 or 1, one of the ``classes``, or any number for regression.
  public var label: String
  /// The words that the label may hold, where it is not 0 or 1; a target is then a word's place among them. Of two
  /// words the second is the one whose probability is predicted.
  public var classes: [String]?
  /// What is predicted; `nil` for ``ForestSettings/Task/classification``.
  public var task: ForestSettings.Task?
  /// The column that says which rows belong together, such as those of a patient: none of them is predicted by a model
  /// that learned from another.
  public var group: String?
  /// The column that says how much each row counts in learning.
  public var weight: String?
  /// The columns that are learned from, in the order of a model's.
  public var columns: [Column]
  /// The stretches of time that rows are made of; `nil` for a table as it is.
  public var windows: Windows?

  /// Describes a table.
  public init(name: String, description: String? = nil, label: String, columns: [Column], windows: Windows? = nil) {
    self.name = name
    self.description = description
    self.label = label
    self.columns = columns
    self.windows = windows
  }

  /// Reads a schema.
  ///
  /// - Throws: ``ForestError`` with ``ForestError/Code/badData`` for anything but a schema that makes sense.
  public init(json bytes: [UInt8]) throws(ForestError) {
    do {
      self = try JSONDecoder().decode(TableSchema.self, from: Data(bytes))
    } catch {
      throw ForestError(.badData, "this is no schema: it is a JSON object of name, label and columns")
    }
    guard !columns.isEmpty, columns.count < 10_000 else {
      throw ForestError(.badData, "the schema names 1 to 10,000 columns")
    }
    let names = columns.map(\.name)
    let all = names + [label] + [group, weight].compactMap { $0 }
    guard Set(all).count == all.count else {
      throw ForestError(.badData, "the schema names a column twice")
    }
    try checkClasses()
    for column in columns {
      guard (-1...1).contains(column.monotone ?? 0) else {
        throw ForestError(.badData, "monotone of \(column.name) is -1, 0 or 1")
      }
      if let limits = column.limits, limits.count != 2 || limits[0] > limits[1] {
        throw ForestError(.badData, "the limits of \(column.name) are two numbers, the lower one first")
      }
      guard let categories = column.categories else { continue }
      guard (1...Self.mostCategories).contains(categories.count), Set(categories).count == categories.count,
        !categories.contains("")
      else {
        throw ForestError(
          .badData, "the categories of \(column.name) are 1 to \(Self.mostCategories) different words")
      }
      guard column.limits == nil, column.monotone ?? 0 == 0, column.missing ?? [] == [] else {
        throw ForestError(.badData, "\(column.name) has categories, and neither limits, trend nor missing codes")
      }
    }
  }

  private func checkClasses() throws(ForestError) {
    guard let classes else { return }
    guard (2...ForestSettings.mostClasses).contains(classes.count), Set(classes).count == classes.count,
      !classes.contains("")
    else {
      throw ForestError(
        .badData, "the classes of \(label) are 2 to \(ForestSettings.mostClasses) different words")
    }
    guard task != .regression else {
      throw ForestError(.badData, "\(label) has classes, and its task is the prediction of a number: leave one out")
    }
    guard classes.count == 2 || columns.allSatisfy({ $0.monotone ?? 0 == 0 }) else {
      throw ForestError(.badData, "columns have no trend (monotone) among \(classes.count) classes")
    }
  }

  /// How many classes are told apart; 1 where a number is predicted.
  public var classCount: Int { task == .regression ? 1 : classes?.count ?? 2 }

  /// The names of the classes, `0` and `1` where no words are listed; none where a number is predicted.
  public var classNames: [String] { task == .regression ? [] : classes ?? ["0", "1"] }

  /// The places of columns that hold words.
  public var categorical: [Int] { columns.indices.filter { columns[$0].categories != nil } }
}
