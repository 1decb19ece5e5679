import FoundationEssentials

// A forest of scikit-learn's as `skops.io.dump` writes it: a zip archive whose schema.json describes objects by their
// attributes, each of them {"__class__": …, "content": …}, with arrays in members of their own. Nothing in it is run.
// Of all attributes these are read:
//
//     forest       n_features_in_  n_outputs_  classes_ (of a classifier)  estimators_: a list of trees
//     tree_        nodes: an array of records   values: an array of nodes × outputs × classes

/// An object as schema.json describes it.
private struct Described<Content: Decodable>: Decodable {
  var content: Content
}

/// An object whose attributes are a dictionary.
private typealias Object<Attributes: Decodable> = Described<Described<Attributes>>

private struct ArrayReference: Decodable {
  var file: String
}

private struct TreeArrays: Decodable {
  var nodes: ArrayReference
  var values: ArrayReference
}

private struct Estimator: Decodable {
  /// The tree's own attributes are one dictionary.
  var tree_: Described<Described<TreeArrays>>
}

private struct ForestAttributes: Decodable {
  /// Numbers are JSON within a text.
  var n_features_in_: Described<String>
  var n_outputs_: Described<String>
  var classes_: ArrayReference?
  var estimators_: Described<[Object<Estimator>]>
}

private struct ForestObject: Decodable {
  var kind: String
  var content: Described<ForestAttributes>

  enum CodingKeys: String, CodingKey {
    case content
    case kind = "__class__"
  }
}

private struct Kind: Decodable {
  var name: String

  enum CodingKeys: String, CodingKey {
    case name = "__class__"
  }
}

extension RandomForest {
  /// Reads a forest from an archive of skops.
  ///
  /// - Throws: ``ForestError`` with ``ForestError/Code/badModel`` for what is no sound forest, and with
  ///   ``ForestError/Code/notSupported`` for another model than a forest of up to 64 classes or of one number.
  public init(skops bytes: [UInt8]) throws(ForestError) {
    let archive = try ZipArchive(bytes)
    let schema = Data(try archive.member("schema.json"))
    let decoder = JSONDecoder()
    guard let kind = try? decoder.decode(Kind.self, from: schema) else {
      throw ForestError(.badModel, "schema.json is not what skops writes")
    }
    let tasks: [String: ForestSettings.Task] = [
      "RandomForestClassifier": .classification, "ExtraTreesClassifier": .classification,
      "RandomForestRegressor": .regression, "ExtraTreesRegressor": .regression,
    ]
    guard let task = tasks[kind.name] else {
      throw ForestError(.notSupported, "a \(kind.name.prefix(60)), where a forest is expected")
    }
    guard let forest = try? decoder.decode(ForestObject.self, from: schema).content.content else {
      throw ForestError(.badModel, "schema.json describes no fitted forest")
    }
    guard forest.n_outputs_.content == "1" else { throw ForestError(.notSupported, "a forest of several outputs") }
    guard let columns = Int(forest.n_features_in_.content), columns > 0, columns < 1 << 20 else {
      throw ForestError(.badModel, "a forest of no number of columns")
    }
    var classes = 1
    if task == .classification {
      let shape = try forest.classes_.map { reference throws(ForestError) in
        try NumpyArray(archive.member(reference.file)).shape
      }
      guard let shape, shape.count == 1, (2...ForestSettings.mostClasses).contains(shape[0]) else {
        throw ForestError(.notSupported, "a forest of one class, or of more than \(ForestSettings.mostClasses)")
      }
      classes = shape[0]
    }
    var trees: [TreeNodes] = []
    // No two trees share arrays: else a small archive would make a forest of any size.
    var isUsed: Set<String> = []
    for (number, estimator) in forest.estimators_.content.enumerated() {
      let arrays = estimator.content.content.tree_.content.content
      guard isUsed.insert(arrays.nodes.file).inserted, isUsed.insert(arrays.values.file).inserted,
        let nodes = TreeNodes(
          renumbering: try Self.tree(
            NumpyArray(archive.member(arrays.nodes.file)), NumpyArray(archive.member(arrays.values.file)), classes),
          classes: classes > 2 ? classes : 0)
      else { throw ForestError(.badModel, "tree \(number + 1): its nodes are no tree") }
      trees.append(nodes)
    }
    try self.init(task: task, columnCount: columns, nodes: TreeNodes(joining: trees))
  }

  private static func tree(
    _ nodes: NumpyArray, _ values: NumpyArray, _ classes: Int
  ) throws(ForestError) -> ForestJSON.Tree {
    let left = try nodes.integers("left_child")
    guard nodes.shape.count == 1, values.shape == [left.count, 1, classes] else {
      throw ForestError(.badModel, "a tree says nothing, or too much, at some of its nodes")
    }
    let said = try values.doubles()
    // Older versions keep weights in place of shares, and know no missing values.
    let value = left.indices.map { node in
      switch classes {
      case 1: said[node]
      case 2: said[2 * node + 1] / (said[2 * node] + said[2 * node + 1])
      default: 0.0
      }
    }
    let shares = classes <= 2 ? nil : left.indices.map { Self.shares(said[$0 * classes..<($0 + 1) * classes]) }
    return ForestJSON.Tree(
      left: left, right: try nodes.integers("right_child"), feature: try nodes.integers("feature"),
      threshold: try nodes.doubles("threshold"),
      missingLeft: (try? nodes.integers("missing_go_to_left")) ?? [Int](repeating: 0, count: left.count),
      cover: try nodes.doubles("weighted_n_node_samples"), value: value, shares: shares)
  }

  /// The shares of several classes, as scikit-learn predicts them: shares as they are, weights by their sum.
  private static func shares(_ said: ArraySlice<Double>) -> [Double] {
    let sum = said.reduce(0, +)
    return abs(sum - 1) < 1e-9 ? Array(said) : said.map { $0 / sum }
  }
}
