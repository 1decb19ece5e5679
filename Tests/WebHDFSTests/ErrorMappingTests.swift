import Storage
import Testing
import WebHDFS

@testable import WebHDFS

/// One answer and what it means.
struct ErrorCase: CustomTestStringConvertible, Sendable {
  var status: Int
  var exception: String?
  var message: String
  var kind: WebHDFSError.Kind

  init(_ status: Int, _ exception: String?, _ message: String, _ kind: WebHDFSError.Kind) {
    (self.status, self.exception, self.message, self.kind) = (status, exception, message, kind)
  }

  var testDescription: String { "\(status) \(exception ?? "-") \(message.prefix(40))" }

  var response: HTTPResponse {
    let text = message.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
      .replacing("\t", with: "\\t")
    let body = exception.map {
      #"{"RemoteException":{"exception":"\#($0)","javaClassName":"x.y.\#($0)","message":"\#(text)"}}"#
    }
    return HTTPResponse(status: status, location: nil, body: Array((body ?? message).utf8), announcedLength: nil)
  }
}

@Suite struct ErrorMappingTests {
  static let cases: [ErrorCase] = [
    ErrorCase(404, "FileNotFoundException", "File /a does not exist.", .notFound),
    ErrorCase(404, "FileNotFoundException", "Path is not a file: /a", .isADirectory),
    ErrorCase(403, "FileAlreadyExistsException", "/a for client 127.0.0.1 already exists", .alreadyExists),
    ErrorCase(403, "FileAlreadyExistsException", "/a already exists as a directory", .isADirectory),
    ErrorCase(403, "RemoteException", "Parent path is not a directory: /a/b", .notADirectory),
    ErrorCase(403, "RemoteException", "Current inode is not a directory: a", .notADirectory),
    ErrorCase(403, "ParentNotDirectoryException", "Parent path is not a directory: /a", .notADirectory),
    ErrorCase(403, "PathIsNotEmptyDirectoryException", "`/a is non empty': Directory is not empty", .directoryNotEmpty),
    ErrorCase(403, "AccessControlException", "Permission denied: user=ann, access=WRITE", .permissionDenied),
    ErrorCase(403, "SecurityException", "User: ann is not allowed to impersonate bob", .permissionDenied),
    ErrorCase(401, nil, "<html>Authentication required</html>", .authenticationRequired),
    ErrorCase(403, "InvalidToken", "token (x for ann) can't be found in cache", .authenticationRequired),
    ErrorCase(
      403, "NSQuotaExceededException", "The NameSpace quota (directories and files) of …", .namespaceQuotaExceeded),
    ErrorCase(403, "DSQuotaExceededException", "The DiskSpace quota of /q is exceeded", .spaceQuotaExceeded),
    ErrorCase(403, "RemoteException", "The DiskSpace quota of /q is exceeded", .spaceQuotaExceeded),
    ErrorCase(507, nil, "", .spaceQuotaExceeded),
    ErrorCase(403, "SafeModeException", "Cannot create directory /a. Name node is in safe mode.", .safeMode),
    ErrorCase(403, "RemoteException", "Cannot create file/a. Name node is in safe mode.\nIt was turned on", .safeMode),
    ErrorCase(403, "RetriableException", "org.apache.hadoop.hdfs.server.namenode.SafeModeException: …", .safeMode),
    ErrorCase(403, "RetriableException", "Namenode is in startup mode", .startingUp),
    ErrorCase(403, "StandbyException", "Operation category READ is not supported in state standby", .standby),
    ErrorCase(
      403, "RemoteException",
      "Operation category WRITE is not supported in state standby. Visit https://s.apache.org/sbnn-error", .standby),
    ErrorCase(403, "IOException", "Failed to find datanode, suggest to check cluster health.", .noDataNodes),
    ErrorCase(403, "IOException", "No active nodes contain this block", .noDataNodes),
    ErrorCase(403, "IOException", "Fail to get block MD5 for LocatedBlock", .noDataNodes),
    ErrorCase(403, "AlreadyBeingCreatedException", "Failed to create file [/a]", .leaseConflict),
    ErrorCase(403, "RecoveryInProgressException", "Failed to append to /a", .leaseConflict),
    ErrorCase(400, "InvalidPathException", "Invalid path name Invalid file name: /a:b", .invalidPath),
    ErrorCase(403, "RemoteException", "The maximum path component name limit of xxx is exceeded", .invalidPath),
    ErrorCase(403, "IOException", "mkdirs: Pathname too long.  Limit 8000", .invalidPath),
    ErrorCase(400, "UnsupportedOperationException", "Symlinks not supported", .unsupported),
    ErrorCase(
      400, "IllegalArgumentException",
      "Invalid value for webhdfs parameter \"op\": No enum constant org.apache.hadoop.X", .unsupported),
    ErrorCase(400, "IllegalArgumentException", "LISTSTATUS_BATCH is not a valid GET operation.", .unsupported),
    ErrorCase(400, "IllegalArgumentException", "Invalid value for webhdfs parameter \"blocksize\"", .invalidArgument),
    ErrorCase(400, "HadoopIllegalArgumentException", "Invalid values: dfs.bytes-per-checksum", .invalidArgument),
    ErrorCase(403, "SnapshotException", "there is already a snapshot", .refused),
    ErrorCase(403, "AclException", "The ACL operation has been rejected.", .refused),
    ErrorCase(403, "EOFException", "", .refused),
    ErrorCase(403, "EOFException", "End of File Exception between local host is: \"a/127.0.0.1\"", .connectionLost),
    ErrorCase(
      403, "IOException", "Failed on local exception: java.net.SocketException: Connection reset", .connectionLost),
    ErrorCase(
      403, "ConnectException", "Call From a/127.0.0.1 to b:1 failed on connection exception: …", .connectionLost),
    ErrorCase(500, nil, "<html><body>java.lang.NullPointerException</body></html>", .serverError),
    ErrorCase(503, nil, "<html>Service unavailable</html>", .startingUp),
    ErrorCase(404, nil, "<html>NOT_FOUND</html>", .notFound),
    ErrorCase(302, nil, "", .unexpectedAnswer),
  ]

