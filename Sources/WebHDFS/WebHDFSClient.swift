import Synchronization

/// A client of HDFS over its REST interface, WebHDFS.
///
/// Every call is one operation of the interface with its own retries; ``WebHDFSFileStore`` builds safe uploads on it.
/// Specification: Apache Hadoop, "WebHDFS REST API".
public final class WebHDFSClient: Sendable {
  /// How the cluster is reached.
  public let configuration: WebHDFSConfiguration
  private let transport: any HTTPTransport
  /// The NameNode that answered last, as an index.
  private let preferred = Mutex(0)
  /// Holds back uploads beyond the number that is allowed at a time.
  let gate: TransferGate?
  /// What NameNodes gave for a ticket, so that not every request needs a new negotiation.
  private let cookies = Mutex<[Endpoint: String]>([:])

  /// Makes a client; nothing is sent yet.
  public convenience init(configuration: WebHDFSConfiguration) {
    let settings = CurlSettings(
      caFile: configuration.caFile, clientCertificateFile: configuration.clientCertificateFile,
      clientKeyFile: configuration.clientKeyFile, proxy: configuration.proxy,
      connectTo: HostMap.connectTo(configuration.hostMap))
    self.init(configuration: configuration, transport: CurlTransport(settings: settings))
  }

  init(configuration: WebHDFSConfiguration, transport: any HTTPTransport) {
    self.configuration = configuration
    self.transport = transport
    gate = configuration.parallelUploads.map { TransferGate(width: $0, burstSize: $0 * 4) }
  }

  /// The NameNodes as a URL without a path, for messages.
  public var address: String {
    let hosts = configuration.nameNodes.map(\.description).joined(separator: ",")
    return "\(configuration.isSecure ? "swebhdfs" : "webhdfs")://\(hosts)"
  }
}

// MARK: - The NameNode leg

extension WebHDFSClient {
  /// Sends an operation to a NameNode, to the next one or again as the policy says, and returns the first answer below
  /// status 400; failures of the kind `not` are left to the caller.
  func ask(
    _ operation: Operation, _ path: HDFSPath, _ parameters: [(name: String, value: String)] = [],
    answerByteLimit: Int? = nil, isReplaySafe: Bool? = nil, not kind: WebHDFSError.Kind? = nil
  ) async throws(WebHDFSError) -> (response: HTTPResponse, server: String) {
    let start = ContinuousClock.now
    var attempt = 0
    while true {
      attempt += 1
      let index = preferred.withLock { $0 }
      let failure: WebHDFSError
      do throws(WebHDFSError) {
        return try await askOnce(
          operation, path, parameters, index, answerByteLimit, isReplaySafe: isReplaySafe ?? operation.isReplaySafe)
      } catch {
        failure = error
      }
      let step = configuration.retry.step(
        after: failure, attempt: attempt, isReplaySafe: isReplaySafe ?? operation.isReplaySafe,
        nameNodes: configuration.nameNodes.count, elapsed: .now - start, chance: .random(in: 0..<1))
      guard case .again(let delay, let failOver) = step, failure.kind != kind else { throw failure }
      if failOver { avoid(index) }
      try await pause(delay, operation, path)
    }
  }

  private func askOnce(
    _ operation: Operation, _ path: HDFSPath, _ parameters: [(name: String, value: String)], _ index: Int,
    _ answerByteLimit: Int?, isReplaySafe: Bool
  ) async throws(WebHDFSError) -> (response: HTTPResponse, server: String) {
    guard configuration.nameNodes.indices.contains(index) else {
      throw WebHDFSError(
        .invalidArgument, operation: operation.rawValue, path: path.text, message: "no NameNode is configured")
    }
    let nameNode = configuration.nameNodes[index]
    let identity = try identity(operation, path)
    let url = RequestURL.make(
      operation, path, at: nameNode, isSecure: configuration.isSecure, identity: identity, parameters: parameters)
    // libcurl silently repeats a request on a kept connection that turns out dead: not for what must not be repeated.
    var request = HTTPRequest(
      method: operation.method, url: url, body: nil, reusesConnection: isReplaySafe,
      connectTimeout: configuration.connectTimeout, stallTimeout: configuration.stallTimeout,
      totalTimeout: configuration.requestTimeout, answerByteLimit: answerByteLimit ?? configuration.answerByteLimit)
    let server = "NameNode \(nameNode)"
    guard configuration.authentication == .kerberos, identity.delegationToken == nil else {
      return (try await exchange(request, operation, path, server, accepted: 200...399), server)
    }
    if let cookie = cookies.withLock({ $0[nameNode] }) {
      request.cookie = cookie
      do throws(WebHDFSError) {
        return (try await exchange(request, operation, path, server, accepted: 200...399), server)
      } catch {
        // Refused before it was looked at: the cookie has expired.
        guard error.httpStatus == 401 else { throw error }
        cookies.withLock { $0[nameNode] = nil }
        request.cookie = nil
      }
    }
    request.negotiates = true
    let response: HTTPResponse
    do throws(WebHDFSError) {
      response = try await exchange(request, operation, path, server, accepted: 200...399)
    } catch {
      guard error.httpStatus == 401 else { throw error }
      var failure = error
      failure.message = "the server wants a Kerberos ticket and takes none of ours: run kinit, or see klist"
      throw failure
    }
    if let cookie = response.cookie { cookies.withLock { $0[nameNode] = cookie } }
    return (response, server)
  }

