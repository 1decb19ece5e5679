import CommandSupport
import FoundationEssentials

/// The file that tells other processes where the broker is.
enum AddressFile {
  /// Writes the address and a line feed; a reader sees the whole file or none.
  static func write(_ address: String, to path: String) throws {
    do {
      try Data("\(address)\n".utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw CommandError("cannot write the address to \(path) – is its folder there and writable?")
    }
  }
}
