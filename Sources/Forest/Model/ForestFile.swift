import Kernels

// The form of a forest in a file. All numbers are little-endian.
//
//     "VLFOREST"                          8 bytes
//     version, task, columns, trees, nodes    u32 each: version 1; task 0 classification, 1 regression
//     classes                             u32, only in version 2: more than 2
//     root of each tree                   u32: its first node
//     feature of each node                i32: -1 for a leaf
//     threshold                           f64
//     left child                          i32: the right one is the next node
//     missing goes left                   u8: 0 or 1
//     cover                               f64
//     value                               f64; in version 2 one for each class, node after node
//     CRC-32C of all that stands above    u32
//
// Version 2 is for forests of more than two classes alone; all others are written as version 1.
//
// A tree of one leaf that says 0.5 with a cover of 2, over 8 columns:
//
//     564C464F52455354 01000000 00000000 08000000 01000000 01000000
//     00000000 FFFFFFFF 0000000000000000 00000000 00 0000000000000040 000000000000E03F  and the checksum

extension RandomForest {
  private static let magic = Array("VLFOREST".utf8)
  private static let (twoClasses, severalClasses): (UInt32, UInt32) = (1, 2)
  private static let headLength = 28
  private static let bytesPerNode = 25

  /// The forest as the bytes of a file.
  public func encoded() -> [UInt8] {
    var bytes = Self.magic
    let values = classCount > 2 ? nodes.shares : nodes.value
    bytes.reserveCapacity(
      Self.headLength + 4 + 4 * treeCount + Self.bytesPerNode * nodes.count + 8 * values.count + 4)
    func append(_ number: some FixedWidthInteger) {
      for shift in stride(from: 0, to: number.bitWidth, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
    append(classCount > 2 ? Self.severalClasses : Self.twoClasses)
    append(UInt32(task == .classification ? 0 : 1))
    append(UInt32(columnCount))
    append(UInt32(treeCount))
    append(UInt32(nodes.count))
    if classCount > 2 { append(UInt32(classCount)) }
    for root in nodes.roots { append(UInt32(root)) }
    for feature in nodes.feature { append(feature) }
    for threshold in nodes.threshold { append(threshold.bitPattern) }
    for left in nodes.left { append(left) }
    bytes += nodes.missingGoesLeft.map { $0 ? 1 : 0 }
    for cover in nodes.cover { append(cover.bitPattern) }
    for value in values { append(value.bitPattern) }
    append(Self.checksum(bytes[...]))
    return bytes
  }

  /// Reads a forest.
  ///
  /// - Throws: ``ForestError`` with ``ForestError/Code/badModel`` for anything but a sound forest.
  public init(decoding bytes: [UInt8]) throws(ForestError) {
    guard bytes.count >= Self.headLength, bytes.starts(with: Self.magic) else {
      throw ForestError(.badModel, "this is no forest of ours")
    }
    var cursor = ByteCursor(bytes: bytes, at: Self.magic.count)
    let version = cursor.next(UInt32.self)
    guard version == Self.twoClasses || version == Self.severalClasses else {
      throw ForestError(.notSupported, "a forest in the form of version \(version); known are 1 and 2")
    }
    let hasShares = version == Self.severalClasses
    guard !hasShares || bytes.count >= Self.headLength + 4 else {
      throw ForestError(.badModel, "the forest is cut off or damaged: its length is not what its head says")
    }
    let task = cursor.next(UInt32.self)
    let (columns, trees, count) = (cursor.count(), cursor.count(), cursor.count())
    let values = hasShares ? cursor.count() : 1
    // Numbers of 32 bits, of which no more than two are multiplied: products and sums stay below 63.
    guard values <= ForestSettings.mostClasses, task <= (hasShares ? 0 : 1), !hasShares || values > 2,
      bytes.count == cursor.at + 4 * trees + (Self.bytesPerNode + 8 * values) * count + 4
    else {
      throw ForestError(.badModel, "the forest is cut off or damaged: its length is not what its head says")
    }
    let body = bytes.count - 4
    var tail = ByteCursor(bytes: bytes, at: body)
    guard tail.next(UInt32.self) == Self.checksum(bytes[..<body]) else {
      throw ForestError(.badModel, "the forest is damaged: its checksum is another one")
    }
    var nodes = TreeNodes()
    nodes.roots = (0..<trees).map { _ in cursor.count() }
    nodes.feature = (0..<count).map { _ in cursor.next(Int32.self) }
    nodes.threshold = (0..<count).map { _ in cursor.number() }
    nodes.left = (0..<count).map { _ in cursor.next(Int32.self) }
    nodes.missingGoesLeft = (0..<count).map { _ in cursor.next(UInt8.self) == 1 }
    nodes.cover = (0..<count).map { _ in cursor.number() }
    if hasShares {
      nodes.value = [Double](repeating: 0, count: count)
      nodes.shares = (0..<values * count).map { _ in cursor.number() }
    } else {
      nodes.value = (0..<count).map { _ in cursor.number() }
    }
    try self.init(task: task == 0 ? .classification : .regression, columnCount: columns, nodes: nodes)
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    unsafe bytes.withUnsafeBytes { bytes in unsafe crc32c(bytes) }
  }
}

/// Reads numbers one after the other; that they are all there was checked by the length of the whole.
private struct ByteCursor {
  let bytes: [UInt8]
  var at: Int

  mutating func next<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
    var number: Number = 0
    for place in 0..<MemoryLayout<Number>.size {
      number |= Number(truncatingIfNeeded: bytes[at + place]) << (8 * place)
    }
    at += MemoryLayout<Number>.size
    return number
  }

  mutating func count() -> Int { Int(next(UInt32.self)) }

  mutating func number() -> Double { Double(bitPattern: next(UInt64.self)) }
}
