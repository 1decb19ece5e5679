import Synchronization

/// Content whose checksum is computed while it is sent, when its bytes are at hand anyway.
final class ChecksummingSource: UploadSource {
  let blockSize: Int64
  private let source: any UploadSource

  private struct State {
    var builder: HDFSChecksumBuilder
    /// The bytes before this one are in the checksum.
    var position: Int64 = 0
  }

  private let state: Mutex<State>

  init(_ source: any UploadSource, blockSize: Int64) {
    self.source = source
    self.blockSize = blockSize
    state = Mutex(State(builder: HDFSChecksumBuilder(blockSize: blockSize)))
  }

  var byteCount: Int64 { source.byteCount }

  func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = source.copyBytes(from: offset, into: buffer)
    guard count > 0 else { return count }
    state.withLock { (state) in
      // Sent once more from the beginning, to another DataNode.
      if offset == 0 { state = State(builder: HDFSChecksumBuilder(blockSize: blockSize)) }
      guard offset == state.position else { return }
      state.builder.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      state.position += Int64(count)
    }
    return count
  }

  /// The builder that has taken in the whole content; `nil` while it has not.
  var builder: HDFSChecksumBuilder? { state.withLock { $0.position == byteCount ? $0.builder : nil } }

  /// The checksum of the whole content; `nil` when it cannot be read.
  func checksum() async -> HDFSChecksum? {
    if var builder { return builder.finish() }
    return await UploadComparison.checksum(source, blockSize, 512)
  }
}
