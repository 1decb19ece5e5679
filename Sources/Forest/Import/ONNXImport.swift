import Kernels

// The way back from ONNX: a graph with one TreeEnsembleClassifier, or one TreeEnsembleRegressor of one target, of
// ai.onnx.ml. Other nodes of the graph may follow it, as converters put them there to name the classes; none
// may stand before it, since that would change the columns.

/// A node by its tree and its number in it.
private struct NodeKey: Hashable {
  var tree, node: Int
}

/// The attributes of a tree ensemble by name.
private struct EnsembleAttributes {
  var numbers: [String: [Int]] = [:]
  var floats: [String: [Float]] = [:]
  var texts: [String: [String]] = [:]

  /// Reads an attribute (AttributeProto).
  mutating func add(_ bytes: ArraySlice<UInt8>) throws(ForestError) {
    var reader = ProtobufReader(bytes)
    var name = ""
    var (numbers, floats, texts) = ([Int](), [Float](), [String]())
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let text)): name = String(decoding: text, as: UTF8.self)
      case (2, .word(let bits)): floats.append(Float(bitPattern: bits))
      case (3, .number(let number)), (8, .number(let number)): numbers.append(Int(truncatingIfNeeded: number))
      case (4, .bytes(let text)), (9, .bytes(let text)): texts.append(String(decoding: text, as: UTF8.self))
      case (7, .word(let bits)): floats.append(Float(bitPattern: bits))
      case (7, .bytes(let packed)):
        var inner = ProtobufReader(packed)
        while let number = try inner.nextFloat() { floats.append(number) }
      case (8, .bytes(let packed)):
        var inner = ProtobufReader(packed)
        while let number = try inner.nextVarint() { numbers.append(Int(truncatingIfNeeded: number)) }
      default: continue
      }
    }
    self.numbers[name] = numbers
    self.floats[name] = floats
    self.texts[name] = texts
  }

  /// The numbers of a node each.
  func numbers(_ name: String, count: Int) throws(ForestError) -> [Int] {
    guard let numbers = numbers[name], numbers.count == count else {
      throw ForestError(.badModel, "\(name) does not have an entry for each node")
    }
    return numbers
  }
}

extension RandomForest {
  /// Reads a forest from a model in ONNX.
  ///
  /// ONNX does not say how many rows a node learned from, so such a forest has no path-dependent Shapley values; those
  /// against a background it has. Its probabilities are those of single precision.
  ///
  /// - Parameter columnCount: the number of columns of a row.
  /// - Throws: ``ForestError`` with ``ForestError/Code/badModel`` for what is no sound model, and with
  ///   ``ForestError/Code/notSupported`` for one of another kind.
  public init(onnx bytes: [UInt8], columnCount: Int) throws(ForestError) {
    var model = ProtobufReader(bytes[...])
    var graph: ArraySlice<UInt8>?
    while let (field, value) = try model.next() {
      if field == 7, case .bytes(let bytes) = value { graph = bytes }
    }
    guard let graph else { throw ForestError(.badModel, "this is no model in ONNX") }
    var nodes = ProtobufReader(graph)
    while let (field, value) = try nodes.next() {
      guard field == 1, case .bytes(let node) = value else { continue }
      var reader = ProtobufReader(node)
      var (kind, attributes) = ("", EnsembleAttributes())
      while let (field, value) = try reader.next() {
        guard case .bytes(let bytes) = value else { continue }
        if field == 4 { kind = String(decoding: bytes, as: UTF8.self) }
        if field == 5 { try attributes.add(bytes) }
      }
      switch kind {
      case "TreeEnsembleClassifier": try self.init(attributes, columnCount, task: .classification)
      case "TreeEnsembleRegressor": try self.init(attributes, columnCount, task: .regression)
      default: throw ForestError(.notSupported, "a graph that does not begin with a tree ensemble, but with \(kind)")
      }
      return
    }
    throw ForestError(.badModel, "the graph of the model is empty")
  }

  private init(
    _ attributes: EnsembleAttributes, _ columnCount: Int, task: ForestSettings.Task
  ) throws(ForestError) {
    let treeOf = attributes.numbers["nodes_treeids"] ?? []
    let count = treeOf.count
    let ids = try attributes.numbers("nodes_nodeids", count: count)
    var places: [NodeKey: Int] = [:]
    for node in 0..<count where places.updateValue(node, forKey: NodeKey(tree: treeOf[node], node: ids[node])) != nil {
      throw ForestError(.badModel, "a tree has two nodes of one number")
    }
    let classes = try Self.classCount(attributes, task)
    let values = try Self.leafValues(attributes, places, count: count, task: task, classes: classes)
    var byTree: [Int: [Int]] = [:]
    for node in 0..<count { byTree[treeOf[node], default: []].append(node) }
    var trees: [TreeNodes] = []
    for tree in byTree.keys.sorted() {
      let form = try Self.tree(byTree[tree] ?? [], tree, ids, attributes, values, count: count, classes: classes)
      guard let nodes = TreeNodes(renumbering: form, classes: classes) else {
        throw ForestError(.badModel, "tree \(trees.count + 1): its nodes are no tree")
      }
      trees.append(nodes)
    }
    // Leaves hold their share of the sum; ours hold what their tree says.
    var all = TreeNodes(joining: trees)
    let scale =
      task == .regression && attributes.texts["aggregate_function"]?.first == "AVERAGE" ? 1 : Double(trees.count)
    func scaled(_ value: Double) -> Double {
      let own = value * scale
      // What single precision adds to 1, or takes from 0.
      return task == .classification && own > -1e-4 && own < 1 + 1e-4 ? min(max(own, 0), 1) : own
    }
    all.value = all.value.map(scaled)
    all.shares = all.shares.map(scaled)
    try self.init(task: task, columnCount: columnCount, nodes: all)
  }

