/// The distinct tests of a forest, each answered for 256 rows as a mask of bits.
///
/// Of the tests of a column those with higher thresholds hold for the same rows and more. So each row is marked at the
/// lowest threshold that it passes, and the marks are added up from the lowest to the highest.
struct SliceAnswers: Sendable {
  typealias Mask = TreeSlices.Mask

  /// More masks than this do not stay near the processor.
  private static let most = 32_768

  /// The tests of one column that send missing values to the same side; their thresholds rise.
  private struct Group {
    var column: Int
    var missingGoesLeft: Bool
    var tests: Range<Int>
  }

  private var thresholds: [Float] = []
  private var groups: [Group] = []
  private var numbers: [UInt64: UInt32] = [:]

  /// The number of tests.
  var count: Int { thresholds.count }

  /// `nil` where there are too many.
  init?(_ nodes: [WideNode]) {
    let asking = nodes.indices.lazy.filter { nodes[$0].leftPlace($0) != nil }.map { nodes[$0] }
    let distinct = Set(asking.map { Self.key($0) }).sorted()
    guard distinct.count <= Self.most else { return nil }
    for key in distinct {
      let feature = UInt32(truncatingIfNeeded: key >> 32)
      let column = WideNode(threshold: 0, feature: feature).column
      let missingGoesLeft = feature & WideNode.missingBit != 0
      if groups.last?.column != column || groups.last?.missingGoesLeft != missingGoesLeft {
        groups.append(Group(column: column, missingGoesLeft: missingGoesLeft, tests: count..<count))
      }
      numbers[key] = UInt32(count)
      thresholds.append(Self.threshold(key))
      groups[groups.count - 1].tests = groups[groups.count - 1].tests.lowerBound..<count
    }
  }

  /// The number of the test that a node makes.
  func number(of node: WideNode) -> UInt32 { numbers[Self.key(node)] ?? 0 }

  /// Orders tests by column, and then by threshold.
  private static func key(_ node: WideNode) -> UInt64 {
    let bits = node.threshold.bitPattern
    return UInt64(node.feature) << 32 | UInt64(bits >> 31 == 1 ? ~bits : bits | 1 << 31)
  }

  private static func threshold(_ key: UInt64) -> Float {
    let bits = UInt32(truncatingIfNeeded: key)
    return Float(bitPattern: bits >> 31 == 1 ? bits & ~(1 << 31) : ~bits)
  }

  /// The mask of each test: the bits of the rows that go left.
  ///
  /// - Precondition: `rows` holds `count` rows of `width` values, at most 256 rows, and there is room for all masks.
  func answer(
    _ rows: UnsafePointer<Float>, width: Int, count: Int, into masks: UnsafeMutableBufferPointer<Mask>
  ) {
    masks.initialize(repeating: Mask())
    masks.withMemoryRebound(to: UInt64.self) { words in
      thresholds.withUnsafeBufferPointer { thresholds in
        for group in groups {
          for row in 0..<count {
            let value = rows[row &* width &+ group.column]
            let first = Self.firstPassed(value, thresholds, group.tests, missingGoesLeft: group.missingGoesLeft)
            if first == group.tests.upperBound { continue }
            words[first &* Mask.scalarCount &+ row &>> 6] |= 1 &<< UInt64(row & 63)
          }
        }
      }
    }
    for group in groups {
      var mask = Mask()
      for test in group.tests {
        mask |= masks[test]
        masks[test] = mask
      }
    }
  }

  /// The first threshold that is not below a value; the end where all are.
  @inline(__always)
  private static func firstPassed(
    _ value: Float, _ thresholds: UnsafeBufferPointer<Float>, _ tests: Range<Int>, missingGoesLeft: Bool
  ) -> Int {
    if value.isNaN { return missingGoesLeft ? tests.lowerBound : tests.upperBound }
    var low = tests.lowerBound
    var length = tests.count
    while length > 0 {
      let half = length &>> 1
      let isBelow = thresholds[low &+ half] < value
      low = isBelow ? low &+ half &+ 1 : low
      length = isBelow ? length &- half &- 1 : half
    }
    return low
  }
}
