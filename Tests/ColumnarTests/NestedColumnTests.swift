import Columnar
import Testing

/// Lists, structures and maps in Arrow's layout: `[[1, 2], [], null, [3]]` and what is made of it.
@Suite struct NestedColumnTests {
  static let item = Field("item", .int(bits: 32))

  /// `[[1, null], [], null, [3]]`.
  static let lists = Column(
    type: .list(item),
    values: .list(
      offsets: [0, 2, 2, 2, 3],
      items: Column(type: item.type, values: .int32([1, 0, 3]), validity: Bitmap([true, false, true]))),
    validity: Bitmap([true, true, false, true]))

  static let listRows: [Scalar] = [.list([.int(1), .null]), .list([]), .null, .list([.int(3)])]

  /// `{"a": list, "b": word}` of the rows above.
  static let structures: Column = {
    var words = ByteStrings()
    for word in ["x", "y"] { words.append(word.utf8) }
    return Column(
      type: .structure([Field("a", lists.type), Field("b", .string)]),
      values: .structure(
        [lists, Column(type: .string, values: .dictionary(codes: [1, 0, 1, 1], values: .bytes(words)))], count: 4))
  }()

  @Test("counts and single values")
  func scalars() {
    #expect(Self.lists.count == 4)
    #expect((0..<4).map { Self.lists.scalar(at: $0) } == Self.listRows)
    #expect(Self.structures.scalar(at: 0) == .structure([Self.listRows[0], .bytes(Array("y".utf8))]))
    #expect(Self.structures.scalar(at: 2) == .structure([.null, .bytes(Array("y".utf8))]))
  }

  @Test("every slice holds the rows of the whole")
  func slices() {
    for start in 0...4 {
      for end in start...4 {
        for column in [Self.lists, Self.structures] {
          let slice = column.sliced(start..<end)
          #expect(slice.count == end - start)
          #expect((0..<end - start).map { slice.scalar(at: $0) } == (start..<end).map { column.scalar(at: $0) })
        }
      }
    }
  }

  @Test("dictionaries are looked through at every depth")
  func dictionaries() {
    let dense = Self.structures.withoutDictionary()
    #expect((0..<4).map { dense.scalar(at: $0) } == (0..<4).map { Self.structures.scalar(at: $0) })
    guard case .structure(let columns, 4) = dense.values, case .bytes = columns[1].values else {
      Issue.record("a dictionary is left")
      return
    }
    let codes = Column(type: Self.lists.type, values: .dictionary(codes: [3, 0, 1, 3], values: Self.lists.values))
    #expect(
      (0..<4).map { codes.withoutDictionary().scalar(at: $0) } == [3, 0, 1, 3].map { Self.listRows[$0] })
  }

  @Test("bits are taken by their positions", arguments: [0, 1, 63, 64, 65, 200])
  func takingBits(count: Int) {
    let flags = (0..<500).map { $0 % 3 == 0 || $0 % 7 == 2 }
    let positions = (0..<count).map { UInt32(($0 * 37) % 500) }
    #expect(Bitmap(flags).taking(positions) == Bitmap(positions.map { flags[Int($0)] }))
  }
}
