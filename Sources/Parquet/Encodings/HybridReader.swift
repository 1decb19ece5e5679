internal import Columnar
internal import Kernels

/// Reads runs of equal values and bit-packed groups piece by piece (grammar and example: `RunLengthHybrid.swift`).
///
/// The bytes are an argument of each read, always the same ones; the reader keeps its place in them.
package struct HybridReader {
  /// Bits of a value.
  let width: Int
  private var cursor: ByteCursor
  /// Values of the current run that have not been read.
  private var left = 0
  /// Values of the current run that have been read; needed for packed ones alone.
  private var used = 0
  private var isPacked = false
  /// The value of a repeated run.
  private var value: UInt32 = 0
  /// The bytes of a packed run.
  private var packed = 0..<0

  /// Starts at a position of the bytes.
  package init(width: Int, position: Int = 0) {
    self.width = width
    cursor = ByteCursor(position: position)
  }

  /// Reads the head of the next run that is not empty.
  private mutating func advance(_ bytes: Span<UInt8>) throws(ParquetError) {
    while left == 0 {
      guard cursor.position < bytes.count else { throw ParquetError(.outOfSpec, "encoded values are missing") }
      let head = try cursor.varint(bytes)
      let length = head >> 1
      guard length <= UInt64(Int32.max) else { throw ParquetError(.outOfSpec, "a run of \(length)") }
      isPacked = head & 1 == 1
      used = 0
      if isPacked {
        // Some writers cut the last group to the bytes that its values need.
        let size = min(Int(length) * width, bytes.count - cursor.position)
        packed = cursor.position..<cursor.position + size
        left = width == 0 ? Int(length) * 8 : min(Int(length) * 8, size * 8 / width)
        guard left > 0 || length == 0 else { throw ParquetError(.outOfSpec, "packed values end early") }
        cursor.position += size
      } else {
        value = try cursor.littleEndian(bytes, byteCount: (width + 7) / 8)
        left = Int(length)
      }
    }
  }

  /// Adds the next `count` values to `codes`.
  package mutating func read(_ bytes: Span<UInt8>, count: Int, into codes: inout [UInt32]) throws(ParquetError) {
    var wanted = count
    while wanted > 0 {
      try advance(bytes)
      let step = min(wanted, left)
      if isPacked {
        readPacked(bytes, count: step, into: &codes)
      } else {
        appendRepeating(value, count: step, to: &codes)
      }
      used += step
      left -= step
      wanted -= step
    }
  }

  /// Adds the dictionary's element for each of the next `count` codes; whether each code has one.
  mutating func lookUp<Element: BitwiseCopyable>(
    _ bytes: Span<UInt8>, count: Int, in dictionary: Span<Element>, appendingTo output: inout [Element]
  ) throws(ParquetError) -> Bool {
    var wanted = count
    while wanted > 0 {
      try advance(bytes)
      let step = min(wanted, left)
      if isPacked {
        let isSound = unsafe lookUpPacked(
          bytes.bytes.extracting(packed), width: width, first: used, count: step, in: dictionary, appendingTo: &output)
        guard isSound else { return false }
      } else {
        guard Int(value) < dictionary.count else { return false }
        appendRepeating(dictionary[Int(value)], count: step, to: &output)
      }
      used += step
      left -= step
      wanted -= step
    }
    return true
  }

  /// Adds the next `count` codes themselves; whether each is below `entries`.
  mutating func readCodes(
    _ bytes: Span<UInt8>, count: Int, entries: Int, appendingTo output: inout [Int32]
  ) throws(ParquetError) -> Bool {
    var wanted = count
    while wanted > 0 {
      try advance(bytes)
      let step = min(wanted, left)
      if isPacked {
        let isSound = unsafe unpackCodes(
          bytes.bytes.extracting(packed), width: width, first: used, count: step, entries: entries,
          appendingTo: &output)
        guard isSound else { return false }
      } else {
        guard Int(value) < min(entries, Int(Int32.max)) else { return false }
        appendRepeating(Int32(truncatingIfNeeded: value), count: step, to: &output)
      }
      used += step
      left -= step
      wanted -= step
    }
    return true
  }

  /// Passes over the next `count` values.
  mutating func skip(_ bytes: Span<UInt8>, count: Int) throws(ParquetError) {
    var wanted = count
    while wanted > 0 {
      try advance(bytes)
      let step = min(wanted, left)
      used += step
      left -= step
      wanted -= step
    }
  }

  /// Adds the places, counted from the first, of those of the next `count` codes whose flag is not 0; whether each code
  /// has a flag.
  mutating func find(
    _ bytes: Span<UInt8>, count: Int, flags: Span<UInt8>, appendingTo places: inout [UInt32]
  ) throws(ParquetError) -> Bool {
    var done = 0
    while done < count {
      try advance(bytes)
      let step = min(count - done, left)
      if isPacked {
        let isSound = unsafe findCodes(
          bytes.bytes.extracting(packed), width: width, first: used, count: step, flags: flags, base: done,
          appendingTo: &places)
        guard isSound else { return false }
      } else {
        guard Int(value) < flags.count else { return false }
        if flags[Int(value)] != 0 { places.append(contentsOf: UInt32(done)..<UInt32(done + step)) }
      }
      used += step
      left -= step
      done += step
    }
    return true
  }

  /// Passes over the next `count` codes, and adds the dictionary's elements for those at some places, counted from the
  /// first code and rising; whether each of these has one.
  mutating func pick<Element: BitwiseCopyable>(
    _ bytes: Span<UInt8>, count: Int, at places: Span<UInt32>, in dictionary: Span<Element>,
    appendingTo output: inout [Element]
  ) throws(ParquetError) -> Bool {
    var done = 0
    var next = 0
    while done < count {
      try advance(bytes)
      let step = min(count - done, left)
      let start = next
      while next < places.count, Int(places[next]) < done + step { next += 1 }
      let here = places.extracting(start..<next)
      if isPacked {
        let isSound = unsafe pickPacked(
          bytes.bytes.extracting(packed), width: width, first: used, base: done, places: here, in: dictionary,
          appendingTo: &output)
        guard isSound else { return false }
      } else if !here.isEmpty {
        guard Int(value) < dictionary.count else { return false }
        appendRepeating(dictionary[Int(value)], count: here.count, to: &output)
      }
      used += step
      left -= step
      done += step
    }
    return true
  }

  private func readPacked(_ bytes: Span<UInt8>, count: Int, into codes: inout [UInt32]) {
    // Only whole groups of eight begin on a byte: what was read of the first one is dropped again.
    let extra = used & 7
    let start = packed.lowerBound + used / 8 * width
    let end = min(packed.upperBound, start + ((extra + count) * width + 7) / 8 + 8)
    let source = unsafe bytes.bytes.extracting(start..<end)
    guard extra > 0 else {
      unpackBits(source, width: width, count: count, appendingTo: &codes)
      return
    }
    var head: [UInt32] = []
    let headCount = min(8, extra + count)
    unpackBits(source, width: width, count: headCount, appendingTo: &head)
    codes.append(contentsOf: head[extra...])
    let rest = extra + count - headCount
    if rest > 0 {
      unpackBits(source.extracting(width..<source.byteCount), width: width, count: rest, appendingTo: &codes)
    }
  }

  /// Adds the next `count` values, which must be of at most eight bits, to `levels`.
  mutating func read(_ bytes: Span<UInt8>, count: Int, into levels: inout [UInt8]) throws(ParquetError) {
    var wanted = count
    while wanted > 0 {
      try advance(bytes)
      let step = min(wanted, left)
      if isPacked {
        unsafe unpackBytes(
          bytes.bytes.extracting(packed), width: width, first: used, count: step, appendingTo: &levels)
      } else {
        appendRepeating(UInt8(truncatingIfNeeded: value), count: step, to: &levels)
      }
      used += step
      left -= step
      wanted -= step
    }
  }

  /// Adds the next `count` bits to a bitmap; for a width of 1.
  mutating func read(_ bytes: Span<UInt8>, count: Int, into bits: inout Bitmap) throws(ParquetError) {
    var wanted = count
    while wanted > 0 {
      try advance(bytes)
      let step = min(wanted, left)
      if isPacked {
        unsafe bits.append(packed: bytes.bytes.extracting(packed), range: used..<used + step)
      } else {
        guard value <= 1 else { throw ParquetError(.outOfSpec, "the value \(value) in one bit") }
        bits.append(repeating: value == 1, count: step)
      }
      used += step
      left -= step
      wanted -= step
    }
  }

  /// Skips the next `count` values when all of them lie in one run of `value`; otherwise does nothing.
  mutating func skipRun(_ bytes: Span<UInt8>, of value: UInt32, count: Int) throws(ParquetError) -> Bool {
    if count == 0 { return true }
    try advance(bytes)
    guard !isPacked, self.value == value, left >= count else { return false }
    left -= count
    used += count
    return true
  }

  /// The value that the next values have in common, and how many of them there are, at most `limit`; `nil` in a packed
  /// run. They are skipped.
  mutating func takeRun(_ bytes: Span<UInt8>, limit: Int) throws(ParquetError) -> (value: UInt32, count: Int)? {
    try advance(bytes)
    guard !isPacked else { return nil }
    let step = min(left, limit)
    left -= step
    used += step
    return (value, step)
  }

  /// Values of the current packed run that have not been read.
  var leftInRun: Int { left }
}
