internal import EasyCurl
import FoundationEssentials

/// A client of a schema registry with Confluent's REST interface: schemas by number, and the number of a schema.
///
/// Its calls block; nothing is kept between them.
public final class SchemaRegistryClient: SchemaLookup {
  /// How to reach the registry.
  public struct Configuration: Sendable {
    /// Base addresses, `http://host:8081` or with a path; tried in this order.
    public var urls: [String]
    /// The user of basic authentication.
    public var user: String?
    /// The user's password.
    public var password: String?
    /// A file of certificates that the registry's one must follow from.
    public var caFile: String?
    /// How long one request may take.
    public var timeout = Duration.seconds(5)

    /// Takes one or more addresses, separated by commas.
    ///
    /// - Throws: ``SchemaRegistryError`` for what is no address; it does not repeat it, for it may hold a password.
    public init(urls text: String) throws(SchemaRegistryError) {
      urls = text.split(separator: ",").map { $0.filter { $0 != " " } }
        .map { $0.hasSuffix("/") ? String($0.dropLast()) : String($0) }
      guard !urls.isEmpty, urls.allSatisfy({ $0.hasPrefix("http://") || $0.hasPrefix("https://") }) else {
        throw SchemaRegistryError("the schema registry is named as http://host:port or https://host:port")
      }
      guard !urls.contains(where: { $0.contains("@") }) else {
        throw SchemaRegistryError("the schema registry's address must not hold a password: set it apart")
      }
    }
  }

  /// The longest answer that is taken, in bytes.
  static let answerLimit = 4 << 20
  /// The most schemas that one may refer to, those that these refer to included.
  static let referenceLimit = 100

  private let configuration: Configuration

  /// Makes a client; nothing is sent yet.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
  }

  /// `GET /schemas/ids/{id}`, and `GET /subjects/{subject}/versions/{version}` for each schema that it refers to.
  public func schema(id: UInt32) -> SchemaAnswer {
    do throws(Miss) {
      let found = try find("/schemas/ids/\(id)", "schema \(id)")
      guard let found else { return .unknown }
      var references = References()
      try follow(found.references, of: id, into: &references, depth: 1)
      return .schema(Array(found.schema.utf8), references: references.texts)
    } catch {
      return error.answer
    }
  }

  /// Why a schema cannot be had.
  private struct Miss: Error { var answer: SchemaAnswer }

  /// A schema of the registry; `nil` where it says that there is none.
  private func find(_ path: String, _ what: String) throws(Miss) -> Found? {
    let reply: Reply
    do throws(SchemaRegistryError) { reply = try ask(path, body: nil) } catch {
      throw Miss(answer: .unavailable(error.description))
    }
    guard reply.status == 200 else {
      // Only the registry's own words count: another server's 404 means a wrong address.
      if reply.status == 404, let code = reply.errorCode, (40_401...40_403).contains(code) { return nil }
      throw Miss(answer: .unavailable(refusal(reply)))
    }
    guard let found = try? JSONDecoder().decode(Found.self, from: Data(reply.body)) else {
      throw Miss(answer: .unavailable("\(reply.url) does not answer as a schema registry"))
    }
    if let type = found.schemaType, type != "AVRO" { throw Miss(answer: .unfit("\(what) is no Avro schema")) }
    return found
  }

  /// The schemas that were found so far, in an order in which each stands behind those that it refers to.
  private struct References {
    var texts: [[UInt8]] = []
    var seen: Set<Found.Reference> = []
    var bytes = 0
  }

  private func follow(
    _ references: [Found.Reference]?, of id: UInt32, into found: inout References, depth: Int
  ) throws(Miss) {
    for reference in references ?? [] where found.seen.insert(reference).inserted {
      guard depth <= Self.referenceLimit, found.seen.count <= Self.referenceLimit else {
        throw Miss(answer: .unfit("schema \(id) refers to more than \(Self.referenceLimit) other schemas"))
      }
      let path = "/subjects/\(Self.escaped(reference.subject))/versions/\(reference.version)"
      guard let schema = try find(path, "a schema that schema \(id) refers to") else {
        throw Miss(answer: .unfit("schema \(id) refers to a schema that the registry does not have"))
      }
      found.bytes += schema.schema.utf8.count
      guard found.bytes <= Self.answerLimit else {
        throw Miss(answer: .unfit("schema \(id) refers to schemas of more than \(Self.answerLimit) bytes"))
      }
      try follow(schema.references, of: id, into: &found, depth: depth + 1)
      found.texts.append(Array(schema.schema.utf8))
    }
  }

  /// The number of a schema under a subject, which is registered if it is new: `POST /subjects/{subject}/versions`.
  ///
  /// - Throws: ``SchemaRegistryError`` where the registry does not answer or refuses the schema.
  public func register(_ schema: [UInt8], subject: String) throws(SchemaRegistryError) -> UInt32 {
    let body = try? JSONEncoder().encode(["schema": String(decoding: schema, as: UTF8.self)])
    let reply = try ask("/subjects/\(Self.escaped(subject))/versions", body: body.map { Array($0) } ?? [])
    guard reply.status == 200 else { throw SchemaRegistryError(refusal(reply)) }
    guard let made = try? JSONDecoder().decode(Made.self, from: Data(reply.body)) else {
      throw SchemaRegistryError("\(reply.url) does not answer as a schema registry")
    }
    return made.id
  }

  private struct Found: Decodable {
    var schema: String
    var schemaType: String?
    var references: [Reference]?
    struct Reference: Decodable, Hashable {
      var subject: String
      var version: Int
    }
  }

  private struct Made: Decodable { var id: UInt32 }

  private struct Complaint: Decodable { var error_code: Int }

  /// An answer of one of the addresses.
  private struct Reply {
    var url: String
    var status: Int
    var body: [UInt8]

    /// The registry's own number of what is wrong.
    var errorCode: Int? { (try? JSONDecoder().decode(Complaint.self, from: Data(body)))?.error_code }
  }

  private func refusal(_ reply: Reply) -> String {
    let hint = reply.status == 401 || reply.status == 403 ? "; check user and password" : ""
    return "\(reply.url) answers with status \(reply.status)\(hint)"
  }

  private static let mediaType = "application/vnd.schemaregistry.v1+json"

  /// Asks the addresses in their order until one answers; an answer of 500 and more counts as none.
  private func ask(_ path: String, body: [UInt8]?) throws(SchemaRegistryError) -> Reply {
    var failures: [String] = []
    for url in configuration.urls {
      var request = EasyRequest(
        url: url + path, body: body, timeout: configuration.timeout, answerLimit: Self.answerLimit)
      request.headers = ["Accept: \(Self.mediaType), application/json", "Content-Type: \(Self.mediaType)"]
      (request.user, request.password) = (configuration.user, configuration.password)
      request.caFile = configuration.caFile
      switch request.perform() {
      case .answer(let status, let body) where status < 500: return Reply(url: url, status: status, body: body)
      case .answer(let status, _): failures.append("\(url) answers with status \(status)")
      case .failure(let reason): failures.append("\(url): \(reason)")
      }
    }
    throw SchemaRegistryError(failures.joined(separator: "; "))
  }

  /// A part of a path, with what means something in a URL as percent escapes.
  static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain =
        byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
      if isPlain || "-._~".utf8.contains(byte) { return String(Unicode.Scalar(byte)) }
      return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}

/// What went wrong with a registry, on one line.
public struct SchemaRegistryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line.
  public let description: String

  init(_ description: String) { self.description = description }
}
