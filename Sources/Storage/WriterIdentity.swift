import Glibc

/// Which process wrote a temporary file, as part of the file's name, so that a later process of the same host can tell
/// a leftover from an upload under way.
///
/// ```
/// 5f0c9a3e-4711-8241930-<unique>.tmp
/// |        |    |
/// |        |    start of the process, in clock ticks since the host booted
/// |        number of the process
/// hash of the host's boot and of the space that gives the numbers their meaning (a container has its own)
/// ```
package struct WriterIdentity: Hashable, Sendable {
  /// What the number of the process counts in.
  let space: String
  /// The number of the process.
  let process: Int32
  /// When it began; a number is given anew, but not with the same beginning.
  let start: UInt64

  /// This process.
  package static let current = WriterIdentity(
    space: spaceHash(), process: getpid(), start: ProcessTable.start(of: getpid()) ?? 0)

  init(space: String, process: Int32, start: UInt64) {
    self.space = space
    self.process = process
    self.start = start
  }

  /// The writer that the name of a temporary file tells of; `nil` for a name of another form.
  init?(ofTemporary name: some StringProtocol) {
    let parts = name.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].utf8.count == 8, let process = Int32(parts[1]), let start = UInt64(parts[2]) else {
      return nil
    }
    self.init(space: String(parts[0]), process: process, start: start)
  }

  /// What the name of a temporary file of this writer begins with.
  package var prefix: String { "\(space)-\(process)-\(start)-" }

  /// Whether this writer is known to have ended. One of another space is not known here and counts as alive.
  func hasEnded(seenFrom current: WriterIdentity = .current, startOf: (Int32) -> UInt64? = ProcessTable.start) -> Bool {
    space == current.space && startOf(process) != start
  }

  private static func spaceHash() -> String {
    var hash: UInt32 = 2_166_136_261
    let bytes = ProcessTable.content("/proc/sys/kernel/random/boot_id") + ProcessTable.link("/proc/self/ns/pid")
    for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// What the system tells of processes.
enum ProcessTable {
  /// When a process began, in clock ticks since boot; `nil` for one that is not there or has ended.
  static func start(of process: Int32) -> UInt64? {
    let text = content("/proc/\(process)/stat")
    // "pid (name) state …": the name may hold anything, so the count begins behind its last parenthesis.
    guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19, let state = fields[0].first else { return nil }
    if state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") { return nil }
    return UInt64(String(decoding: fields[19], as: UTF8.self))
  }

  /// The first 4 KiB of a file; empty when it cannot be read.
  static func content(_ path: String) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return unsafe filled { (buffer) in unsafe read(descriptor, buffer, 4_096) }
  }

  /// Where a symbolic link points to; empty when it cannot be read.
  static func link(_ path: String) -> [UInt8] {
    unsafe filled { (buffer) in unsafe readlink(path, buffer, 4_096) }
  }

  private static func filled(_ body: (UnsafeMutablePointer<CChar>) -> Int) -> [UInt8] {
    var bytes = [CChar](repeating: 0, count: 4_096)
    let count = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe body($0) } ?? 0
    }
    return bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
  }
}

/// Decides whether a temporary file that lies in a store may be removed. Pure.
///
/// Removing one that is still being written does no harm beyond the work: its writer finds it gone and begins anew.
package enum TemporaryVerdict {
  /// Whether to remove it.
  ///
  /// - Parameters:
  ///   - name: The file's name.
  ///   - ageMillis: Its age.
  ///   - limitMillis: The age at which the file of an unknown or living writer counts as left behind.
  ///   - isOwnIdle: Whether this process has no upload under way in the store, so that files of its own are leftovers.
  package static func isLeftover(
    _ name: some StringProtocol, ageMillis: Int64, limitMillis: Int64, isOwnIdle: Bool,
    hasEnded: (WriterIdentity) -> Bool = { $0.hasEnded() }
  ) -> Bool {
    guard name.hasSuffix(".tmp") else { return false }
    if ageMillis > limitMillis { return true }
    guard let writer = WriterIdentity(ofTemporary: name) else { return false }
    return writer == .current ? isOwnIdle : hasEnded(writer)
  }
}
