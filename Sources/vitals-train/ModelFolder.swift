import CommandSupport
import Forest
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The processors of this machine.
func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// Files as the command reads and writes them.
enum Files {
  /// The most bytes of a table or a model.
  private static let limit = 2 << 30

  /// A whole file.
  static func read(_ path: String) throws -> [UInt8] {
    guard let bytes = try readIfThere(path) else {
      throw CommandError("\(path): there is no such file", exit: .usage)
    }
    return bytes
  }

  /// Whether there is a folder.
  static func isFolder(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }

  /// A whole file, or `nil` where there is none.
  static func readIfThere(_ path: String) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= limit else { throw CommandError("\(path): longer than \(limit >> 30) GB", exit: .usage) }
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch let error as CommandError {
      throw error
    } catch {
      throw CommandError("\(path): cannot be read – check its permissions", exit: .usage)
    }
  }
}

/// Does something with a file, whose name then stands before what is wrong with it.
func naming<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let error as ForestError {
    throw CommandError("\(path): \(error.description)", exit: ExitStatus(error.code))
  }
}

extension ExitStatus {
  /// How the command ends on a failure of the forest.
  init(_ code: ForestError.Code) {
    switch code {
    case .invalidParameter: self = .usage
    case .badData, .badModel: self = .dataError
    case .notSupported: self = .failure
    }
  }
}

/// What the command makes of a failure of the forest that no file is to blame for.
func translate(_ error: any Error) -> CommandError? {
  (error as? ForestError).map { CommandError($0.description, exit: ExitStatus($0.code)) }
}

/// A model's folder. A reader meets the old model or the new one, never parts of both.
struct ModelFolder {
  let path: String

  func read() throws -> SavedModel {
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandError("\(path): there is no such model", exit: .usage)
    }
    return try naming(path) { try SavedModel { try Files.readIfThere("\(path)/\($0)") } }
  }

  /// Throws where something else than a model stands in the way.
  func checkFree() throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let isEmpty = (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? false
    guard isEmpty || FileManager.default.fileExists(atPath: "\(path)/\(SavedModel.forestFile)") else {
      throw CommandError("\(path): is there and no model – choose another folder with --out", exit: .usage)
    }
  }

  func write(_ files: [(name: String, bytes: [UInt8])]) throws {
    try checkFree()
    let manager = FileManager.default
    let (new, old) = ("\(path).new-\(getpid())", "\(path).old-\(getpid())")
    do {
      try manager.createDirectory(atPath: new, withIntermediateDirectories: true)
      for file in files { try Data(file.bytes).write(to: URL(filePath: "\(new)/\(file.name)")) }
      if manager.fileExists(atPath: path) { try manager.moveItem(atPath: path, toPath: old) }
      try manager.moveItem(atPath: new, toPath: path)
      try? manager.removeItem(atPath: old)
    } catch {
      try? manager.removeItem(atPath: new)
      throw CommandError("\(path): the model cannot be written – check the folder's permissions and the disk")
    }
  }
}
