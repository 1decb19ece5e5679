import CParquetKernels
import Kernels
import Parquet

/// Memory that both sides write to again and again; it lives as long as the program.
private func memory<Value: BitwiseCopyable>(_ count: Int, of value: Value) -> UnsafeMutablePointer<Value> {
  let pointer = UnsafeMutablePointer<Value>.allocate(capacity: count)
  pointer.initialize(repeating: value, count: count)
  return pointer
}

/// Bytes that live as long as the program, with eight more behind them.
private func kept(_ bytes: [UInt8]) -> UnsafePointer<UInt8> {
  let pointer = memory(bytes.count + 8, of: UInt8(0))
  for (index, byte) in bytes.enumerated() { pointer[index] = byte }
  return UnsafePointer(pointer)
}

/// An output of ours that keeps its memory between calls.
private final class Output<Value> {
  var values: [Value] = []
}

/// The kernels with their inputs; each is held against C once before it is measured.
struct Cases {
  private(set) var all: [Kernel] = []
  private static let count = 131_072
  private var state: UInt64 = 42

  private mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 24
  }

  private mutating func add(
    _ name: String, bytes: Int, isEqual: () -> Bool, ours: @escaping () -> Void, theirs: @escaping () -> Void
  ) throws {
    ours()
    theirs()
    guard isEqual() else { throw Difference(name: name) }
    all.append(Kernel(name: name, bytes: bytes, ours: ours, theirs: theirs))
  }

  /// So many random values of a width, packed.
  private mutating func packed(_ count: Int, width: Int) -> [UInt8] {
    let values = (0..<count).map { _ in UInt32(next() % (1 << UInt64(width))) }
    var packed: [UInt8] = []
    packBits(values.span, width: width, appendingTo: &packed)
    return packed
  }

  mutating func bitUnpacking() throws {
    let count = Self.count
    for width in [1, 3, 7, 8, 12, 17, 20] {
      let packed = packed(Self.count, width: width)
      let bytes = kept(packed)
      let target = memory(count, of: UInt32(0))
      let output = Output<UInt32>()
      try add("bit unpacking, width \(width)", bytes: count * 4) {
        output.values.indices.allSatisfy { output.values[$0] == target[$0] }
      } ours: {
        output.values.removeAll(keepingCapacity: true)
        unpackBits(packed.span.bytes, width: width, count: count, appendingTo: &output.values)
      } theirs: {
        c_unpack_bits(bytes, Int32(width), count, target)
      }
    }
  }

  mutating func runs() throws {
    let count = Self.count
    for (name, width, share) in [("long runs", 3, 100), ("packed groups", 7, 0), ("runs and groups", 12, 50)] {
      var stream: [UInt8] = []
      var done = 0
      while done < count {
        if next() % 100 < share {
          let length = min(count - done, Int(next() % 400) + 8)
          stream += varint(UInt64(length) << 1) + [UInt8(next() % 7)] + (width > 8 ? [0] : [])
          done += length
        } else {
          let groups = 63
          stream += varint(UInt64(groups) << 1 | 1)
          stream += packed(groups * 8, width: width)
          done += groups * 8
        }
      }
      let input = stream
      let bytes = kept(input)
      let target = memory(count, of: UInt32(0))
      let output = Output<UInt32>()
      try add("RLE, \(name), width \(width)", bytes: count * 4) {
        output.values.count == count && output.values.indices.allSatisfy { output.values[$0] == target[$0] }
      } ours: {
        output.values.removeAll(keepingCapacity: true)
        var reader = HybridReader(width: width, position: 0)
        try? reader.read(input.span, count: count, into: &output.values)
      } theirs: {
        _ = c_decode_hybrid(bytes, input.count, Int32(width), count, target)
      }
    }
  }

  private func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  mutating func deltas() throws {
    let count = Self.count
    for width in [4, 11, 20] {
      let packed = packed(Self.count, width: width)
      let bytes = kept(packed)
      let target = memory(count, of: Int64(0))
      let output = Output<Int64>()
      try add("delta, width \(width)", bytes: count * 8) {
        output.values.indices.allSatisfy { output.values[$0] == target[$0] }
      } ours: {
        output.values.removeAll(keepingCapacity: true)
        _ = appendDeltas(
          packed.span.bytes, width: width, first: 0, count: count, smallest: -3, last: 7, to: &output.values)
      } theirs: {
        _ = c_unpack_deltas(bytes, Int32(width), count, -3, 7, target)
      }
    }
  }

  mutating func dictionaries() throws {
    let count = Self.count
    for width in [7, 12, 17] {
      let packed = packed(Self.count, width: width)
      let bytes = kept(packed)
      let entries = (0..<1 << width).map { Int32($0) &* 3 }
      let table = memory(entries.count, of: Int32(0))
      for (index, entry) in entries.enumerated() { table[index] = entry }
      let target = memory(count, of: Int32(0))
      let output = Output<Int32>()
      try add("dictionary gather, \(entries.count) entries", bytes: count * 4) {
        output.values.indices.allSatisfy { output.values[$0] == target[$0] }
      } ours: {
        output.values.removeAll(keepingCapacity: true)
        _ = lookUpPacked(
          packed.span.bytes, width: width, first: 0, count: count, in: entries.span, appendingTo: &output.values)
      } theirs: {
        _ = c_look_up_packed(bytes, Int32(width), count, table, entries.count, target)
      }
    }
  }

  mutating func streams() throws {
    let count = Self.count
    let values = (0..<count).map { _ in Double(next()) / 1e6 }
    let source = memory(count, of: 0.0)
    for (index, value) in values.enumerated() { source[index] = value }
    let split = memory(count * 8, of: UInt8(0))
    let output = Output<UInt8>()
    try add("byte stream split, encoding", bytes: count * 8) {
      output.values.indices.allSatisfy { output.values[$0] == split[$0] }
    } ours: {
      output.values.removeAll(keepingCapacity: true)
      appendSplitStreams(values.span.bytes, width: 8, to: &output.values)
    } theirs: {
      c_split_streams(source, count, split)
    }
    let streams = output.values
    let target = memory(count, of: 0.0)
    let joined = Output<Double>()
    try add("byte stream split, decoding", bytes: count * 8) {
      joined.values == values && (0..<count).allSatisfy { target[$0] == values[$0] }
    } ours: {
      joined.values.removeAll(keepingCapacity: true)
      joinStreams(streams.span.bytes, width: 8, total: count, first: 0, count: count, appendingTo: &joined.values)
    } theirs: {
      c_join_streams(split, count, target)
    }
  }

  mutating func levels() throws {
    let count = Self.count
    for width in [1, 2, 3] {
      let packed = packed(Self.count, width: width)
      let bytes = kept(packed)
      let target = memory(count, of: UInt8(0))
      let output = Output<UInt8>()
      try add("levels, unpacking, width \(width)", bytes: count) {
        output.values.indices.allSatisfy { output.values[$0] == target[$0] }
      } ours: {
        output.values.removeAll(keepingCapacity: true)
        unpackBytes(packed.span.bytes, width: width, first: 0, count: count, appendingTo: &output.values)
      } theirs: {
        c_unpack_levels(bytes, Int32(width), count, target)
      }
    }
    let definitions = (0..<count).map { _ in UInt8(next() % 4) }
    let repetitions = (0..<count).map { index in index == 0 ? 0 : UInt8(next() % 2) }
    let (first, second) = (kept(definitions), kept(repetitions))
    let words = memory(count / 64 + 1, of: UInt64(0))
    let bitmap = Output<UInt64>()
    try add("levels to validity", bytes: count) {
      bitmap.values.indices.allSatisfy { bitmap.values[$0] == words[$0] }
    } ours: {
      bitmap.values.removeAll(keepingCapacity: true)
      _ = slotValidity(definitions.span, slot: 0, valid: 3, into: &bitmap.values)
    } theirs: {
      _ = c_level_validity(first, count, 3, words)
    }
    let offsets = memory(count + 1, of: Int32(0))
    let lists = Output<Int32>()
    try add("levels to list offsets", bytes: count * 2) {
      lists.values.indices.allSatisfy { lists.values[$0] == offsets[$0] }
    } ours: {
      lists.values =
        listOffsets(definitions: definitions.span, repetitions: repetitions.span, slot: 0, item: 2, repetition: 1) ?? []
    } theirs: {
      _ = c_list_offsets(first, second, count, 0, 2, 1, offsets)
    }
  }
}
