import Columnar
import Kernels
import Storage
import Testing

@testable import Parquet

/// Nested rows come back from their levels, whatever the shape, the pages and the batches.
@Suite struct NestedReadingTests {
  /// A file of one field with these rows, its pages of at most `pageEntries` entries, cut within rows too.
  static func file(_ shape: RandomTree.Shape, _ rows: [Scalar], pageEntries: Int) throws -> [UInt8] {
    var leaves = [ShreddedLeaf](repeating: ShreddedLeaf(), count: shape.leafCount)
    for row in rows { shape.shred(row, leaf: 0, definition: 0, repetition: 0, depth: 0, to: &leaves) }
    let elements = shape.elements("c")
    var root = SchemaElement(name: "schema")
    root.childCount = 1
    let columns = try LeafColumn.leaves(of: [root] + elements, maxDepth: 100)
    var file = HandmadeFile(fields: [elements])
    for (column, leaf) in zip(columns, leaves) {
      var pages: [(header: PageHeader, body: [UInt8])] = []
      var used = 0
      for start in stride(from: 0, to: leaf.definitions.count, by: pageEntries) {
        let range = start..<min(start + pageEntries, leaf.definitions.count)
        let valid = leaf.definitions[range].count { $0 == column.maxDefinitionLevel }
        var header = PageHeader()
        header.valueCount = range.count
        let body =
          levelSection(leaf.repetitions[range], largest: column.maxRepetitionLevel)
          + levelSection(leaf.definitions[range], largest: column.maxDefinitionLevel)
          + plainBytes(leaf.values[used..<used + valid])
        used += valid
        pages.append((header, body))
      }
      file.addChunk(.int32, pages: pages)
    }
    file.addRowGroup(rows: rows.count)
    return file.finished()
  }

  @Test("random trees", arguments: 0..<60)
  func randomTrees(seed: Int) async throws {
    var tree = RandomTree(random: SplitMix64(seed: UInt64(seed)))
    let shape = tree.shape(depth: 4)
    let rows = (0..<200).map { _ in tree.value(shape) }
    for pageEntries in [3, 64, 10_000] {
      let bytes = try Self.file(shape, rows, pageEntries: pageEntries)
      let file = try await ParquetFile.open(BytesSource(bytes))
      let whole = try await file.read(rowGroup: 0).columns[0]
      #expect((0..<whole.count).map { whole.scalar(at: $0) } == rows, "\(shape)")
      for batchRows in [1, 7, 64] {
        var options = ReadOptions()
        options.batchRows = batchRows
        var read: [Scalar] = []
        for try await batch in file.batches(options: options) {
          read += (0..<batch.rowCount).map { batch.columns[0].scalar(at: $0) }
        }
        #expect(read == rows, "\(shape), batches of \(batchRows)")
        var part: [Scalar] = []
        for try await batch in file.batches(rows: 31..<100, options: options) {
          part += (0..<batch.rowCount).map { batch.columns[0].scalar(at: $0) }
        }
        #expect(part == Array(rows[31..<100]), "\(shape), rows 31 to 99")
      }
    }
  }

  private func type(_ elements: [SchemaElement]) throws -> Field {
    var root = SchemaElement(name: "schema")
    root.childCount = 1
    let columns = try LeafColumn.leaves(of: [root] + elements, maxDepth: 100)
    return try #require(SchemaTreeBuilder.fields([root] + elements, columns).first).field
  }

  private func element(
    _ name: String, _ repetition: Repetition, children: Int32? = nil, logical: LogicalType? = nil,
    converted: Int32? = nil
  ) -> SchemaElement {
    var element = SchemaElement(name: name)
    element.repetition = repetition
    element.childCount = children
    element.logicalType = logical
    element.convertedType = converted
    if children == nil { element.physicalType = .int32 }
    return element
  }

