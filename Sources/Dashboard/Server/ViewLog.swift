internal import JSON
internal import Storage
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Who looked at which patient, and when: a line of JSON each, in a file of its own that only grows.
///
///     {"time":"2026-01-02T03:04:05Z","who":"5f1c9a02","from":"10.0.0.7","patient":"ab3…","view":"page"}
///
/// Patients stand there by key; the table of keys is nowhere, but whoever has the secret finds a patient's key again.
public final class ViewLog: Sendable {
  private let descriptor: Mutex<Int32>

  /// Opens or makes `views.log` in a folder, which is made too, for the owner's eyes alone.
  ///
  /// - Returns: `nil` where it cannot be written.
  public init?(folder: String) {
    let parts = folder.split(separator: "/", omittingEmptySubsequences: false)
    for count in parts.indices where !parts[count].isEmpty {
      // Whether a folder is there in the end, the file tells.
      _ = unsafe mkdir(parts[...count].joined(separator: "/"), 0o700)
    }
    let file = unsafe open("\(folder)/views.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return nil }
    descriptor = Mutex(file)
  }

  deinit { _ = close(descriptor.withLock { $0 }) }

  /// Writes a line.
  ///
  /// - Returns: Whether it is written.
  func note(who: String, from: String, patient: String, view: String, now: Int64 = WallClock.milliseconds()) -> Bool {
    var text = JSONText()
    text.open()
    text.member("time", EventTime.text(now) + "Z")
    text.member("who", who)
    text.member("from", from)
    text.member("patient", patient)
    text.member("view", view)
    text.close()
    text.endLine()
    let bytes = text.bytes
    return descriptor.withLock { file in
      unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) } == bytes.count
    }
  }
}
