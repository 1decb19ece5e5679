/// A column's values in their order: which row each is of. Missing values (NaN) stand last; both zeros are one value.
///
/// Three passes of a radix sort over 11 bits each.
public func rowsByValue(_ values: Span<Float>) -> [UInt32] {
  precondition(values.count < 1 << 31, "rows that 31 bits can number")
  var items: [UInt64] = []
  items.reserveCapacity(values.count)
  for row in 0..<values.count { items.append(UInt64(orderedBits(values[row])) &<< 32 | UInt64(UInt32(row))) }
  var other = items
  for shift: UInt64 in [32, 43, 54] {
    items.withUnsafeBufferPointer { from in
      other.withUnsafeMutableBufferPointer { to in
        var places = [Int](repeating: 0, count: 1 << 11)
        for item in from { places[Int(truncatingIfNeeded: item &>> shift & 0x7FF)] &+= 1 }
        var sum = 0
        for digit in places.indices { (places[digit], sum) = (sum, sum &+ places[digit]) }
        places.withUnsafeMutableBufferPointer { places in
          for item in from {
            let digit = Int(truncatingIfNeeded: item &>> shift & 0x7FF)
            to[places[digit]] = item
            places[digit] &+= 1
          }
        }
      }
    }
    swap(&items, &other)
  }
  return items.map { UInt32(truncatingIfNeeded: $0) }
}

/// Bits whose order as a number is the order of values; NaN is above all.
@inline(__always)
private func orderedBits(_ value: Float) -> UInt32 {
  if value.isNaN { return UInt32.max }
  if value == 0 { return 1 << 31 }
  let bits = value.bitPattern
  return bits &>> 31 == 1 ? ~bits : bits | 1 << 31
}
