/// Operations on quotas, snapshots, storage policies and erasure coding: mostly for administrators.
extension WebHDFSClient {
  /// Counts, lengths and quotas of a tree. GETCONTENTSUMMARY, since Hadoop 0.20.205.
  public func contentSummary(_ path: String) async throws(WebHDFSError) -> HDFSContentSummary {
    try await answer(.getContentSummary, path) { Answer.value(HDFSContentSummary.self, "ContentSummary", $0) }
  }

  /// Quotas of a directory and how much of them is used. GETQUOTAUSAGE, since Hadoop 2.10 and 3.1.3.
  public func quotaUsage(_ path: String) async throws(WebHDFSError) -> HDFSQuotaUsage {
    try await answer(.getQuotaUsage, path) { Answer.value(HDFSQuotaUsage.self, "QuotaUsage", $0) }
  }

  /// Sets quotas of a directory; -1 takes one away, `nil` leaves it alone. SETQUOTA, since Hadoop 3.2.2.
  public func setQuota(_ path: String, names: Int64? = nil, space: Int64? = nil) async throws(WebHDFSError) {
    var parameters: [Parameter] = []
    if let names { parameters.append(("namespacequota", String(names))) }
    if let space { parameters.append(("storagespacequota", String(space))) }
    try await order(.setQuota, path, parameters)
  }

  /// Sets the quota of a directory for one kind of storage, such as `SSD`. SETQUOTABYSTORAGETYPE, since Hadoop 3.2.2.
  public func setQuota(_ path: String, storageType: String, space: Int64) async throws(WebHDFSError) {
    try await order(
      .setQuotaByStorageType, path, [("storagetype", storageType), ("storagespacequota", String(space))])
  }

  /// How much the file system holds and can hold. GETSTATUS, since Hadoop 3.4.
  public func capacity(_ path: String = "/") async throws(WebHDFSError) -> HDFSCapacity {
    try await answer(.getStatus, path) { Answer.value(HDFSCapacity.self, "FsStatus", $0) }
  }

  /// How files are made that ask for nothing else. GETSERVERDEFAULTS, since Hadoop 2.8.3.
  public func serverDefaults(_ path: String = "/") async throws(WebHDFSError) -> HDFSServerDefaults {
    try await answer(.getServerDefaults, path) { Answer.value(HDFSServerDefaults.self, "FsServerDefaults", $0) }
  }

  // MARK: Storage policies

  /// The storage policies of the cluster. GETALLSTORAGEPOLICY, since Hadoop 2.8.
  public func storagePolicies() async throws(WebHDFSError) -> [HDFSStoragePolicy] {
    struct List: Decodable { var BlockStoragePolicy: [HDFSStoragePolicy] }
    return try await answer(.getAllStoragePolicy, "/") {
      Answer.value(List.self, "BlockStoragePolicies", $0)?.BlockStoragePolicy
    }
  }

  /// The storage policy of a path. GETSTORAGEPOLICY, since Hadoop 2.8.
  public func storagePolicy(_ path: String) async throws(WebHDFSError) -> HDFSStoragePolicy {
    try await answer(.getStoragePolicy, path) { Answer.value(HDFSStoragePolicy.self, "BlockStoragePolicy", $0) }
  }

  /// Sets the storage policy of a path by name. SETSTORAGEPOLICY, since Hadoop 2.8.
  public func setStoragePolicy(_ path: String, _ name: String) async throws(WebHDFSError) {
    try await order(.setStoragePolicy, path, [("storagepolicy", name)])
  }

  /// Takes a path's own storage policy away. UNSETSTORAGEPOLICY, since Hadoop 2.8.
  public func unsetStoragePolicy(_ path: String) async throws(WebHDFSError) {
    try await order(.unsetStoragePolicy, path)
  }

  /// Has the server move blocks to where the storage policy wants them. SATISFYSTORAGEPOLICY, since Hadoop 3.3.
  public func satisfyStoragePolicy(_ path: String) async throws(WebHDFSError) {
    try await order(.satisfyStoragePolicy, path)
  }

  // MARK: Erasure coding

  /// The erasure coding policy of a path. GETECPOLICY, since Hadoop 3.1.4.
  public func erasureCodingPolicy(_ path: String) async throws(WebHDFSError) -> HDFSErasureCodingPolicy {
    try await answer(.getECPolicy, path) { Answer.bare(HDFSErasureCodingPolicy.self, $0) }
  }

  /// The erasure coding policies of the cluster. GETECPOLICIES, since Hadoop 3.4.
  public func erasureCodingPolicies() async throws(WebHDFSError) -> [HDFSErasureCodingPolicyState] {
    struct List: Decodable { var ErasureCodingPolicyInfo: [HDFSErasureCodingPolicyState] }
    return try await answer(.getECPolicies, "/") {
      Answer.value(List.self, "ErasureCodingPolicies", $0)?.ErasureCodingPolicyInfo
    }
  }

  /// The codecs of erasure coding and their coders in order, by name. GETECCODECS, since Hadoop 3.4.
  public func erasureCodingCodecs() async throws(WebHDFSError) -> [String: String] {
    try await answer(.getECCodecs, "/") { Answer.value([String: String].self, "ErasureCodingCodecs", $0) }
  }

  /// Lets the cluster use a policy. ENABLEECPOLICY, since Hadoop 3.1.4.
  public func enableErasureCodingPolicy(_ name: String) async throws(WebHDFSError) {
    try await order(.enableECPolicy, "/", [("ecpolicy", name)])
  }

  /// Lets no new file use a policy. DISABLEECPOLICY, since Hadoop 3.1.4.
  public func disableErasureCodingPolicy(_ name: String) async throws(WebHDFSError) {
    try await order(.disableECPolicy, "/", [("ecpolicy", name)])
  }

  /// Sets the policy of a directory for new files in it. SETECPOLICY, since Hadoop 3.1.4.
  public func setErasureCodingPolicy(_ path: String, _ name: String) async throws(WebHDFSError) {
    try await order(.setECPolicy, path, [("ecpolicy", name)])
  }

  /// Takes a directory's own policy away. UNSETECPOLICY, since Hadoop 3.1.4.
  public func unsetErasureCodingPolicy(_ path: String) async throws(WebHDFSError) {
    try await order(.unsetECPolicy, path)
  }
}
