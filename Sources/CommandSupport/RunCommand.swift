import ArgumentParser
import Parquet
public import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs the work of a command and turns its end into what a shell expects: an error becomes one line on standard error
/// and an exit status, a closed pipe and a cancellation by signal end the process quietly with 0.
///
/// - Parameters:
///   - name: the command's name, which opens the line.
///   - translate: what the command knows of errors that this module does not; `nil` leaves an error to the rules here.
///   - work: the command's work.
/// - Throws: ArgumentParser's `ExitCode`, which ends the process without further words.
public func runCommand(
  _ name: String, translate: (any Error) -> CommandError? = { _ in nil },
  isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Void
) async throws {
  // A write to a closed pipe then fails with EPIPE, which is told from other ends.
  signal(SIGPIPE, SIG_IGN)
  keepFreedMemory()
  do {
    try await work()
  } catch is ClosedPipe {
    throw ExitCode(ExitStatus.success.rawValue)
  } catch is CancellationError {
    throw ExitCode(ExitStatus.success.rawValue)
  } catch let code as ExitCode {
    throw code
  } catch {
    let failure = translate(error) ?? CommandError(describing: error)
    if failure.exit != .success { StandardError.print("\(name): \(failure.message)") }
    throw ExitCode(failure.exit.rawValue)
  }
}

extension CommandError {
  /// Any error as a line and an exit status.
  public init(describing error: any Error) {
    switch error {
    case let error as CommandError: self = error
    case let error as StorageError: self.init(error.description, exit: ExitStatus(error.code))
    case let error as ParquetError:
      if let cause = error.cause {
        self.init(describing: cause)
      } else {
        // A feature that is missing here is no fault of the file.
        let isOurs = error.code == .invalidParameter || error.code == .notSupported
        self.init("\(error)", exit: isOurs ? .failure : .dataError)
      }
    case let error as any StoreFailure:
      let status = error.storageCode.map { ExitStatus($0) } ?? .failure
      self.init(error.description, exit: error.isRetriable ? .unavailable : status)
    default: self.init("\(error)")
    }
  }
}

extension ExitStatus {
  /// How a command ends on a file store's failure.
  public init(_ code: StorageError.Code) {
    switch code {
    case .unavailable, .outcomeUnknown: self = .unavailable
    case .truncated, .corrupt: self = .dataError
    case .invalidPath: self = .usage
    case .notFound, .alreadyExists, .wrongKind, .permissionDenied, .outOfSpace, .unsupported, .failed: self = .failure
    }
  }
}
