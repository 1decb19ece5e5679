import Columnar
import Foundation
import Testing

@testable import Maintenance

@Suite("Who is named")
struct MentionTests {
  private let mention = Mention(of: ["P0004", "", "ward 7"], column: "patient_id")

  @Test(
    "in a text an id stands alone, in bytes anywhere",
    arguments: [
      ("P0004", true), ("{\"patient_id\":\"P0004\",\"spo2\":9}", true), ("P00042", false), ("XP0004", false),
      ("xP0004 P0004", true), ("P0004\n", true), ("date=P0004/x", true), ("éP0004", false), ("p0004", false),
      ("", false),
      ("P000", false), ("in ward 7, bed 3", true), ("ward 71", false), ("\u{0}\u{2}\u{C}P00042", true),
      ("\u{2}P00\u{0}04", false),
    ])
  func texts(text: String, expected: Bool) {
    #expect(mention.isNamed(in: Array(text.utf8)[...]) == expected)
    // Also as a part of more bytes.
    let padded = Array("#\(text)#".utf8)
    #expect(mention.isNamed(in: padded[1..<padded.count - 1]) == expected)
  }

  private func texts(_ values: [String?]) -> Column {
    var strings = ByteStrings()
    for value in values { strings.append((value ?? "P0004").utf8) }
    return Column(type: .string, values: .bytes(strings), validity: Bitmap(values.map { $0 != nil }))
  }

  @Test("the column of ids is compared, others are searched, rows without a value name nobody")
  func columns() {
    let column = texts(["P0004", "see P0004", nil, "P00042"])
    #expect(mention.hits(column, "patient_id") == [true, false, false, false])
    #expect(mention.hits(column, "note") == [true, true, false, false])
    let coded = Column(
      type: .string, values: .dictionary(codes: [2, 0, 2], values: texts(["a", "b", "P0004"]).values))
    #expect(mention.hits(coded, "note") == [true, false, true])
    let numbers = Column(type: .int(bits: 64), values: .int64([4, 44]))
    #expect(Mention(of: ["44"], column: "patient_id").hits(numbers, "patient_id") == [false, true])
    #expect(Mention(of: ["44"], column: "patient_id").hits(numbers, "spo2").allSatisfy { !$0 })
  }

  @Test("texts within lists and structures count for their row")
  func nested() {
    let items = texts(["a", "P0004", "b", "c"])
    let list = Column(
      type: .list(Field("element", .string)), values: .list(offsets: [0, 1, 3, 3, 4], items: items))
    #expect(mention.hits(list, "notes") == [false, true, false, false])
    let structure = Column(
      type: .structure([Field("a", .string), Field("b", .string)]),
      values: .structure([texts(["x", "y"]), texts(["P0004", "z"])], count: 2))
    #expect(mention.hits(structure, "body") == [true, false])
  }

  @Test("headers are looked into behind their base64")
  func headers() {
    let encoded = Data("P0004".utf8).base64EncodedString()
    let column = texts(["[{\"name\":\"who\",\"value\":\"\(encoded)\"}]", "[{\"name\":\"who\",\"value\":\"UDAwMDU=\"}]"])
    #expect(mention.hits(column, "headers") == [true, false])
    #expect(mention.hits(column, "value") == [false, false])
  }
}
