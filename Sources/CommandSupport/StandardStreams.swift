#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The reader of standard output went away: `pq-cat file | head`. No failure; the command ends quietly.
public struct ClosedPipe: Error, Hashable, Sendable {
  /// Makes the signal.
  public init() {}
}

/// Standard output, where results go and nothing else does.
public enum StandardOutput {
  /// Whether a person reads it on a terminal.
  public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// The width of the terminal in columns, or `nil` where there is none.
  public static var terminalWidth: Int? {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes all bytes.
  ///
  /// - Throws: ``ClosedPipe`` when the reader has gone; ``CommandError`` when the disk is full or the like.
  public static func write(_ bytes: [UInt8]) throws {
    switch FileDescriptor.write(bytes, to: STDOUT_FILENO) {
    case 0: return
    case EPIPE: throw ClosedPipe()
    case let code: throw CommandError("standard output: \(FileDescriptor.describe(code))")
    }
  }

  /// Writes text and a line feed; errors as in ``write(_:)``.
  public static func print(_ line: String) throws {
    try write(Array(line.utf8) + [0x0A])
  }
}

/// Standard error, for log lines, progress and the one line of a failure. Its own failures are ignored.
public enum StandardError {
  /// Whether a person reads it on a terminal.
  public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes all bytes, as far as that works.
  public static func write(_ bytes: [UInt8]) {
    _ = FileDescriptor.write(bytes, to: STDERR_FILENO)
  }

  /// Writes one line; control characters are escaped, so that a file's name cannot command the terminal.
  public static func print(_ line: String) {
    var text = TextBuffer()
    text.appendPrintable(line)
    text.append(0x0A)
    write(text.bytes)
  }
}

/// The system calls behind the streams.
enum FileDescriptor {
  /// Writes all bytes; gives 0 or the error number.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        #if canImport(Glibc)
          unsafe Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
        #else
          unsafe Musl.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
        #endif
      }
      if count > 0 {
        written += count
      } else if errno == EAGAIN {
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&poller, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  /// What an error number means, in a few words.
  static func describe(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
  }
}
