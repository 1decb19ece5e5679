import FoundationEssentials

/// A forest as JSON, which `tools/export-sklearn` writes of scikit-learn's: each tree as the fields of its nodes, in
/// any order, the root first, children by number and -1 where there are none.
struct ForestJSON: Codable {
  struct Tree: Codable {
    var left: [Int]
    var right: [Int]
    var feature: [Int]
    /// Infinity, which JSON does not know, is null.
    var threshold: [Double?]
    var missingLeft: [Int]
    var cover: [Double]
    /// Left out where there are shares.
    var value: [Double]?
    /// What each node says of each of more than two classes.
    var shares: [[Double]]?

    enum CodingKeys: String, CodingKey {
      case left, right, feature, threshold, cover, value, shares
      case missingLeft = "missing_left"
    }
  }

  var task: String
  var columns: Int
  /// The number of classes, where there are more than two.
  var classes: Int?
  var trees: [Tree]
}

extension RandomForest {
  /// Reads a forest from the JSON that `tools/export-sklearn` writes.
  ///
  /// - Throws: ``ForestError`` with ``ForestError/Code/badModel`` for anything but sound trees: a child that is no
  ///   node, a node with two parents, a cycle.
  public init(json bytes: [UInt8]) throws(ForestError) {
    let form: ForestJSON
    do {
      form = try JSONDecoder().decode(ForestJSON.self, from: Data(bytes))
    } catch {
      throw ForestError(.badModel, "this is no forest as JSON: write one with tools/export-sklearn")
    }
    guard let task = ForestSettings.Task(rawValue: form.task) else {
      throw ForestError(.notSupported, "a forest for another task than classification or regression")
    }
    guard form.columns > 0, form.columns < 1 << 20 else {
      throw ForestError(.badModel, "a forest of \(form.columns) columns")
    }
    let classes = form.classes ?? 0
    guard classes == 0 || (3...ForestSettings.mostClasses).contains(classes) && task == .classification else {
      throw ForestError(
        .notSupported, "classes are counted where there are more than 2, and at most \(ForestSettings.mostClasses)")
    }
    var trees: [TreeNodes] = []
    for (number, tree) in form.trees.enumerated() {
      guard let nodes = TreeNodes(renumbering: tree, classes: classes) else {
        throw ForestError(.badModel, "tree \(number + 1): its nodes are no tree")
      }
      trees.append(nodes)
    }
    try self.init(task: task, columnCount: form.columns, nodes: TreeNodes(joining: trees))
  }
}

extension TreeNodes {
  /// Takes nodes level by level, so that children stand side by side behind their node; `nil` where the children are
  /// none, or where a node would be met twice.
  ///
  /// - Parameter classes: how many shares a node has; 0 where it has a value.
  init?(renumbering tree: ForestJSON.Tree, classes: Int = 0) {
    let count = tree.left.count
    let counts = [
      tree.right.count, tree.feature.count, tree.threshold.count, tree.missingLeft.count, tree.cover.count,
      classes == 0 ? tree.value?.count ?? 0 : tree.shares?.count ?? 0,
    ]
    guard count > 0, counts.allSatisfy({ $0 == count }) else { return nil }
    let shares = classes == 0 ? [] : tree.shares ?? []
    guard shares.allSatisfy({ $0.count == classes }) else { return nil }
    self.init()
    var order = [0]
    var isMet = [Bool](repeating: false, count: count)
    isMet[0] = true
    var place = 0
    while place < order.count {
      let node = order[place]
      appendLeaf()
      cover[place] = tree.cover[node]
      if classes == 0 { value[place] = tree.value?[node] ?? 0 } else { self.shares += shares[node] }
      if tree.left[node] >= 0 || tree.right[node] >= 0 {
        left[place] = Int32(clamping: order.count)
        feature[place] = Int32(clamping: tree.feature[node])
        threshold[place] = tree.threshold[node] ?? .infinity
        missingGoesLeft[place] = tree.missingLeft[node] != 0
        guard feature[place] >= 0 else { return nil }
        for child in [tree.left[node], tree.right[node]] {
          guard (0..<count).contains(child), !isMet[child] else { return nil }
          isMet[child] = true
          order.append(child)
        }
      }
      place += 1
    }
    guard order.count == count else { return nil }
  }
}