  /// How many classes nodes have shares of; 0 where there are no more than two.
  private static func classCount(
    _ attributes: EnsembleAttributes, _ task: ForestSettings.Task
  ) throws(ForestError) -> Int {
    if task == .regression { return 0 }
    let labels = attributes.numbers["classlabels_int64s"]?.count ?? 0
    let count = max(labels, attributes.texts["classlabels_strings"]?.count ?? 0)
    guard count <= ForestSettings.mostClasses else {
      throw ForestError(.notSupported, "a forest of more than \(ForestSettings.mostClasses) classes")
    }
    return count > 2 ? count : 0
  }

  /// What each leaf adds to the probability of the second class, or to the target; of more than two classes to the
  /// probability of each, node after node.
  private static func leafValues(
    _ attributes: EnsembleAttributes, _ places: [NodeKey: Int], count: Int, task: ForestSettings.Task, classes: Int
  ) throws(ForestError) -> [Double] {
    let prefix = task == .classification ? "class" : "target"
    guard attributes.texts["post_transform"]?.first ?? "NONE" == "NONE" else {
      throw ForestError(.notSupported, "leaves whose sum is transformed: this is no forest")
    }
    if let base = attributes.floats["base_values"], base.contains(where: { $0 != 0 }) {
      throw ForestError(.notSupported, "leaves whose sum begins with a value of its own: this is no forest")
    }
    let trees = attributes.numbers["\(prefix)_treeids"] ?? []
    let nodes = try attributes.numbers("\(prefix)_nodeids", count: trees.count)
    let numbers = try attributes.numbers("\(prefix)_ids", count: trees.count)
    guard let weights = attributes.floats["\(prefix)_weights"], weights.count == trees.count else {
      throw ForestError(.badModel, "\(prefix)_weights does not have an entry for each leaf")
    }
    let wanted = task == .classification ? 1 : 0
    guard numbers.allSatisfy({ (0...max(wanted, classes - 1)).contains($0) }) else {
      throw ForestError(.notSupported, "a forest of more classes than it names, or of more than one target")
    }
    let width = max(classes, 1)
    var values = [Double](repeating: 0, count: count * width)
    for entry in trees.indices where classes > 0 || numbers[entry] == wanted {
      guard let place = places[NodeKey(tree: trees[entry], node: nodes[entry])], weights[entry].isFinite else {
        throw ForestError(.badModel, "a leaf that is no node, or says what is no number")
      }
      values[place * width + (classes > 0 ? numbers[entry] : 0)] += Double(weights[entry])
    }
    return values
  }

  /// One tree in the form of the JSON import, whose checks it shares.
  private static func tree(
    _ nodes: [Int], _ tree: Int, _ ids: [Int], _ attributes: EnsembleAttributes, _ values: [Double], count: Int,
    classes: Int
  ) throws(ForestError) -> ForestJSON.Tree {
    let features = try attributes.numbers("nodes_featureids", count: count)
    let lefts = try attributes.numbers("nodes_truenodeids", count: count)
    let rights = try attributes.numbers("nodes_falsenodeids", count: count)
    let missing = attributes.numbers["nodes_missing_value_tracks_true"] ?? []
    guard let thresholds = attributes.floats["nodes_values"], thresholds.count == count,
      let modes = attributes.texts["nodes_modes"], modes.count == count, missing.isEmpty || missing.count == count
    else { throw ForestError(.badModel, "nodes_values or nodes_modes do not have an entry for each node") }
    var places: [Int: Int] = [:]
    for (place, node) in nodes.enumerated() { places[ids[node]] = place }
    var form = ForestJSON.Tree(
      left: [], right: [], feature: [], threshold: [], missingLeft: [], cover: [])
    if classes == 0 {
      form.value = nodes.map { values[$0] }
    } else {
      form.shares = nodes.map { Array(values[$0 * classes..<($0 + 1) * classes]) }
    }
    for node in nodes {
      let isLeaf = modes[node] == "LEAF"
      guard isLeaf || modes[node] == "BRANCH_LEQ" || modes[node] == "BRANCH_LT" else {
        throw ForestError(.notSupported, "tree \(tree): a node that compares by \(modes[node].prefix(20))")
      }
      form.left.append(isLeaf ? -1 : places[lefts[node]] ?? count)
      form.right.append(isLeaf ? -1 : places[rights[node]] ?? count)
      form.feature.append(features[node])
      // What is below a float is at most the float before it.
      form.threshold.append(Double(modes[node] == "BRANCH_LT" ? thresholds[node].nextDown : thresholds[node]))
      form.missingLeft.append(missing.isEmpty ? 0 : missing[node])
      form.cover.append(0)
    }
    return form
  }
}
