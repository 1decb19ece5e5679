// Packed dictionary codes that are looked at without being kept: which of them are wanted, and the elements of few.
//
// Worked example, the entries 97 88 99 of which 88 is wanted (flags 0 1 0), the codes 0 2 1 0: place 2; and the
// element at place 2 is 88, found at bit 2 * 2 of the packed codes without unpacking the others.

/// Adds the places, counted from `base`, of the packed codes whose flag is not 0, unless a code has no flag.
///
/// - Parameters:
///   - first: the position of the first code among the packed ones.
///   - flags: a byte for each entry of the dictionary.
/// - Returns: whether each code has a flag; if not, some places may have been added.
/// - Precondition: `width` is 0 to 32, and `packed` holds at least `(first + count) * width` bits.
public func findCodes(
  _ packed: RawSpan, width: Int, first: Int, count: Int, flags: Span<UInt8>, base: Int,
  appendingTo places: inout [UInt32]
) -> Bool {
  if count == 0 { return true }
  var place = base
  return flags.withUnsafeBufferPointer { table in
    withUnsafeTemporaryAllocation(byteCount: codesAtOnce, alignment: 8) { hits in
      guard let wanted = table.baseAddress, let target = hits.baseAddress else { return false }
      return withUnpackedBlocks(packed, width: width, first: first, count: count, entries: table.count) { codes, size in
        let bytes = target.assumingMemoryBound(to: UInt8.self)
        for index in 0..<size { bytes[index] = wanted[Int(truncatingIfNeeded: codes[index])] }
        appendPlaces(of: UnsafeRawBufferPointer(start: target, count: size), base: place, to: &places)
        place &+= size
      }
    }
  }
}

/// Adds the places of the bytes that are not 0. Mostly none of eight is.
@inline(__always)
private func appendPlaces(of flags: UnsafeRawBufferPointer, base: Int, to places: inout [UInt32]) {
  var index = 0
  while index &+ 8 <= flags.count {
    var word = UInt64(littleEndian: flags.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    while word != 0 {
      let byte = word.trailingZeroBitCount &>> 3
      places.append(UInt32(truncatingIfNeeded: base &+ index &+ byte))
      word &= ~(0xFF &<< UInt64(byte &* 8))
    }
    index &+= 8
  }
  while index < flags.count {
    if flags[index] != 0 { places.append(UInt32(truncatingIfNeeded: base &+ index)) }
    index &+= 1
  }
}

/// Adds, for each place, the element that the packed code there stands for, unless a code is none of the dictionary's.
///
/// - Parameters:
///   - first: the position among the packed codes of the one at `base`.
///   - places: rising, none below `base`.
/// - Returns: whether all codes were; if not, some elements may have been added.
/// - Precondition: `width` is 0 to 32, and `packed` holds the code of each place.
@specialized(where T == Int32)
@specialized(where T == Int64)
@specialized(where T == Float)
@specialized(where T == Double)
public func pickPacked<T: BitwiseCopyable>(
  _ packed: RawSpan, width: Int, first: Int, base: Int, places: Span<UInt32>, in dictionary: Span<T>,
  appendingTo output: inout [T]
) -> Bool {
  precondition(width >= 0 && width <= 32 && first >= 0 && base >= 0, "a width of 0 to 32")
  guard places.count > 0 else { return true }
  let last = Int(places[places.count - 1])
  precondition(
    Int(places[0]) >= base && packed.byteCount >= ((first + last - base + 1) * width + 7) / 8, "enough packed bytes")
  output.reserveCapacity(output.count + places.count)
  let mask: UInt64 = (1 &<< UInt64(width)) &- 1
  return packed.withUnsafeBytes { bytes in
    for index in 0..<places.count {
      // Places that do not rise would reach beyond the bytes.
      let place = Int(places[index])
      guard place >= base, place <= last else { return false }
      var code = 0
      if width > 0, let start = bytes.baseAddress {
        let bit = (first &+ place &- base) &* width
        code = Int(loadPartial64(start, bit &>> 3, end: bytes.count) &>> UInt64(bit & 7) & mask)
      }
      guard code < dictionary.count else { return false }
      output.append(dictionary[code])
    }
    return true
  }
}
