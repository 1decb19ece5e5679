import Storage
import Testing

@testable import WebHDFS

/// Operations that only Hadoop 2.8 and later have, against answers of the documented form from a script: the request
/// that is sent, and how the answer is read.
@Suite struct Hadoop3Tests {
  /// Runs a call against one answer; gives what it gave and the request's method and URL behind the prefix.
  private func asking<T>(
    _ answer: String, _ call: (WebHDFSClient) async throws -> T
  ) async throws -> (value: T, request: String) {
    let transport = ScriptedTransport([ScriptedTransport.json(answer)])
    let client = WebHDFSClient(
      configuration: WebHDFSConfiguration(nameNodes: [Endpoint(host: "n", port: 1)]), transport: transport)
    let value = try await call(client)
    let request = try #require(transport.requests.first)
    #expect(transport.requests.count == 1 && request.body == nil)
    return (value, "\(request.method.rawValue) \(request.url.dropFirst("http://n:1/webhdfs/v1".count))")
  }

  private let entry = #"{"type":"FILE","length":5,"fileId":9,"pathSuffix":"a","permission":"644"}"#

  @Test func listings() async throws {
    let page = try await asking(
      """
      {"DirectoryListing":{"partialListing":{"FileStatuses":{"FileStatus":[\(entry)]}},"remainingEntries":2}}
      """
    ) { try await $0.listPage("/d", startAfter: "_ 1") }
    #expect(page.request == "GET /d?op=LISTSTATUS_BATCH&startAfter=_%201")
    #expect(page.value.entries.map(\.name) == ["a"] && page.value.remaining == 2)
    let link = try await asking(#"{"FileStatus":{"type":"SYMLINK","symlink":"/t","pathSuffix":""}}"#) {
      try await $0.linkStatus("/l")
    }
    #expect(link.value.kind == .symlink && link.value.symlinkTarget == "/t")
    #expect(link.request == "GET /l?op=GETFILELINKSTATUS")
    let target = try await asking(#"{"Path":"/t"}"#) { try await $0.linkTarget("/l") }
    #expect(target.value == "/t" && target.request == "GET /l?op=GETLINKTARGET")
    let trash = try await asking(#"{"Path":"/user/ann/.Trash"}"#) { try await $0.trashRoot(of: "/d") }
    #expect(trash.value == "/user/ann/.Trash" && trash.request == "GET /d?op=GETTRASHROOT")
    let all = try await asking("{\"Paths\":[\(entry)]}") { try await $0.trashRoots(allUsers: true) }
    #expect(all.value.count == 1 && all.request == "GET /?op=GETTRASHROOTS&allusers=true")
  }

  @Test func pagesFollowOneAnother() async throws {
    func page(_ names: [String], remaining: Int) -> ScriptedTransport.Answer {
      let entries = names.map { #"{"type":"FILE","pathSuffix":"\#($0)"}"# }.joined(separator: ",")
      return ScriptedTransport.json(
        """
        {"DirectoryListing":{"partialListing":{"FileStatuses":{"FileStatus":[\(entries)]}},
        "remainingEntries":\(remaining)}}
        """)
    }
    let transport = ScriptedTransport([page(["a", "b"], remaining: 1), page(["c"], remaining: 0)])
    let client = WebHDFSClient(
      configuration: WebHDFSConfiguration(nameNodes: [Endpoint(host: "n", port: 1)]), transport: transport)
    var names: [[String]] = []
    for try await entries in client.pages(of: "/d") { names.append(entries.map(\.name)) }
    #expect(names == [["a", "b"], ["c"]])
    #expect(transport.requests[1].url.hasSuffix("op=LISTSTATUS_BATCH&startAfter=b"))
    // A server that says that more remains and sends nothing does not keep us for ever.
    let endless = ScriptedTransport([page(["a"], remaining: 1), page([], remaining: 1)])
    let second = WebHDFSClient(
      configuration: WebHDFSConfiguration(nameNodes: [Endpoint(host: "n", port: 1)]), transport: endless)
    let error = await failure(WebHDFSError.self) { for try await _ in second.pages(of: "/d") {} }
    #expect(error?.kind == .unexpectedAnswer)
  }

  @Test func quotas() async throws {
    let usage = try await asking(
      """
      {"QuotaUsage":{"fileAndDirectoryCount":1,"quota":100,"spaceConsumed":24930,"spaceQuota":100000,
      "typeQuota":{"SSD":{"consumed":500,"quota":10000}}}}
      """
    ) { try await $0.quotaUsage("/d") }
    #expect(usage.value.spaceQuota == 100_000 && usage.value.typeQuota?["SSD"]?.quota == 10_000)
    #expect(usage.request == "GET /d?op=GETQUOTAUSAGE")
    let both = try await asking("") { try await $0.setQuota("/d", names: 5, space: 7) }
    #expect(both.request == "PUT /d?op=SETQUOTA&namespacequota=5&storagespacequota=7")
    let type = try await asking("") { try await $0.setQuota("/d", storageType: "SSD", space: 7) }
    #expect(type.request == "PUT /d?op=SETQUOTABYSTORAGETYPE&storagetype=SSD&storagespacequota=7")
    let status = try await asking(#"{"FsStatus":{"used":1,"remaining":2,"capacity":3}}"#) { try await $0.capacity() }
    #expect(status.value.capacity == 3 && status.request == "GET /?op=GETSTATUS")
    let defaults = try await asking(
      """
      {"FsServerDefaults":{"replication":3,"encryptDataTransfer":"false","defaultStoragePolicyId":7,
      "writePacketSize":65536,"fileBufferSize":4096,"checksumType":2,"trashInterval":10800,"keyProviderUri":"",
      "blockSize":134217728,"bytesPerChecksum":512}}
      """
    ) { try await $0.serverDefaults() }
    #expect(defaults.value.blockSize == 134_217_728 && defaults.request == "GET /?op=GETSERVERDEFAULTS")
  }

  @Test func policies() async throws {
    let policy = """
      {"copyOnCreateFile":false,"creationFallbacks":[],"id":7,"name":"HOT","replicationFallbacks":["ARCHIVE"],
      "storageTypes":["DISK"]}
      """
    let one = try await asking("{\"BlockStoragePolicy\":\(policy)}") { try await $0.storagePolicy("/d") }
    #expect(one.value.name == "HOT" && one.request == "GET /d?op=GETSTORAGEPOLICY")
    let all = try await asking("{\"BlockStoragePolicies\":{\"BlockStoragePolicy\":[\(policy)]}}") {
      try await $0.storagePolicies()
    }
    #expect(all.value.count == 1 && all.request == "GET /?op=GETALLSTORAGEPOLICY")
    let set = try await asking("") { try await $0.setStoragePolicy("/d", "COLD") }
    #expect(set.request == "PUT /d?op=SETSTORAGEPOLICY&storagepolicy=COLD")
    let unset = try await asking("") { try await $0.unsetStoragePolicy("/d") }
    #expect(unset.request == "POST /d?op=UNSETSTORAGEPOLICY")
    let satisfy = try await asking("") { try await $0.satisfyStoragePolicy("/d") }
    #expect(satisfy.request == "PUT /d?op=SATISFYSTORAGEPOLICY")
  }

  @Test func erasureCoding() async throws {
    let policy = """
      {"cellSize":1048576,"id":2,"name":"RS-3-2-1024k",
      "schema":{"codecName":"rs","extraOptions":{},"numDataUnits":3,"numParityUnits":2},"systemPolicy":true}
      """
    let one = try await asking(policy) { try await $0.erasureCodingPolicy("/d") }
    #expect(one.value.schema.numDataUnits == 3 && one.request == "GET /d?op=GETECPOLICY")
    let all = try await asking(
      "{\"ErasureCodingPolicies\":{\"ErasureCodingPolicyInfo\":[{\"state\":\"ENABLED\",\"policy\":\(policy)}]}}"
    ) { try await $0.erasureCodingPolicies() }
    #expect(all.value.first?.state == "ENABLED" && all.request == "GET /?op=GETECPOLICIES")
    let codecs = try await asking(#"{"ErasureCodingCodecs":{"rs":"rs_native, rs_java"}}"#) {
      try await $0.erasureCodingCodecs()
    }
    #expect(codecs.value["rs"] == "rs_native, rs_java" && codecs.request == "GET /?op=GETECCODECS")
    let enable = try await asking("") { try await $0.enableErasureCodingPolicy("p") }
    #expect(enable.request == "PUT /?op=ENABLEECPOLICY&ecpolicy=p")
    let disable = try await asking("") { try await $0.disableErasureCodingPolicy("p") }
    #expect(disable.request == "PUT /?op=DISABLEECPOLICY&ecpolicy=p")
    let set = try await asking("") { try await $0.setErasureCodingPolicy("/d", "p") }
    #expect(set.request == "PUT /d?op=SETECPOLICY&ecpolicy=p")
    let unset = try await asking("") { try await $0.unsetErasureCodingPolicy("/d") }
    #expect(unset.request == "POST /d?op=UNSETECPOLICY")
  }

  @Test func blocks() async throws {
    let blocks = try await asking(
      """
      {"BlockLocations":{"BlockLocation":[{"cachedHosts":[],"corrupt":false,"hosts":["h"],"length":1024,
      "names":["h:9866"],"offset":0,"storageTypes":["DISK"],"topologyPaths":["/default-rack/h:9866"]}]}}
      """
    ) { try await $0.blockLocations("/f", offset: 3, length: 4) }
    #expect(blocks.value.first?.hosts == ["h"])
    #expect(blocks.request == "GET /f?op=GETFILEBLOCKLOCATIONS&offset=3&length=4")
  }

  @Test func snapshots() async throws {
    let diff = try await asking(
      """
      {"SnapshotDiffReport":{"diffList":[{"sourcePath":"","type":"MODIFY"},{"sourcePath":"f","type":"RENAME",
      "targetPath":"g"}],"fromSnapshot":"s1","snapshotRoot":"/d","toSnapshot":"s2"}}
      """
    ) { try await $0.snapshotDiff("/d", from: "s1", to: "s2") }
    #expect(diff.value.diffList.last?.targetPath == "g")
    #expect(diff.request == "GET /d?op=GETSNAPSHOTDIFF&oldsnapshotname=s1&snapshotname=s2")
    let page = try await asking(
      """
      {"SnapshotDiffReportListing":{"createList":[],"deleteList":[],"isFromEarlier":true,"lastIndex":-1,
      "lastPath":"","modifyList":[{"dirId":16385,"fileId":16385,"isReference":false,"sourcePath":"","targetPath":""}]}}
      """
    ) { try await $0.snapshotDiffPage("/d", from: "s1", to: "s2") }
    #expect(page.value.isLast && page.value.modifyList.first?.fileId == 16_385)
    let list = try await asking("{\"SnapshotList\":[{\"dirStatus\":\(entry),\"snapshotID\":3}]}") {
      try await $0.snapshots("/d")
    }
    #expect(list.value.first?.snapshotID == 3 && list.request == "GET /d?op=GETSNAPSHOTLIST")
    let directories = try await asking(
      """
      {"SnapshottableDirectoryList":[{"dirStatus":\(entry),"parentFullPath":"/","snapshotNumber":1,
      "snapshotQuota":65536}]}
      """
    ) { try await $0.snapshottableDirectories() }
    #expect(directories.value.first?.snapshotQuota == 65_536)
    let allow = try await asking("") { try await $0.allowSnapshots("/d") }
    #expect(allow.request == "PUT /d?op=ALLOWSNAPSHOT")
    let disallow = try await asking("") { try await $0.disallowSnapshots("/d") }
    #expect(disallow.request == "PUT /d?op=DISALLOWSNAPSHOT")
    let create = try await asking(#"{"Path":"/d/.snapshot/s"}"#) { try await $0.createSnapshot("/d", "s") }
    #expect(create.value == "/d/.snapshot/s" && create.request == "PUT /d?op=CREATESNAPSHOT&snapshotname=s")
  }

  @Test func accessControlLists() async throws {
    let status = try await asking(
      #"{"AclStatus":{"entries":["user:ann:rw-","group::r-x"],"group":"g","owner":"o","stickyBit":false}}"#
    ) { try await $0.aclStatus("/f") }
    #expect(status.value.entries.count == 2 && status.request == "GET /f?op=GETACLSTATUS")
    let set = try await asking("") { try await $0.setACL("/f", ["user::rw-", "other::---"]) }
    #expect(set.request == "PUT /f?op=SETACL&aclspec=user%3A%3Arw-%2Cother%3A%3A---")
  }

  @Test func tokens() async throws {
    let token = try await asking(#"{"Token":{"urlString":"SECRET"}}"#) { try await $0.delegationToken(renewer: "ann") }
    #expect(token.value.secret == "SECRET" && token.request == "GET /?op=GETDELEGATIONTOKEN&renewer=ann")
    #expect("\(token.value)" == "a delegation token" && String(reflecting: token.value) == "a delegation token")
    let renewed = try await asking(#"{"long":1320962673997}"#) { try await $0.renew(DelegationToken("S")) }
    #expect(renewed.value == 1_320_962_673_997 && renewed.request == "PUT /?op=RENEWDELEGATIONTOKEN&token=S")
    let cancelled = try await asking("") { try await $0.cancel(DelegationToken("S")) }
    #expect(cancelled.request == "PUT /?op=CANCELDELEGATIONTOKEN&token=S")
  }
}
