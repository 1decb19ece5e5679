import ArgumentParser
import CCurl
import Glibc
import Synchronization

/// `webhdfs-libcurl`: what bare libcurl makes of WebHDFS, as a measure of the product: handles in threads, no checks,
/// no retries, straight to the final name.
@main
struct Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "webhdfs-libcurl", abstract: "Move files over WebHDFS with libcurl and nothing else.")

  /// Which way.
  enum Direction: String, ExpressibleByArgument {
    case put, get
  }

  @Argument(help: "put or get.") var direction: Direction
  @Argument(help: "The NameNode, as http://host:port.") var url: String
  @Argument(help: "The directory on HDFS.") var directory: String
  @Argument(help: "Local files, whose names are those on HDFS.") var files: [String]
  @Option(help: "The user.") var user = "root"
  @Option(help: "Threads.") var threads = 1

  func run() throws {
    curl_global_init(vl_curl_global_all)
    let work = Work(command: self)
    let all = (0..<max(threads, 1)).map { (_) in
      var thread = pthread_t()
      unsafe pthread_create(
        &thread, nil,
        { (context) in
          guard let context = unsafe context else { return nil }
          unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
          return nil
        }, Unmanaged.passRetained(work).toOpaque())
      return thread
    }
    for thread in all { pthread_join(thread, nil) }
    if work.hasFailed { throw ExitCode.failure }
  }
}

/// The files, of which each thread takes the next one.
private final class Work: Sendable {
  private let command: Command
  private let next = Atomic(0)
  private let failed = Atomic(false)

  var hasFailed: Bool { failed.load(ordering: .acquiring) }

  init(command: Command) { self.command = command }

  func run() {
    guard let nameNode = unsafe curl_easy_init(), let dataNode = unsafe curl_easy_init() else { return }
    defer {
      unsafe curl_easy_cleanup(nameNode)
      unsafe curl_easy_cleanup(dataNode)
    }
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < command.files.count else { return }
      let isGood =
        unsafe command.direction == .put
        ? put(command.files[index], nameNode, dataNode) : get(command.files[index], nameNode)
      if !isGood { failed.store(true, ordering: .releasing) }
    }
  }

  private func address(_ file: String, _ query: String) -> String {
    let name = file.split(separator: "/").last ?? ""
    return "\(command.url)/webhdfs/v1\(command.directory)/\(name)?user.name=\(command.user)&\(query)"
  }

  private func put(
    _ file: String, _ nameNode: UnsafeMutableRawPointer, _ dataNode: UnsafeMutableRawPointer
  ) -> Bool {
    guard let sink = unsafe fopen("/dev/null", "w"), let source = unsafe fopen(file, "r") else { return false }
    defer {
      unsafe fclose(sink)
      unsafe fclose(source)
    }
    var information = stat()
    _ = unsafe stat(file, &information)
    unsafe curl_easy_reset(nameNode)
    unsafe _ = vl_curl_set_string(nameNode, CURLOPT_URL, address(file, "op=CREATE&overwrite=true&permission=644"))
    unsafe _ = vl_curl_set_string(nameNode, CURLOPT_CUSTOMREQUEST, "PUT")
    unsafe _ = vl_curl_set_pointer(nameNode, CURLOPT_WRITEDATA, UnsafeMutableRawPointer(sink))
    guard unsafe curl_easy_perform(nameNode) == CURLE_OK else { return false }
    var location: UnsafeMutableRawPointer?
    _ = unsafe vl_curl_get_pointer(nameNode, CURLINFO_REDIRECT_URL, &location)
    guard let location = unsafe location else { return false }
    let target = unsafe String(cString: location.assumingMemoryBound(to: CChar.self))
    unsafe curl_easy_reset(dataNode)
    let headers = unsafe curl_slist_append(nil, "Expect:")
    defer { unsafe curl_slist_free_all(headers) }
    unsafe _ = vl_curl_set_string(dataNode, CURLOPT_URL, target)
    unsafe _ = vl_curl_set_list(dataNode, CURLOPT_HTTPHEADER, headers)
    unsafe _ = vl_curl_set_long(dataNode, CURLOPT_UPLOAD, 1)
    unsafe _ = vl_curl_set_long(dataNode, CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10)
    unsafe _ = vl_curl_set_offset(dataNode, CURLOPT_INFILESIZE_LARGE, curl_off_t(information.st_size))
    unsafe _ = vl_curl_set_pointer(dataNode, CURLOPT_READDATA, UnsafeMutableRawPointer(source))
    unsafe _ = vl_curl_set_pointer(dataNode, CURLOPT_WRITEDATA, UnsafeMutableRawPointer(sink))
    guard unsafe curl_easy_perform(dataNode) == CURLE_OK else { return false }
    return unsafe status(dataNode) == 201
  }

  private func get(_ file: String, _ handle: UnsafeMutableRawPointer) -> Bool {
    guard let target = unsafe fopen(file, "w") else { return false }
    defer { unsafe fclose(target) }
    unsafe curl_easy_reset(handle)
    unsafe _ = vl_curl_set_string(handle, CURLOPT_URL, address(file, "op=OPEN"))
    unsafe _ = vl_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 1)
    unsafe _ = vl_curl_set_long(handle, CURLOPT_BUFFERSIZE, 512 << 10)
    unsafe _ = vl_curl_set_pointer(handle, CURLOPT_WRITEDATA, UnsafeMutableRawPointer(target))
    guard unsafe curl_easy_perform(handle) == CURLE_OK else { return false }
    return unsafe status(handle) == 200
  }

  private func status(_ handle: UnsafeMutableRawPointer) -> Int {
    var status = 0
    _ = unsafe vl_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return status
  }
}