  @Test(arguments: cases)
  func classAndTextDecide(_ item: ErrorCase) {
    let error = ErrorMapping.error(item.response, operation: .mkdirs, path: "/a", server: "NameNode nn:1")
    #expect(error.kind == item.kind)
    #expect(error.exceptionClass == item.exception)
    #expect(error.httpStatus == item.status)
    #expect(!error.description.contains("\n"))
  }

  @Test func cutsJavaStacks() {
    let text = "Name node is in safe mode.\n\tat org.apache.Foo.bar(Foo.java:1)\n\tat x"
    #expect(ErrorMapping.line(text) == "Name node is in safe mode.")
    #expect(ErrorMapping.line("a\tb") == "a")
    #expect(ErrorMapping.line("a\u{1B}[31mb") == "a[31mb")
    #expect(ErrorMapping.line(String(repeating: "x", count: 1_000)).count == 300)
    #expect(ErrorMapping.line("") == "")
  }

  @Test(arguments: [
    #"{"RemoteException":{"exception":"EOFException","message":null}}"#,
    #"{"RemoteException":{}}"#, #"{"RemoteException":null}"#, "{", "[]", "", "\u{0}",
    #"{"RemoteException":{"exception":3}}"#, String(repeating: "[", count: 100_000),
  ])
  func strangeBodiesAreStillErrors(body: String) {
    let response = HTTPResponse(status: 403, location: nil, body: Array(body.utf8), announcedLength: nil)
    let error = ErrorMapping.error(response, operation: .open, path: "/a", server: "DataNode dn:1")
    #expect(error.kind == .refused)
    #expect(error.description.hasPrefix("/a: OPEN failed at DataNode dn:1: "))
  }

  @Test(arguments: WebHDFSError.Kind.allCases)
  func storageErrorsKeepTheMeaning(kind: WebHDFSError.Kind) {
    let error = WebHDFSError(kind, operation: "RENAME", path: "/a", message: "m")
    let change = StorageError(error, isChange: true)
    let reading = StorageError(error, isChange: false)
    #expect(reading.code != .outcomeUnknown)
    #expect((change.code == .outcomeUnknown) == (kind == .timedOut || kind == .connectionLost))
    #expect(reading.isRetriable == kind.isTransient)
    #expect(change.description == "/a: RENAME failed: m")
  }
}
