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

  private let configuration: Configuration

  /// Makes a client; nothing is sent yet.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
  }

  /// `GET /schemas/ids/{id}`.
  public func schema(id: UInt32) -> SchemaAnswer {
    let reply: Reply
    do throws(SchemaRegistryError) {
      reply = try ask("/schemas/ids/\(id)", body: nil)
    } catch {
      return .unavailable(error.description)
    }
    guard reply.status == 200 else {
      // Only the registry's own words count: another server's 404 means a wrong address.
      if reply.status == 404, reply.errorCode == 40403 { return .unknown }
      return .unavailable(refusal(reply))
    }
    guard let found = try? JSONDecoder().decode(Found.self, from: Data(reply.body)) else {
      return .unavailable("\(reply.url) does not answer as a schema registry")
    }
    if let type = found.schemaType, type != "AVRO" { return .unfit("schema \(id) is no Avro schema") }
    guard found.references?.isEmpty ?? true else {
      return .unfit("schema \(id) refers to other schemas, which is not supported")
    }
    return .schema(Array(found.schema.utf8))
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
    struct Reference: Decodable {}
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

  /// Asks the addresses in their order until one answers; an answer of 500 and more counts as none.
  private func ask(_ path: String, body: [UInt8]?) throws(SchemaRegistryError) -> Reply {
    var failures: [String] = []
    for url in configuration.urls {
      let request = RegistryRequest(
        url: url + path, body: body, user: configuration.user, password: configuration.password,
        caFile: configuration.caFile, timeout: configuration.timeout, answerLimit: Self.answerLimit)
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
