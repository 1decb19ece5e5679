internal import Columnar
internal import Kernels

extension PageValues {
  /// Adds the values of the page in an encoding that its physical type allows; codes in their own.
  ///
  /// - Parameter codeWidth: bits of a code, enough for every entry.
  func encode(_ encoding: ParquetEncoding, codeWidth: Int, into payload: inout [UInt8]) {
    switch encoding {
    case .rleDictionary:
      payload.append(UInt8(codeWidth))
      encodeHybrid(codes.span, width: codeWidth, appendingTo: &payload)
    case .rle: appendSized(to: &payload) { encodeHybridBits(booleans, appendingTo: &$0) }
    case .deltaBinaryPacked where width == 4: unsafe appendDeltaPacked32(raw.span.bytes, to: &payload)
    case .deltaBinaryPacked: unsafe appendDeltaPacked64(raw.span.bytes, to: &payload)
    case .deltaLengthByteArray: encodeDeltaLengthByteArray(texts, appendingTo: &payload)
    case .deltaByteArray: encodeDeltaByteArray(byteStrings, appendingTo: &payload)
    case .byteStreamSplit: unsafe appendSplitStreams(raw.span.bytes, width: width, to: &payload)
    default: encodePlain(into: &payload)
    }
  }

  private func encodePlain(into payload: inout [UInt8]) {
    switch column.physicalType {
    case .boolean:
      unsafe appendRaw(booleans.words.span.bytes.extracting(0..<(booleans.count + 7) / 8), to: &payload)
    case .byteArray:
      unsafe encodePlainBytes(
        offsets: texts.offsets.span, bytes: texts.bytes.span.bytes, rows: 0..<texts.count, appendingTo: &payload)
    default: payload.append(contentsOf: raw)
    }
  }

  /// Values of one length as byte strings.
  private var byteStrings: ByteStrings {
    if column.physicalType == .byteArray { return texts }
    return ByteStrings(offsets: (0...count).map { Int32($0 * width) }, bytes: raw)
  }

  /// The entries in PLAIN encoding.
  func dictionaryPage() -> [UInt8] {
    guard column.physicalType == .byteArray else {
      return column.physicalType == .fixedLengthByteArray || column.physicalType == .int96
        ? strings.keys.bytes : numbers.plainEntries()
    }
    let entries = strings.keys
    var bytes: [UInt8] = []
    unsafe encodePlainBytes(
      offsets: entries.offsets.span, bytes: entries.bytes.span.bytes, rows: 0..<entries.count, appendingTo: &bytes)
    return bytes
  }

  /// Whether the entries rise by the order of the column.
  var isDictionarySorted: Bool {
    let order = ValueOrder(column.type, column.physicalType)
    switch (order, column.physicalType) {
    case (.bytes, _), (.bigEndian, _):
      let keys = strings.keys
      return (1..<max(keys.count, 1)).allSatisfy { order.isLess(keys[$0 - 1], keys[$0]) }
    case (.signed, .int32):
      return rises { Int64(Int32(truncatingIfNeeded: $0)) }
    case (.signed, .int64): return rises { Int64(bitPattern: $0) }
    case (.unsigned, _): return rises { $0 }
    case (.floating, .float): return rises { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    case (.floating, .double): return rises { Double(bitPattern: $0) }
    default: return false
    }
  }

  private func rises<Value: Comparable>(_ value: (UInt64) -> Value) -> Bool {
    let keys = numbers.keys
    return (1..<max(keys.count, 1)).allSatisfy { value(keys[$0 - 1]) < value(keys[$0]) }
  }
}
