import Kernels
import Testing

@Suite struct XXHash64Tests {
  /// The values that the reference implementation gives for seed 0.
  @Test(
    "known hashes",
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func known(text: String, hash: UInt64) {
    let bytes = Array(text.utf8)
    let found = xxHash64(bytes.span.bytes)
    #expect(found == hash)
    var hashes: [UInt64] = []
    appendHashes(ofStrings: [0, Int32(bytes.count)].span, bytes: bytes.span.bytes, rows: 0..<1, to: &hashes)
    #expect(hashes == [hash])
  }
}
