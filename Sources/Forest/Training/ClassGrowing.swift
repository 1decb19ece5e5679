import Kernels

/// What is different where there are more than two classes.
extension ForestTrainer {
  /// The weight of each of more than two classes.
  private func classWeights(_ targets: [Double], _ weights: [Double]?) -> [Double] {
    switch settings.classWeight {
    case .equal, .weights: return [Double](repeating: 1, count: settings.classes)
    case .each(let weights): return weights
    case .balanced:
      var own = [Double](repeating: 0, count: settings.classes)
      for (row, target) in targets.enumerated() { own[Int(target)] += weights?[row] ?? 1 }
      let all = own.reduce(0, +)
      return own.map { $0 > 0 ? all / (Double(own.count) * $0) : 1 }
    }
  }

  /// Grows trees of more than two classes, with sums that are no wider than they have to be.
  func growClasses(
    _ table: CodedTable, _ targets: [Double], _ weights: [Double]?, _ former: RandomForest?, threads: Int,
    grown: @escaping @Sendable () -> Void
  ) async throws -> [GrownTree] {
    let scales = classWeights(targets, weights)
    let classes = targets.map { UInt8($0) }
    let weights = classes.indices.map { (weights?[$0] ?? 1) * scales[Int(classes[$0])] }
    func grow<let blocks: Int>(_ samples: ClassSamples<blocks>) async throws -> [GrownTree] {
      try await self.grow(table, samples, ClassScales(), former, threads: threads, grown: grown)
    }
    switch settings.classes {
    case ...4: return try await grow(ClassSamples<1>(classes: classes, weights: weights))
    case ...8: return try await grow(ClassSamples<2>(classes: classes, weights: weights))
    case ...16: return try await grow(ClassSamples<4>(classes: classes, weights: weights))
    case ...32: return try await grow(ClassSamples<8>(classes: classes, weights: weights))
    default: return try await grow(ClassSamples<16>(classes: classes, weights: weights))
    }
  }

  /// What the trees that did not learn from a row say of each class of it.
  static func classesOutOfBag(
    _ forest: RandomForest, _ data: FeatureMatrix, _ trees: [GrownTree]
  ) -> [Double] {
    (0..<data.rowCount).flatMap { row in
      let values = data.row(row)
      var (sums, count) = ([Double](repeating: 0, count: forest.classCount), 0.0)
      for (number, tree) in trees.enumerated() where tree.inBag[row >> 6] >> UInt64(row & 63) & 1 == 0 {
        for (place, share) in forest.shares(of: values, tree: number).enumerated() { sums[place] += share }
        count += 1
      }
      // Nothing by nothing is NaN.
      return sums.map { $0 / count }
    }
  }
}
