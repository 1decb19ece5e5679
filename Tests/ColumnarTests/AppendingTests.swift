import Columnar
import Testing

@Suite("Appending to columns, and taking rows out of them")
struct AppendingTests {
  private static func texts(_ words: [String]) -> ByteStrings {
    var strings = ByteStrings()
    for word in words { strings.append(word.utf8) }
    return strings
  }

  private static let item = Column(
    type: .int(bits: 32), values: .int32([7, 8, 9]), validity: Bitmap([true, false, true]))

  /// Two columns of three rows in each layout, of which the second has a null.
  private static let pairs: [(Column, Column)] = [
    (.boolean, ColumnValues.boolean(Bitmap([true, false, true])), ColumnValues.boolean(Bitmap([false, false, true]))),
    (.int(bits: 32), .int32([1, 2, 3]), .int32([4, 5, 6])),
    (.int(bits: 64), .int64([1, 2, 3]), .int64([4, 5, 6])),
    (.float, .float([1, 2, 3]), .float([4, 5, 6])),
    (.double, .double([1, 2, 3]), .double([4, 5, 6])),
    (.string, .bytes(texts(["a", "", "bc"])), .bytes(texts(["d", "ef", ""]))),
    (.string, .dictionary(codes: [0, 1, 0], values: .bytes(texts(["x", "y"]))), .bytes(texts(["d", "ef", ""]))),
    (.string, .bytes(texts(["a", "", "bc"])), .dictionary(codes: [0, 1, 0], values: .bytes(texts(["x", "y"])))),
    (.uuid, .fixed(width: 2, [1, 2, 3, 4, 5, 6]), .fixed(width: 2, [7, 8, 9, 10, 11, 12])),
    (
      .list(Field("element", .int(bits: 32))), .list(offsets: [0, 2, 2, 3], items: item),
      .list(offsets: [1, 1, 2, 3], items: item)
    ),
    (
      .structure([Field("a", .int(bits: 32))]), .structure([item], count: 3), .structure([item], count: 3)
    ),
  ].map { type, first, second in
    (Column(type: type, values: first), Column(type: type, values: second, validity: Bitmap([true, false, true])))
  }

  @Test("rows of both, in order, and nulls where there were some", arguments: pairs.indices)
  func append(index: Int) {
    let (first, second) = Self.pairs[index]
    for (left, right) in [(first, second), (second, first), (first, first)] {
      var joined = left
      let isAppended = joined.append(right)
      #expect(isAppended)
      let expected = (0..<3).map { left.scalar(at: $0) } + (0..<3).map { right.scalar(at: $0) }
      #expect((0..<joined.count).map { joined.scalar(at: $0) } == expected)
      let taken = joined.taking([5, 0, 0, 3])
      #expect((0..<4).map { taken.scalar(at: $0) } == [5, 0, 0, 3].map { expected[$0] })
      #expect(joined.byteCount > 0)
    }
  }

  @Test("layouts that do not fit are refused, and nothing is added")
  func mismatch() {
    for (index, (column, _)) in Self.pairs.enumerated() where index != 6 && index != 7 {
      for (other, _) in Self.pairs where other.type != column.type {
        var copy = column
        let isAppended = copy.append(other)
        #expect(!isAppended)
        #expect(copy == column)
      }
    }
    var narrow = Column(type: .uuid, values: .fixed(width: 2, [1, 2]))
    let isAppended = narrow.append(Column(type: .uuid, values: .fixed(width: 4, [1, 2, 3, 4])))
    #expect(!isAppended)
  }

  @Test("columns of nulls of every type")
  func nulls() {
    let types: [DataType] = [
      .null, .boolean, .int(bits: 8), .int(bits: 64), .unsigned(bits: 16), .unsigned(bits: 64), .float16, .float,
      .double,
      .decimal(precision: 5, scale: 1), .decimal(precision: 15, scale: 1), .decimal(precision: 30, scale: 1), .date,
      .time(unit: .milliseconds, isAdjustedToUTC: true), .time(unit: .microseconds, isAdjustedToUTC: true),
      .timestamp(unit: .nanoseconds, isAdjustedToUTC: false), .int96, .interval, .string, .enumeration, .json, .bson,
      .binary, .fixedBinary(width: 3), .uuid, .list(Field("element", .string)),
      .structure([Field("a", .double), Field("b", .string)]),
      .map(key: Field("key", .string), value: Field("value", .double)),
    ]
    for type in types {
      let column = Column.nulls(type, count: 3)
      #expect(column.count == 3 && column.nullCount == 3)
      var joined = column
      let isAppended = joined.append(.nulls(type, count: 2))
      #expect(isAppended)
      #expect(joined.count == 5 && (0..<5).allSatisfy { joined.scalar(at: $0) == .null })
    }
  }
}
