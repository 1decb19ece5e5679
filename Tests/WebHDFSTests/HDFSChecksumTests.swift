import Foundation
import Testing
import WebHDFS

@Suite struct HDFSChecksumTests {
  private func checksum(_ bytes: [UInt8], blockSize: Int64 = 1 << 20) -> HDFSChecksum? {
    HDFSChecksumBuilder.checksum(of: BytesUpload(bytes), blockSize: blockSize)
  }

  @Test func emptyFile() throws {
    let sum = try #require(checksum([]))
    #expect(sum.algorithm == "MD5-of-0MD5-of-0CRC32")
    #expect(sum.hex == "000000000000000000000000" + "70bc8f4b72a86921468bf8e8441dce51")
    #expect(sum.bytesPerCRC == 0)
  }

  @Test func namesItsShape() {
    #expect(checksum([1])?.algorithm == "MD5-of-0MD5-of-512CRC32C")
    #expect(checksum(testBytes(1 << 20))?.algorithm == "MD5-of-0MD5-of-512CRC32C")
    #expect(checksum(testBytes((1 << 20) + 1))?.algorithm == "MD5-of-2048MD5-of-512CRC32C")
    #expect(checksum([1])?.hex.hasPrefix("000002000000000000000000") == true)
  }

  @Test(arguments: [1, 7, 511, 512, 513, 4_096, 1_000_003])
  func portionsDoNotMatter(portion: Int) {
    let bytes = testBytes(2_500_001)
    var builder = HDFSChecksumBuilder(blockSize: 1 << 20)
    bytes.withUnsafeBytes { (all) in
      for start in stride(from: 0, to: portion == 1 ? 0 : all.count, by: portion) {
        builder.update(UnsafeRawBufferPointer(rebasing: all[start..<min(start + portion, all.count)]))
      }
      if portion == 1 {
        for index in 0..<all.count { builder.update(UnsafeRawBufferPointer(rebasing: all[index...index])) }
      }
    }
    #expect(builder.finish() == checksum(bytes))
  }

  @Test(
    arguments: [
      ("MD5-of-0MD5-of-512CRC32C", 512), ("MD5-of-2048MD5-of-4096CRC32C", 4_096), ("MD5-of-0MD5-of-0CRC32", 0),
      ("MD5-of-0MD5-of-512CRC32", nil), ("COMPOSITE-CRC32C", nil), ("", nil), ("MD5-of-", nil),
      ("MD5-of-xMD5-of-1CRC32C", nil),
    ] as [(String, Int?)])
  func readsAlgorithms(algorithm: String, size: Int?) {
    #expect(HDFSChecksum(algorithm: algorithm, hex: "").bytesPerCRC == size)
  }

  @Test(
    .enabled(if: TestCluster.isThere, "\(TestCluster.reason)"),
    arguments: [0, 1, 511, 512, 513, 1_000_000, 1 << 20, (1 << 20) + 1, 3 << 20, (5 << 20) + 77, (17 << 20) + 512])
  func equalsTheServers(size: Int) async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      var options = WebHDFSClient.CreateOptions()
      options.blockSize = 1 << 20
      let bytes = testBytes(size, seed: UInt64(size))
      try await client.create("\(directory)/f", BytesUpload(bytes), options)
      while try await client.writeState("\(directory)/f").isUnderConstruction {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(try await client.checksum("\(directory)/f") == checksum(bytes))
      if size > 0 {
        var other = bytes
        other[size / 2] ^= 1
        #expect(try await client.checksum("\(directory)/f") != checksum(other))
      }
    }
  }
}
