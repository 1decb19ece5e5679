/// How single operations of a NameNode are asked and their answers read.
extension WebHDFSClient {
  /// A query parameter, not yet encoded.
  typealias Parameter = (name: String, value: String)

  /// Asks for a value.
  func answer<T>(
    _ operation: Operation, _ path: String, _ parameters: [Parameter] = [], isReplaySafe: Bool? = nil,
    _ parse: ([UInt8]) -> T?
  ) async throws(WebHDFSError) -> T {
    let path = try HDFSPath(path, for: operation)
    let answer = try await ask(operation, path, parameters, isReplaySafe: isReplaySafe)
    guard answer.response.status == 200, let value = parse(answer.response.body) else {
      throw strange(operation, path, answer.server, answer.response)
    }
    return value
  }

  /// Asks for a change whose answer is empty.
  func order(
    _ operation: Operation, _ path: String, _ parameters: [Parameter] = [], isReplaySafe: Bool? = nil
  ) async throws(WebHDFSError) {
    let path = try HDFSPath(path, for: operation)
    let answer = try await ask(operation, path, parameters, isReplaySafe: isReplaySafe)
    guard answer.response.status == 200, answer.response.body.isEmpty else {
      throw strange(operation, path, answer.server, answer.response)
    }
  }

  private func strange(
    _ operation: Operation, _ path: HDFSPath, _ server: String, _ response: HTTPResponse
  ) -> WebHDFSError {
    WebHDFSError(
      .unexpectedAnswer, operation: operation.rawValue, path: path.text, server: server,
      message: "HTTP status \(response.status) with an answer that is not WebHDFS's; is this a NameNode?",
      httpStatus: response.status)
  }

  /// Permission bits as the server wants them, in octal.
  func permissionParameter(_ permission: Int?) -> [Parameter] {
    permission.map { [("permission", String($0, radix: 8))] } ?? []
  }
}
