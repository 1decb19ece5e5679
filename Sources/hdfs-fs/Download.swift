import CommandSupport
import Storage
import Synchronization
import WebHDFS

/// One file on its way from HDFS: written under a temporary name, compared with HDFS's checksum, then given its name.
struct Download: Sendable {
  let source: RemotePath
  let path: String
  let overwrite: Bool
  let resumes: Bool
  let syncs: Bool
  /// How many pieces of the file are under way at a time.
  let width: Int
  let bar: ProgressBar

  func run() async throws {
    let status = try await source.client.status(source.path)
    if status.isDirectory { throw CommandError("\(source.description): a directory, not a file") }
    let layout = try await source.client.writeState(source.path)
    if resumes, try await isThere(status, layout) { return }
    let plan = DownloadPlan(
      length: status.length, fileID: status.fileID, modificationTime: status.modificationTime,
      blockLengths: layout.blockLengths)
    let file = try DownloadFile(path: path, plan, overwrite: overwrite, isKept: resumes)
    let builders = try await fetch(plan, file, status.blockSize)
    guard try await isVerified(HDFSChecksumBuilder.joined(builders), try file.content(), status, layout) else {
      file.forget()
      throw CommandError(
        "\(source.description): what arrived differs from what HDFS stores; try again", exit: .dataError)
    }
    try file.publish(syncs: syncs)
  }

  /// Brings all pieces, some at a time; gives the builders that have taken them in.
  private func fetch(
    _ plan: DownloadPlan, _ file: DownloadFile, _ blockSize: Int64
  ) async throws -> [HDFSChecksumBuilder] {
    var builders = [HDFSChecksumBuilder?](repeating: nil, count: plan.pieces.count)
    try await withThrowingTaskGroup(of: (Int, HDFSChecksumBuilder).self) { (group) in
      for index in plan.pieces.indices {
        if index >= width, let (done, builder) = try await group.next() { builders[done] = builder }
        group.addTask { (index, try await piece(index, plan, file, blockSize)) }
      }
      for try await (done, builder) in group { builders[done] = builder }
    }
    return builders.compactMap { $0 }
  }

  private func piece(
    _ index: Int, _ plan: DownloadPlan, _ file: DownloadFile, _ blockSize: Int64
  ) async throws -> HDFSChecksumBuilder {
    let piece = plan.pieces[index]
    let sink = PieceSink(file, index, piece, blockSize, bar)
    try await sink.takeInEarlier()
    let begun = sink.position
    defer { sink.note() }
    try await source.client.read(
      source.path, offset: begun, length: piece.range.upperBound - begun, into: sink)
    return sink.builder
  }

  /// Whether the local file is there and holds the same.
  private func isThere(_ status: HDFSFileStatus, _ layout: HDFSWriteState) async throws -> Bool {
    guard let file = try? FileUpload(path: path), file.byteCount == status.length else { return false }
    guard let checksum = await Self.checksum(file, status, layout, 512) else { return false }
    return try await isVerified(checksum, file, status, layout)
  }

  @concurrent
  private static func checksum(
    _ file: FileUpload, _ status: HDFSFileStatus, _ layout: HDFSWriteState, _ bytesPerCRC: Int
  ) async -> HDFSChecksum? {
    var builder = HDFSChecksumBuilder(
      blockLengths: layout.blockLengths, blockSize: status.blockSize, bytesPerCRC: bytesPerCRC)
    return builder.update(from: file) ? builder.finish() : nil
  }

  /// HDFS's checksums of encrypted and erasure-coded files are of other bytes: there the length has to do, and that the
  /// source is still the same.
  private func isVerified(
    _ checksum: HDFSChecksum, _ file: FileUpload, _ status: HDFSFileStatus, _ layout: HDFSWriteState
  ) async throws -> Bool {
    if !status.isEncrypted && !status.isErasureCoded {
      let stored = try await source.client.checksum(source.path)
      if let size = stored.bytesPerCRC {
        if size == 0 || size == 512 { return stored == checksum }
        return await Self.checksum(file, status, layout, size) == stored
      }
    }
    let now = try await source.client.status(source.path)
    return now.fileID == status.fileID && now.length == status.length
      && now.modificationTime == status.modificationTime
  }
}

/// Writes a piece to its place in the file and keeps its checksum.
private final class PieceSink: DownloadSink {
  private struct State {
    var builder: HDFSChecksumBuilder
    /// Where the next byte goes.
    var position: Int64
    var noted: Int64
  }

  private let file: DownloadFile
  private let index: Int
  private let start: Int64
  private let state: Mutex<State>
  private let bar: ProgressBar
  /// After so many bytes it is noted how far the piece has come.
  private static let stride: Int64 = 8 << 20

  init(_ file: DownloadFile, _ index: Int, _ piece: DownloadPlan.Piece, _ blockSize: Int64, _ bar: ProgressBar) {
    self.file = file
    self.index = index
    self.bar = bar
    start = piece.range.lowerBound
    let builder = HDFSChecksumBuilder(blockLengths: piece.blockLengths, blockSize: blockSize)
    state = Mutex(State(builder: builder, position: start, noted: start))
  }

  var position: Int64 { state.withLock { $0.position } }
  var builder: HDFSChecksumBuilder { state.withLock { $0.builder } }

  /// Takes in what an earlier run left of the piece.
  @concurrent
  func takeInEarlier() async throws {
    let arrived = file.arrived[index]
    guard arrived > 0 else { return }
    let earlier = UploadPart(try file.content(), start..<start + arrived)
    guard state.withLock({ $0.builder.update(from: earlier) }) else {
      throw CommandError("\(file.path): what an earlier download left cannot be read")
    }
    state.withLock {
      $0.position += arrived
      $0.noted = $0.position
    }
    bar.add(arrived)
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { (state) in
      guard unsafe file.write(bytes.bytes, at: state.position) else { return false }
      unsafe state.builder.update(bytes)
      state.position += Int64(bytes.count)
      bar.add(Int64(bytes.count))
      if state.position - state.noted >= Self.stride {
        state.noted = state.position
        return file.note(index, arrived: state.position - start)
      }
      return true
    }
  }

  /// Notes how far the piece has come.
  func note() { _ = file.note(index, arrived: position - start) }
}
