import Delta
import Testing

@testable import Landing

@Suite("Marks of ranges")
struct RangeTagsTests {
  private func file(
    _ partition: Int32, _ range: Range<Int64>, topic: String = "vitals", incarnation: Int32 = 0, last: Int64? = nil
  ) -> AddFile {
    let tags = RangeTags.tags(
      source: TopicSource(topic: topic, incarnation: incarnation),
      range: OffsetRange(partition: partition, start: range.lowerBound, next: range.upperBound),
      last: last.map { RecordMark(offset: $0, timestampMillis: $0 * 1_000) })
    return AddFile(path: "a", partitionValues: [:], size: 1, modificationTime: 1, tags: tags)
  }

  private func merged(_ files: [AddFile]) -> AddFile {
    AddFile(path: "m", partitionValues: [:], size: 1, modificationTime: 1, tags: RangeTags.merged(files))
  }

  @Test("what was made of several files tells all they told, again and again")
  func merging() {
    let first = merged([
      file(0, 20..<30, last: 29), file(0, 0..<10, last: 8), file(7, 5..<6, topic: "a.b-c_d", incarnation: 2),
    ])
    #expect(first.tags == ["kafka.ranges": "a.b-c_d@2/7:5-6 vitals@0/0:0-30:29@29000"])
    let second = merged([first, file(0, 30..<31), file(1, 0..<4, last: 3)])
    let marks = RangeTags.marks(second)
    #expect(marks.map(\.range.partition) == [7, 0, 1])
    #expect(marks.map(\.range.next) == [6, 31, 4])
    #expect(marks.map { $0.last?.offset } == [nil, 29, 3])
    #expect(marks[0].source == TopicSource(topic: "a.b-c_d", incarnation: 2))
    #expect(RangeTags.parse(second) == nil && RangeTags.last(second) == nil)
  }

  @Test("files of others have no marks, and make none")
  func others() {
    let other = AddFile(path: "a", partitionValues: [:], size: 1, modificationTime: 1)
    #expect(RangeTags.marks(other).isEmpty && RangeTags.merged([other, other]) == nil)
    #expect(RangeTags.marks(merged([other, file(0, 0..<1)])).count == 1)
  }

  @Test(
    "texts that are none are passed over",
    arguments: [
      "", "x", "t@0/0:5-4", "t@0/0", "t@0/0:1-2:3", "t@0/0:1-2:3@x", "t@a/0:1-2", "t@0/0:1-2-3", ":::", "@/:-",
    ])
  func malformed(text: String) {
    let file = AddFile(
      path: "a", partitionValues: [:], size: 1, modificationTime: 1, tags: ["kafka.ranges": "\(text) t@0/1:1-2"])
    #expect(RangeTags.marks(file).map(\.range.partition) == [1])
  }

  @Test(
    "ids of watermarks", arguments: ["vitals-sink/t@0/x", "vitals-sink/t/0", "other/t@0/0", "vitals-sink/t@0/0/1", ""])
  func foreignIDs(id: String) {
    #expect(TopicSource.parse(watermarkID: id) == nil)
    let own = TopicSource(topic: "a@b", incarnation: 3)
    #expect(TopicSource.parse(watermarkID: own.watermarkID(4)).map { $0.source == own && $0.partition == 4 } == true)
  }
}
