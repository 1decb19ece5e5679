import Columnar
import Kernels

@testable import Parquet

/// A leaf taken apart the slow way: one recursive walk over each row, straight from the definition of the levels.
struct ShreddedLeaf {
  var definitions: [UInt32] = []
  var repetitions: [UInt32] = []
  var values: [Int32] = []
}

/// A tree of random shape whose leaves are 32-bit integers, with rows to go with it.
struct RandomTree {
  /// An element and what is below it.
  indirect enum Shape {
    case leaf(Repetition)
    case group(Repetition, [Shape])
    case list(isOptional: Bool, Shape)

    var repetition: Repetition {
      switch self {
      case .leaf(let repetition), .group(let repetition, _): repetition
      case .list(let isOptional, _): isOptional ? .optional : .required
      }
    }
  }

  var random: SplitMix64

  mutating func shape(depth: Int) -> Shape {
    let repetitions: [Repetition] = [.required, .optional, .repeated]
    let repetition = repetitions[Int.random(in: 0..<3, using: &random)]
    switch Int.random(in: 0..<4, using: &random) {
    case 0 where depth > 0:
      return .group(repetition, (0..<Int.random(in: 1...3, using: &random)).map { _ in shape(depth: depth - 1) })
    case 1 where depth > 0, 2 where depth > 0:
      return .list(isOptional: Bool.random(using: &random), item(depth: depth - 1))
    default: return .leaf(repetition)
    }
  }

  /// An item of a list must not be repeated itself.
  private mutating func item(depth: Int) -> Shape {
    while true {
      let item = shape(depth: depth)
      if item.repetition != .repeated { return item }
    }
  }

  /// A value of a shape, repetition included.
  mutating func value(_ shape: Shape) -> Scalar {
    switch shape.repetition {
    case .optional where Int.random(in: 0..<3, using: &random) == 0: return .null
    case .repeated:
      return .list((0..<[0, 1, 1, 2, 5][Int.random(in: 0..<5, using: &random)]).map { _ in content(shape) })
    default: return content(shape)
    }
  }

  private mutating func content(_ shape: Shape) -> Scalar {
    switch shape {
    case .leaf: return .int(Int64(Int32.random(in: -9...9, using: &random)))
    case .group(_, let children): return .structure(children.map { value($0) })
    case .list(_, let item):
      return .list((0..<[0, 1, 2, 3][Int.random(in: 0..<4, using: &random)]).map { _ in value(item) })
    }
  }
}

extension RandomTree.Shape {
  /// The elements of the tree, depth first.
  func elements(_ name: String) -> [SchemaElement] {
    var element = SchemaElement(name: name)
    element.repetition = repetition
    switch self {
    case .leaf:
      element.physicalType = .int32
      return [element]
    case .group(_, let children):
      element.childCount = Int32(children.count)
      return [element] + children.enumerated().flatMap { $1.elements("f\($0)") }
    case .list(_, let item):
      element.childCount = 1
      element.logicalType = .list
      var middle = SchemaElement(name: "list")
      middle.repetition = .repeated
      middle.childCount = 1
      return [element, middle] + item.elements("element")
    }
  }

  /// Adds the levels and values of one value to the leaves below, of which the first is number `leaf`.
  func shred(_ value: Scalar, leaf: Int, definition: Int, repetition: Int, depth: Int, to leaves: inout [ShreddedLeaf])
  {
    switch self.repetition {
    case .optional:
      if value == .null {
        absent(leaf, definition, repetition, to: &leaves)
      } else {
        content(value, leaf, definition + 1, repetition, depth, to: &leaves)
      }
    case .repeated:
      guard case .list(let items) = value, !items.isEmpty else {
        return absent(leaf, definition, repetition, to: &leaves)
      }
      for (index, item) in items.enumerated() {
        content(item, leaf, definition + 1, index == 0 ? repetition : depth + 1, depth + 1, to: &leaves)
      }
    default: content(value, leaf, definition, repetition, depth, to: &leaves)
    }
  }

  private func content(
    _ value: Scalar, _ leaf: Int, _ definition: Int, _ repetition: Int, _ depth: Int, to leaves: inout [ShreddedLeaf]
  ) {
    switch (self, value) {
    case (.leaf, .int(let number)):
      leaves[leaf].definitions.append(UInt32(definition))
      leaves[leaf].repetitions.append(UInt32(repetition))
      leaves[leaf].values.append(Int32(number))
    case (.group(_, let children), .structure(let values)):
      var next = leaf
      for (child, value) in zip(children, values) {
        child.shred(
          value, leaf: next, definition: definition, repetition: repetition, depth: depth, to: &leaves)
        next += child.leafCount
      }
    case (.list(_, let item), .list(let items)):
      if items.isEmpty { return absent(leaf, definition, repetition, to: &leaves) }
      for (index, value) in items.enumerated() {
        item.shred(
          value, leaf: leaf, definition: definition + 1, repetition: index == 0 ? repetition : depth + 1,
          depth: depth + 1, to: &leaves)
      }
    default: break
    }
  }

  private func absent(_ leaf: Int, _ definition: Int, _ repetition: Int, to leaves: inout [ShreddedLeaf]) {
    for index in leaf..<leaf + leafCount {
      leaves[index].definitions.append(UInt32(definition))
      leaves[index].repetitions.append(UInt32(repetition))
    }
  }

  var leafCount: Int {
    switch self {
    case .leaf: 1
    case .group(_, let children): children.reduce(0) { $0 + $1.leafCount }
    case .list(_, let item): item.leafCount
    }
  }
}