  /// One exchange; answers outside `accepted` become errors.
  private func exchange(
    _ request: HTTPRequest, _ operation: Operation, _ path: HDFSPath, _ server: String, accepted: ClosedRange<Int>
  ) async throws(WebHDFSError) -> HTTPResponse {
    let response: HTTPResponse
    do throws(TransportError) {
      response = try await transport.send(request)
    } catch {
      throw ErrorMapping.error(error, operation: operation, path: path.text, server: server)
    }
    guard accepted.contains(response.status) else {
      throw ErrorMapping.error(response, operation: operation, path: path.text, server: server)
    }
    return response
  }

  /// Prefers the next NameNode, unless somebody else did so already.
  private func avoid(_ index: Int) {
    preferred.withLock { if $0 == index { $0 = (index + 1) % configuration.nameNodes.count } }
  }

  private func pause(_ delay: Duration, _ operation: Operation, _ path: HDFSPath) async throws(WebHDFSError) {
    do {
      try await Task.sleep(for: delay)
    } catch {
      throw WebHDFSError(.cancelled, operation: operation.rawValue, path: path.text, message: "cancelled")
    }
  }

  private func identity(_ operation: Operation, _ path: HDFSPath) throws(WebHDFSError) -> RequestURL.Identity {
    var token: String?
    if let file = configuration.tokenFile {
      token = TokenFile.read(file)
      if token == nil {
        throw WebHDFSError(
          .authenticationRequired, operation: operation.rawValue, path: path.text,
          message: "the token file \(file) cannot be read or holds no token")
      }
    }
    // The ticket names the user; another name beside it would be refused.
    let user = configuration.authentication == .simple ? configuration.user : nil
    return RequestURL.Identity(user: user, doAs: configuration.doAs, delegationToken: token)
  }
}

// MARK: - The DataNode leg

extension WebHDFSClient {
  /// Runs an operation over both legs and returns the DataNode's answer.
  func askDataNode(
    _ operation: Operation, _ path: HDFSPath, _ parameters: [(name: String, value: String)],
    content: TransferContent = .none, answerByteLimit: Int, accepted: ClosedRange<Int>,
    check: (HTTPResponse) -> String? = { _ in nil }
  ) async throws(WebHDFSError) -> HTTPResponse {
    var course = TwoStep(
      operation: operation, path: path, isSecure: configuration.isSecure, policy: configuration.retry,
      allowedHosts: configuration.allowedRedirectHosts.map { HostPatterns($0) })
    let start = ContinuousClock.now
    while true {
      let answer = try await askForDataNode(operation, path, parameters, answerByteLimit, &course)
      let response = answer.response
      let host: String
      let failure: WebHDFSError
      switch course.direction(status: response.status, location: response.location, body: response.body) {
      case .refuse(let reason):
        throw WebHDFSError(
          .unexpectedAnswer, operation: operation.rawValue, path: path.text, server: answer.server, message: reason)
      case .done:
        guard let problem = check(response) else { return response }
        (host, failure) = ("", truncated(operation, path, answer.server, problem))
      case .follow(let redirect):
        let server = "DataNode \(redirect.endpoint)"
        let gate = operation.isChange ? gate : nil
        await gate?.enter()
        defer { gate?.leave() }
        do throws(WebHDFSError) {
          let request = transfer(operation, redirect, content, answerByteLimit)
          let result = try await exchange(request, operation, path, server, accepted: accepted)
          guard let problem = check(result) else { return result }
          throw truncated(operation, path, server, problem)
        } catch {
          (host, failure) = (redirect.endpoint.host, error)
        }
      }
      let step = course.step(after: failure, at: host, elapsed: .now - start, chance: .random(in: 0..<1))
      guard case .again(let delay, _) = step, content.canBeRepeated else { throw failure }
      try await pause(delay, operation, path)
    }
  }

  /// The NameNode's answer, which leaves out DataNodes that failed as long as there are others.
  private func askForDataNode(
    _ operation: Operation, _ path: HDFSPath, _ parameters: [(name: String, value: String)], _ answerByteLimit: Int,
    _ course: inout TwoStep
  ) async throws(WebHDFSError) -> (response: HTTPResponse, server: String) {
    let limit = max(answerByteLimit, 65_536)
    if !course.excluded.isEmpty {
      let exclusion = [("excludedatanodes", course.excluded.joined(separator: ","))]
      do throws(WebHDFSError) {
        return try await ask(operation, path, parameters + exclusion, answerByteLimit: limit, not: .noDataNodes)
      } catch {
        guard error.kind == .noDataNodes else { throw error }
        course.forgive()
      }
    }
    return try await ask(operation, path, parameters, answerByteLimit: limit)
  }

  private func transfer(
    _ operation: Operation, _ redirect: Redirect, _ content: TransferContent, _ answerByteLimit: Int
  ) -> HTTPRequest {
    // DataNodes close every connection; a gateway that keeps them may be read from over one.
    var request = HTTPRequest(
      method: operation.method, url: redirect.url, body: nil, reusesConnection: !operation.isChange, isTransfer: true,
      connectTimeout: configuration.connectTimeout, stallTimeout: configuration.stallTimeout,
      totalTimeout: configuration.totalTimeout, answerByteLimit: answerByteLimit)
    switch content {
    case .none: break
    case .source(let source): request.body = source
    case .stream(let pipe): request.stream = pipe
    case .sink(let sink): request.sink = sink
    }
    return request
  }

  private func truncated(
    _ operation: Operation, _ path: HDFSPath, _ server: String, _ problem: String
  ) -> WebHDFSError {
    WebHDFSError(.truncated, operation: operation.rawValue, path: path.text, server: server, message: problem)
  }
}
