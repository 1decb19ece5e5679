import Kernels

// A forest as a model in ONNX, the exchange form that many servers run: one TreeEnsembleClassifier or one
// TreeEnsembleRegressor of ai.onnx.ml, version 3. Its input X is a float for each column, NaN where a value is missing
// (which codes stand for that is the caller's to know), and the place of its word for a column of categories; its
// outputs are label, which is the number of a class, and probabilities of all classes, or the prediction.
//
// Numbers of fields are those of onnx.proto (github.com/onnx/onnx). Values of leaves are floats there, so probabilities
// agree to about a millionth; where a row goes agrees exactly, since thresholds are rounded down to floats.

extension RandomForest {
  /// The forest in ONNX.
  ///
  /// - Parameters:
  ///   - name: what the graph is called.
  ///   - version: the program that writes it.
  public func onnx(name: String, version: String) -> [UInt8] {
    var model = ProtobufWriter()
    model.field(1, 8)  // The version of the form itself.
    model.field(2, "vitals-lake")
    model.field(3, version)
    model.field(7) { graph in
      graph.field(1, treeEnsemble)
      graph.field(2, name)
      graph.field(11) { Self.tensor(&$0, "X", elementType: 1, columns: columnCount) }
      switch task {
      case .classification:
        graph.field(12) { Self.tensor(&$0, "label", elementType: 7, columns: nil) }
        graph.field(12) { Self.tensor(&$0, "probabilities", elementType: 1, columns: classCount) }
      case .regression: graph.field(12) { Self.tensor(&$0, "prediction", elementType: 1, columns: 1) }
      }
    }
    for (domain, opset) in [("ai.onnx.ml", 3), ("", 17)] {
      model.field(8) { operators in
        operators.field(1, domain)
        operators.field(2, opset)
      }
    }
    return model.bytes
  }

  /// The node of the graph.
  private func treeEnsemble(_ node: inout ProtobufWriter) {
    node.field(1, "X")
    switch task {
    case .classification:
      node.field(2, "label")
      node.field(2, "probabilities")
      node.field(3, "forest")
      node.field(4, "TreeEnsembleClassifier")
    case .regression:
      node.field(2, "prediction")
      node.field(3, "forest")
      node.field(4, "TreeEnsembleRegressor")
    }
    let all = nodes.feature.indices
    let isLeaf = nodes.feature.map { $0 < 0 }
    var tree: [Int] = []
    for number in 0..<treeCount { tree += [Int](repeating: number, count: nodes.range(ofTree: number).count) }
    // Nodes are numbered within their tree.
    let place = all.map { $0 - nodes.roots[tree[$0]] }
    let left = all.map { isLeaf[$0] ? 0 : Int(nodes.left[$0]) - nodes.roots[tree[$0]] }
    Self.attribute(&node, "nodes_treeids", tree)
    Self.attribute(&node, "nodes_nodeids", place)
    Self.attribute(&node, "nodes_featureids", nodes.feature.map { max(0, Int($0)) })
    Self.attribute(&node, "nodes_modes", isLeaf.map { $0 ? "LEAF" : "BRANCH_LEQ" })
    Self.attribute(&node, "nodes_values", all.map { isLeaf[$0] ? 0 : floatBelow(nodes.threshold[$0]) })
    Self.attribute(&node, "nodes_truenodeids", left)
    Self.attribute(&node, "nodes_falsenodeids", all.map { isLeaf[$0] ? 0 : left[$0] + 1 })
    Self.attribute(
      &node, "nodes_missing_value_tracks_true", all.map { !isLeaf[$0] && nodes.missingGoesLeft[$0] ? 1 : 0 })
    let leaves = all.filter { isLeaf[$0] }.map { (tree: tree[$0], place: place[$0], node: $0) }
    if task == .classification { classes(&node, leaves) } else { targets(&node, leaves) }
    node.field(5) { attribute in
      attribute.field(1, "post_transform")
      attribute.field(4, "NONE")
      attribute.field(20, 3)
    }
    node.field(7, "ai.onnx.ml")
  }

  /// What leaves add to the probabilities of all classes.
  private func classes(_ node: inout ProtobufWriter, _ leaves: [(tree: Int, place: Int, node: Int)]) {
    let numbers = Array(0..<classCount)
    Self.attribute(&node, "class_treeids", leaves.flatMap { leaf in numbers.map { _ in leaf.tree } })
    Self.attribute(&node, "class_nodeids", leaves.flatMap { leaf in numbers.map { _ in leaf.place } })
    Self.attribute(&node, "class_ids", leaves.flatMap { _ in numbers })
    Self.attribute(
      &node, "class_weights",
      leaves.flatMap { leaf -> [Float] in
        if classCount > 2 { return nodes.shares(of: leaf.node).map { Float($0 / Double(treeCount)) } }
        let share = nodes.value[leaf.node] / Double(treeCount)
        return [Float(1 / Double(treeCount) - share), Float(share)]
      })
    Self.attribute(&node, "classlabels_int64s", numbers)
  }

  /// What leaves add to the prediction of a number.
  private func targets(_ node: inout ProtobufWriter, _ leaves: [(tree: Int, place: Int, node: Int)]) {
    Self.attribute(&node, "target_treeids", leaves.map { $0.tree })
    Self.attribute(&node, "target_nodeids", leaves.map { $0.place })
    Self.attribute(&node, "target_ids", leaves.map { _ in 0 })
    Self.attribute(&node, "target_weights", leaves.map { Float(nodes.value[$0.node] / Double(treeCount)) })
    node.field(5) { attribute in
      attribute.field(1, "n_targets")
      attribute.field(3, 1)
      attribute.field(20, 2)
    }
  }

  private static func attribute(_ node: inout ProtobufWriter, _ name: String, _ values: [Int]) {
    node.field(5) { attribute in
      attribute.field(1, name)
      attribute.field(8, packed: values)
      attribute.field(20, 7)
    }
  }

  private static func attribute(_ node: inout ProtobufWriter, _ name: String, _ values: [Float]) {
    node.field(5) { attribute in
      attribute.field(1, name)
      attribute.field(7, packed: values)
      attribute.field(20, 6)
    }
  }

  private static func attribute(_ node: inout ProtobufWriter, _ name: String, _ values: [String]) {
    node.field(5) { attribute in
      attribute.field(1, name)
      for value in values { attribute.field(9, value) }
      attribute.field(20, 8)
    }
  }

  /// A tensor of any number of rows.
  private static func tensor(_ info: inout ProtobufWriter, _ name: String, elementType: Int, columns: Int?) {
    info.field(1, name)
    info.field(2) { type in
      type.field(1) { tensor in
        tensor.field(1, elementType)
        tensor.field(2) { shape in
          shape.field(1) { $0.field(2, "N") }
          if let columns { shape.field(1) { $0.field(1, columns) } }
        }
      }
    }
  }
}
