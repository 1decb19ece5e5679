import Glibc

/// The lock of a spool that one drainer at a time holds for its whole run: `flock(2)` on a file in the spool's folder,
/// so that it is gone when its holder is.
public enum SpoolLock {
  /// Runs `body` under the lock; `nil` when another process holds it.
  public nonisolated(nonsending) static func holding<Value>(
    _ directory: String, _ body: () async throws(LandingError) -> Value
  ) async throws(LandingError) -> Value? {
    let path = directory + "/.drain.lock"
    let descriptor = unsafe Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw LandingError(
        .file,
        "\(path): the lock of the spool cannot be made (error \(errno)): check that the folder is there and yours")
    }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
    return try await body()
  }
}
