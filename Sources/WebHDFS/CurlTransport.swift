import CCurl
import Glibc
import Synchronization

/// HTTP over libcurl: one thread runs all transfers of a transport and keeps connections for reuse.
final class CurlTransport: HTTPTransport {
  private let loop: CurlLoop

  init(settings: CurlSettings) {
    loop = CurlLoop(settings: settings)
  }

  deinit { loop.stop() }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let id = loop.nextIdentifier()
    let flag = CancellationFlag()
    request.stream?.wakes { [weak loop] in loop?.post(.wake(id)) }
    // What was read cannot be sent again: its source need not go on.
    defer { if let stream = request.stream, stream.wasRead { stream.close() } }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<CurlTransfer.Outcome, Never>) in
        loop.post(.start(CurlTransfer(id: id, flag, request, continuation)))
      }
    } onCancel: {
      flag.isSet.store(true, ordering: .releasing)
      loop.post(.cancel(id))
    }
    return try outcome.get()
  }
}

/// The event loop around a libcurl multi handle.
///
/// `@unchecked Sendable`: callers touch only the inbox, under its mutex, and `curl_multi_wakeup`, which libcurl allows
/// from any thread; everything else belongs to the loop's thread.
final class CurlLoop: @unchecked Sendable {
  enum Command {
    case start(CurlTransfer)
    case cancel(UInt64)
    /// A stream that was empty has bytes again.
    case wake(UInt64)
    case stop
  }

  private struct Inbox {
    var commands: [Command] = []
    var isRunning = false
    var isStopped = false
  }

  private let settings: CurlSettings
  private let identifiers = Atomic<UInt64>(0)
  private let inbox = Mutex(Inbox())
  private let multi: UnsafeMutableRawPointer?

  // The loop's thread alone.
  private var running: [UInt64: CurlTransfer] = [:]
  private var idleHandles: [UnsafeMutableRawPointer] = []

  init(settings: CurlSettings) {
    self.settings = settings
    _ = Self.globalInitialisation
    multi = curl_multi_init()
    if let multi {
      _ = vl_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 64)
    }
  }

  /// libcurl wants to be initialised once, before any other call.
  private static let globalInitialisation: CURLcode = curl_global_init(vl_curl_global_all)

  func nextIdentifier() -> UInt64 {
    identifiers.add(1, ordering: .relaxed).newValue
  }

  /// Hands a command to the loop; starts its thread with the first one.
  func post(_ command: Command) {
    let mustStart = inbox.withLock { (inbox) -> Bool? in
      if inbox.isStopped { return nil }
      inbox.commands.append(command)
      defer { inbox.isRunning = true }
      return !inbox.isRunning
    }
    guard let mustStart else {
      if case .start(let transfer) = command { transfer.finish(.failure(Self.stopped)) }
      return
    }
    if mustStart && !startThread() {
      failWaiting(TransportError(kind: .misuse, message: "cannot start a thread for network transfers"))
    }
    if let multi { curl_multi_wakeup(multi) }
  }

  func stop() {
    post(.stop)
  }

  private static let stopped = TransportError(kind: .cancelled, message: "the client was closed")

  private func startThread() -> Bool {
    guard multi != nil else { return false }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { (context) in
        guard let context else { return nil }
        Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func failWaiting(_ error: TransportError) {
    let commands = inbox.withLock { (inbox) in
      defer { inbox.commands = [] }
      inbox.isRunning = false
      return inbox.commands
    }
    for case .start(let transfer) in commands { transfer.finish(.failure(error)) }
  }

  // MARK: - On the loop's thread

  private func run() {
    guard let multi else { return }
    while obeyCommands() {
      var active: Int32 = 0
      curl_multi_perform(multi, &active)
      collectFinished()
      curl_multi_poll(multi, nil, 0, 10_000, nil)
    }
    for transfer in running.values { release(transfer, .failure(Self.stopped)) }
    running = [:]
    for handle in idleHandles { curl_easy_cleanup(handle) }
    curl_multi_cleanup(multi)
  }

  /// - Returns: Whether the loop goes on.
  private func obeyCommands() -> Bool {
    let commands = inbox.withLock { (inbox) in
      defer { inbox.commands = [] }
      return inbox.commands
    }
    for (index, command) in commands.enumerated() {
      switch command {
      case .start(let transfer): start(transfer)
      case .cancel(let id): cancel(id)
      case .wake(let id):
        if let handle = running[id]?.handle { curl_easy_pause(handle, CURLPAUSE_CONT) }
      case .stop:
        let late = inbox.withLock { (inbox) in
          inbox.isStopped = true
          defer { inbox.commands = [] }
          return inbox.commands
        }
        for case .start(let transfer) in commands[(index + 1)...] + late { transfer.finish(.failure(Self.stopped)) }
        return false
      }
    }
    return true
  }

  private func start(_ transfer: CurlTransfer) {
    if transfer.flag.isSet.load(ordering: .acquiring) {
      transfer.finish(.failure(TransportError(kind: .cancelled, message: "cancelled")))
      return
    }
    guard let multi, let handle = idleHandles.popLast() ?? curl_easy_init() else {
      transfer.finish(.failure(TransportError(kind: .misuse, message: "libcurl gives no handle")))
      return
    }
    transfer.handle = handle
    running[transfer.id] = transfer
    guard CurlOptions.apply(to: handle, transfer, settings), curl_multi_add_handle(multi, handle) == CURLM_OK else {
      running[transfer.id] = nil
      release(transfer, .failure(TransportError(kind: .misuse, message: "libcurl refuses the request's options")))
      return
    }
  }

  private func cancel(_ id: UInt64) {
    // Finished long ago, or not yet here: then its flag will be seen when it comes.
    guard let transfer = running.removeValue(forKey: id) else { return }
    release(transfer, .failure(TransportError(kind: .cancelled, message: "cancelled")))
  }

  private func collectFinished() {
    guard let multi else { return }
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
      let code = vl_curl_message_result(message)
      var context: UnsafeMutableRawPointer?
      _ = vl_curl_get_pointer(handle, CURLINFO_PRIVATE, &context)
      guard let context else { continue }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      running[transfer.id] = nil
      release(transfer, transfer.outcome(code))
    }
  }

  /// Takes a transfer out of libcurl, keeps its handle for the next one, and answers its caller.
  private func release(_ transfer: CurlTransfer, _ outcome: CurlTransfer.Outcome) {
    if let handle = transfer.handle {
      if let multi { curl_multi_remove_handle(multi, handle) }
      curl_easy_reset(handle)
      if idleHandles.count < 32 { idleHandles.append(handle) } else { curl_easy_cleanup(handle) }
      transfer.handle = nil
    }
    for list in transfer.lists { curl_slist_free_all(list) }
    transfer.lists = []
    transfer.finish(outcome)
  }
}
