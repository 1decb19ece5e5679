import Testing

@testable import Parquet

/// Pages come out of a window of bytes wherever it is cut.
@Suite struct PageReaderTests {
  /// A header that was cut within the bounds of its statistics was once taken for a damaged one.
  @Test("a header cut at any byte asks for more, and then gives its page")
  func cutHeader() throws {
    let body = [UInt8](repeating: 7, count: 10)
    var writer = ThriftWriter()
    writer.structure { header in
      header.int32(1, 0)
      header.int32(2, 10)
      header.int32(3, 10)
      header.structure(5) { page in
        page.int32(1, 2)
        page.int32(2, 0)
        page.int32(3, 3)
        page.int32(4, 3)
        page.structure(5) { statistics in
          for bound: Int16 in [1, 2, 5, 6] { statistics.binary(bound, Array(repeating: 9, count: 40)) }
        }
      }
    }
    let file = writer.bytes + body
    let chunk = 100..<100 + Int64(file.count)
    for cut in 0..<file.count {
      var reader = PageReader(chunk: chunk, codec: .uncompressed, limits: .init(), step: 4_096)
      guard case .needs(let first) = try reader.next() else {
        Issue.record("a page out of no bytes")
        continue
      }
      #expect(first == chunk)
      reader.supply(Array(file[..<cut]), at: 100)
      guard case .needs(let rest) = try reader.next() else {
        Issue.record("a page out of its first \(cut) bytes")
        continue
      }
      #expect(rest.lowerBound == 100 && rest.upperBound > 100 + Int64(cut))
      reader.supply(file, at: 100)
      guard case .page(let page) = try reader.next() else {
        Issue.record("no page of all bytes")
        continue
      }
      #expect(page.header.compressedSize == 10 && page.headerSize == writer.bytes.count)
      guard case .end = try reader.next() else {
        Issue.record("more than the chunk has")
        continue
      }
    }
  }

  @Test("a damaged header is told of where no bytes can help")
  func damagedHeader() throws {
    for bytes in [[0x15, 0x00, 0x15, 0x14, 0x18, 0x7F, 0x01], [0xFF, 0xFF, 0xFF], [0x1D, 0x00, 0x00]] as [[UInt8]] {
      var reader = PageReader(
        chunk: 0..<Int64(bytes.count), codec: .uncompressed, limits: .init(), step: 4_096)
      reader.supply(bytes, at: 0)
      #expect(throws: ParquetError.self) { _ = try reader.next() }
    }
  }
}
