#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The logarithm to the base e.
public func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// The lowest and highest code of a node's rows in a column, missing values left aside; `nil` where all are missing.
///
/// - Precondition: each row is a position in `codes`.
public func codeRange(codes: Span<UInt16>, missing: UInt16, rows: Span<UInt32>) -> (low: UInt16, high: UInt16)? {
  if rows.isEmpty { return nil }
  precondition(Int(maximum(rows)) < codes.count, "rows of the table")
  return codes.withUnsafeBufferPointer { codes in
    rows.withUnsafeBufferPointer { rows in
      let codes = codes.baseAddress.unsafelyUnwrapped
      var (low, high) = (UInt16.max, UInt16.min)
      var isThere = false
      for row in rows {
        let code = codes[Int(row)]
        if code == missing { continue }
        isThere = true
        low = min(low, code)
        high = max(high, code)
      }
      return isThere ? (low, high) : nil
    }
  }
}

/// The rows of a node whose code is at most `lastLeft`, and those whose value is missing, as sums.
///
/// - Precondition: each row is a position in `codes`.
@inlinable
public func sums<Sum: SplitSum>(
  codes: Span<UInt16>, missing: UInt16, upTo lastLeft: UInt16, rows: Span<UInt32>, sums: Span<Sum>
) -> (left: Sum, missing: Sum) {
  precondition(rows.count == sums.count, "a sum for each row")
  if rows.isEmpty { return (.zero, .zero) }
  precondition(Int(maximum(rows)) < codes.count, "rows of the table")
  return codes.withUnsafeBufferPointer { codes in
    rows.withUnsafeBufferPointer { rows in
      sums.withUnsafeBufferPointer { sums in
        let codes = codes.baseAddress.unsafelyUnwrapped
        var (left, absent) = (Sum.zero, Sum.zero)
        for index in 0..<rows.count {
          let code = codes[Int(rows[index])]
          if code == missing {
            absent = absent + sums[index]
          } else if code <= lastLeft {
            left = left + sums[index]
          }
        }
        return (left, absent)
      }
    }
  }
}

/// Divides the rows of a node, those that go left first; both sides keep their order.
///
/// - Parameters:
///   - range: where the rows of the node stand in `rows` and `sums`.
///   - spareRows, spareSums: memory for as many rows.
/// - Returns: the number of rows that go left.
/// - Precondition: `range` lies within all four arrays, and each row is a position in `codes`.
@inlinable
public func divideRows<Sum: SplitSum>(
  codes: Span<UInt16>, missing: UInt16, lastLeft: UInt16, missingGoesLeft: Bool, range: Range<Int>,
  rows: inout [UInt32], sums: inout [Sum], spareRows: inout [UInt32], spareSums: inout [Sum]
) -> Int {
  precondition(range.lowerBound >= 0 && range.upperBound <= min(rows.count, sums.count), "rows of the tree")
  precondition(range.count <= min(spareRows.count, spareSums.count), "room for the rows that go right")
  if range.isEmpty { return 0 }
  precondition(Int(maximum(rows.span.extracting(range))) < codes.count, "rows of the table")
  return rows.withUnsafeMutableBufferPointer { rows in
    sums.withUnsafeMutableBufferPointer { sums in
      spareRows.withUnsafeMutableBufferPointer { spareRows in
        spareSums.withUnsafeMutableBufferPointer { spareSums in
          codes.withUnsafeBufferPointer { codes in
            let codes = codes.baseAddress.unsafelyUnwrapped
            let rows = rows.baseAddress.unsafelyUnwrapped + range.lowerBound
            let sums = sums.baseAddress.unsafelyUnwrapped + range.lowerBound
            let spareRows = spareRows.baseAddress.unsafelyUnwrapped
            let spareSums = spareSums.baseAddress.unsafelyUnwrapped
            let missingBit: UInt8 = missingGoesLeft ? 1 : 0
            var (left, right) = (0, 0)
            // Both places are written, one of them counts: no branch that nobody could predict.
            for index in 0..<range.count {
              let (row, sum) = (rows[index], sums[index])
              let code = codes[Int(row)]
              let isLow: UInt8 = code <= lastLeft ? 1 : 0
              let isMissing: UInt8 = code == missing ? 1 : 0
              let goesLeft = Int((isLow & ~isMissing) | (isMissing & missingBit))
              rows[left] = row
              sums[left] = sum
              spareRows[right] = row
              spareSums[right] = sum
              left &+= goesLeft
              right &+= 1 &- goesLeft
            }
            (rows + left).update(from: spareRows, count: right)
            (sums + left).update(from: spareSums, count: right)
            return left
          }
        }
      }
    }
  }
}