  /// The rules 1 to 5 of LogicalTypes.md, "Backward-compatibility rules" of lists.
  @Test func listRules() throws {
    let number = DataType.int(bits: 32)
    let list = element("l", .optional, children: 1, logical: .list)
    #expect(
      try type([list, element("e", .repeated)]).type == .list(Field("e", number, isNullable: false)))
    #expect(
      try type([list, element("e", .repeated, children: 2), element("a", .required), element("b", .optional)]).type
        == .list(
          Field(
            "e", .structure([Field("a", number, isNullable: false), Field("b", number)]), isNullable: false)))
    for name in ["array", "l_tuple"] {
      #expect(
        try type([list, element(name, .repeated, children: 1), element("a", .required)]).type
          == .list(Field(name, .structure([Field("a", number, isNullable: false)]), isNullable: false)))
    }
    let inner = try type([list, element("e", .repeated, children: 1), element("a", .repeated)]).type
    let items = Field("a", .list(Field("element", number, isNullable: false)), isNullable: false)
    #expect(inner == .list(Field("e", .structure([items]), isNullable: false)))
    #expect(
      try type([list, element("list", .repeated, children: 1), element("element", .optional)])
        == Field("l", .list(Field("element", number))))
    // By the deprecated annotation alone.
    let old = element("l", .required, children: 1, converted: 3)
    #expect(
      try type([old, element("bag", .repeated, children: 1), element("array_element", .optional)])
        == Field("l", .list(Field("array_element", number)), isNullable: false))
  }

  @Test func mapRules() throws {
    let number = DataType.int(bits: 32)
    let pair = [element("kv", .repeated, children: 2), element("k", .required), element("v", .optional)]
    let expected = DataType.map(key: Field("k", number, isNullable: false), value: Field("v", number))
    #expect(try type([element("m", .optional, children: 1, logical: .map)] + pair).type == expected)
    #expect(try type([element("m", .optional, children: 1, converted: 1)] + pair).type == expected)
    #expect(try type([element("m", .optional, children: 1, converted: 2)] + pair).type == expected)
    // A key that may be null, as Presto writes it, and a map without values.
    let loose = [element("kv", .repeated, children: 2), element("k", .optional), element("v", .optional)]
    #expect(
      try type([element("m", .optional, children: 1, logical: .map)] + loose).type
        == .map(key: Field("k", number), value: Field("v", number)))
    let keys = [element("kv", .repeated, children: 1), element("k", .required)]
    #expect(
      try type([element("m", .optional, children: 1, logical: .map)] + keys).type
        == .list(Field("k", number, isNullable: false)))
  }

  @Test("groups that break the rules are structures, repeated fields are lists")
  func otherGroups() throws {
    let number = DataType.int(bits: 32)
    #expect(
      try type([element("r", .repeated)])
        == Field("r", .list(Field("element", number, isNullable: false)), isNullable: false))
    let odd = [element("l", .optional, children: 2, logical: .list), element("a", .required), element("b", .required)]
    #expect(
      try type(odd).type
        == .structure([Field("a", number, isNullable: false), Field("b", number, isNullable: false)]))
  }

  @Test("parts of nested columns are read alone")
  func projection() async throws {
    var tree = RandomTree(random: SplitMix64(seed: 77))
    let shape = RandomTree.Shape.list(
      isOptional: true, .group(.optional, [.leaf(.optional), .group(.required, [.leaf(.required), .leaf(.repeated)])]))
    let rows = (0..<100).map { _ in tree.value(shape) }
    let file = try await ParquetFile.open(BytesSource(try Self.file(shape, rows, pageEntries: 50)))
    let projection = try file.metadata.projection(named: ["c.f1.f0"])
    #expect(projection.leaves == [1])
    #expect(file.metadata.leaves(named: "c.list.element.f1") == [1, 2])
    var read: [Scalar] = []
    for try await batch in file.batches(columns: projection) {
      read += (0..<batch.rowCount).map { batch.columns[0].scalar(at: $0) }
    }
    let expected = rows.map { row -> Scalar in
      guard case .list(let items) = row else { return row }
      return .list(
        items.map { item in
          guard case .structure(let fields) = item, case .structure(let inner) = fields[1] else { return item }
          return .structure([.structure([inner[0]])])
        })
    }
    #expect(read == expected)
    #expect(throws: ParquetError.self) { try file.metadata.projection(named: ["c.nothing"]) }
  }

  @Test("levels that contradict each other are errors")
  func contradictions() async throws {
    let shape = RandomTree.Shape.group(.required, [.list(isOptional: false, .leaf(.required))])
    let elements = shape.elements("c")
    func read(_ repetitions: [UInt32], _ definitions: [UInt32], rows: Int) async -> ParquetError? {
      var file = HandmadeFile(fields: [elements])
      var header = PageHeader()
      header.valueCount = repetitions.count
      let body =
        levelSection(repetitions[...], largest: 1) + levelSection(definitions[...], largest: 1)
        + plainBytes(definitions.filter { $0 == 1 }.map { _ in 5 })
      file.addChunk(.int32, pages: [(header, body)])
      file.addRowGroup(rows: rows)
      let bytes = file.finished()
      do {
        _ = try await ParquetFile.open(BytesSource(bytes)).read(rowGroup: 0)
        return nil
      } catch {
        return error
      }
    }
    #expect(await read([0, 1, 0], [1, 1, 0], rows: 2) == nil)
    #expect(await read([1, 1, 0], [1, 1, 0], rows: 2)?.message == "the first entry continues a row")
    #expect(await read([0, 1, 0], [1, 1, 0], rows: 3)?.message == "2 rows where the row group has 3")
    #expect(await read([0, 1, 0], [1, 1, 0], rows: 1)?.message == "more values than the row group's 1 rows")
  }
}
