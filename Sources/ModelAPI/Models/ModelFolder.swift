internal import Forest
public import Serving

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A folder that holds a model and may be replaced by another one at any time, by a rename or by a link that is turned.
public struct ModelFolder: Sendable {
  /// The name under which the model answers, where it is not to be the schema's.
  public let name: String?
  /// Where it lies.
  public let path: String

  /// The most bytes of one file of a model.
  private static let fileLimit = 1 << 30

  /// Names a folder.
  ///
  /// - Parameter text: `FOLDER` or `NAME=FOLDER`.
  public init(_ text: String) {
    if let equals = text.firstIndex(of: "="), equals != text.startIndex, !text[..<equals].contains("/") {
      name = String(text[..<equals])
      path = String(text[text.index(after: equals)...])
    } else {
      name = nil
      path = text
    }
  }

  /// What changes whenever the folder holds another model.
  struct Identity: Hashable, Sendable {
    var folder, forest, schema: FileIdentity
    var calibration: FileIdentity?
  }

  /// Which model the folder holds now, without reading it; `nil` where there is none.
  var identity: Identity? {
    guard let folder = FileIdentity(path, isFolder: true),
      let forest = FileIdentity("\(path)/\(SavedModel.forestFile)"),
      let schema = FileIdentity("\(path)/\(SavedModel.schemaFile)")
    else { return nil }
    return Identity(
      folder: folder, forest: forest, schema: schema,
      calibration: FileIdentity("\(path)/\(SavedModel.calibrationFile)"))
  }

  /// Reads the model that the folder holds now.
  ///
  /// The folder is opened once, and all files are found through it: one that takes its name meanwhile is left alone.
  /// - Throws: ``ServingError`` that names the folder.
  public func read() throws(ServingError) -> ServedModel {
    let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw ServingError("\(path): there is no such model; vitals-train fit makes one") }
    defer { close(folder) }
    do {
      return try ServedModel(named: name) { try Self.bytes(of: $0, in: folder) }
    } catch {
      throw ServingError("\(path): \(error)")
    }
  }

  private static func bytes(of file: String, in folder: Int32) throws -> [UInt8]? {
    let descriptor = unsafe openat(folder, file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw ServingError("\(file): cannot be read; check its permissions")
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_size <= fileLimit else {
      throw ServingError("\(file): longer than \(fileLimit >> 30) GB")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var used = 0
    while used < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + used }, buffer.count - used)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ServingError("\(file): ends early; is it being written?") }
      used += count
    }
    return bytes
  }
}
