/// Operations on properties of files and directories: the NameNode alone answers.
extension WebHDFSClient {
  /// Sets Unix permission bits, 0 to 0o1777. SETPERMISSION, since Hadoop 0.20.205.
  public func setPermission(_ path: String, _ permission: Int) async throws(WebHDFSError) {
    try await order(.setPermission, path, permissionParameter(permission))
  }

  /// Sets owner, group, or both. SETOWNER, since Hadoop 0.20.205.
  public func setOwner(_ path: String, owner: String? = nil, group: String? = nil) async throws(WebHDFSError) {
    var parameters: [Parameter] = []
    if let owner { parameters.append(("owner", owner)) }
    if let group { parameters.append(("group", group)) }
    try await order(.setOwner, path, parameters)
  }

  /// Sets times in milliseconds since 1970-01-01 UTC; `nil` leaves one alone. SETTIMES, since Hadoop 0.20.205.
  public func setTimes(_ path: String, modified: Int64? = nil, accessed: Int64? = nil) async throws(WebHDFSError) {
    // The server's own sign for "leave it" is -1.
    try await order(
      .setTimes, path, [("modificationtime", String(modified ?? -1)), ("accesstime", String(accessed ?? -1))])
  }

  /// Sets how many copies of its blocks a file has; the server makes them later. SETREPLICATION, since Hadoop 0.20.205.
  ///
  /// - Returns: False for a directory, which has no copies.
  @discardableResult
  public func setReplication(_ path: String, _ replication: Int) async throws(WebHDFSError) -> Bool {
    try await answer(.setReplication, path, [("replication", String(replication))], Answer.boolean)
  }

  /// Whether this user may do that. CHECKACCESS, since Hadoop 2.6.
  public func checkAccess(_ path: String, _ access: HDFSAccess) async throws(WebHDFSError) -> Bool {
    do throws(WebHDFSError) {
      try await order(.checkAccess, path, [("fsaction", access.symbol)])
      return true
    } catch {
      if error.kind == .permissionDenied { return false }
      throw error
    }
  }

  // MARK: Access control entries

  /// Who may do what beside the permission bits. GETACLSTATUS, since Hadoop 2.4.
  public func aclStatus(_ path: String) async throws(WebHDFSError) -> HDFSACLStatus {
    try await answer(.getACLStatus, path) { Answer.value(HDFSACLStatus.self, "AclStatus", $0) }
  }

  /// Replaces all entries, such as `user::rw-`, `user:ann:r--`, `group::r--`, `other::---`. SETACL, since Hadoop 2.4.
  public func setACL(_ path: String, _ entries: [String]) async throws(WebHDFSError) {
    try await order(.setACL, path, [("aclspec", entries.joined(separator: ","))])
  }

  /// Adds entries, or replaces those of the same names. MODIFYACLENTRIES, since Hadoop 2.4.
  public func modifyACL(_ path: String, _ entries: [String]) async throws(WebHDFSError) {
    try await order(.modifyACLEntries, path, [("aclspec", entries.joined(separator: ","))])
  }

  /// Removes entries, given without their permissions: `user:ann`. REMOVEACLENTRIES, since Hadoop 2.4.
  public func removeACLEntries(_ path: String, _ entries: [String]) async throws(WebHDFSError) {
    // Old servers want the colon behind which a permission would stand.
    let closed = entries.map { (entry) in
      let parts = entry.split(separator: ":", omittingEmptySubsequences: false).drop { $0 == "default" }
      return parts.count == 2 ? "\(entry):" : entry
    }
    try await order(.removeACLEntries, path, [("aclspec", closed.joined(separator: ","))])
  }

  /// Removes the entries that new files in a directory inherit. REMOVEDEFAULTACL, since Hadoop 2.4.
  public func removeDefaultACL(_ path: String) async throws(WebHDFSError) {
    try await order(.removeDefaultACL, path)
  }

  /// Removes all entries, so that the permission bits alone count. REMOVEACL, since Hadoop 2.4.
  public func removeACL(_ path: String) async throws(WebHDFSError) {
    try await order(.removeACL, path)
  }

  // MARK: Extended attributes

  /// The values of extended attributes, all that may be read when no names are given. GETXATTRS, since Hadoop 2.5.
  ///
  /// - Parameter names: Names with their namespace, such as `user.origin`.
  /// - Returns: The values as the server writes them in `encoding`; `nil` for an attribute without a value.
  public func attributes(
    _ path: String, _ names: [String] = [], encoding: HDFSXAttrEncoding = .text
  ) async throws(WebHDFSError) -> [String: String?] {
    struct Attribute: Decodable {
      var name: String
      var value: String?
    }
    let parameters = names.map { ("xattr.name", $0) } + [("encoding", encoding.rawValue)]
    let list = try await answer(.getXAttrs, path, parameters) { Answer.value([Attribute].self, "XAttrs", $0) }
    return Dictionary(list.map { ($0.name, $0.value) }) { $1 }
  }

  /// The names of the extended attributes that may be read. LISTXATTRS, since Hadoop 2.5.
  public func attributeNames(_ path: String) async throws(WebHDFSError) -> [String] {
    try await answer(.listXAttrs, path, [], Answer.attributeNames)
  }

  /// Sets an extended attribute. SETXATTR, since Hadoop 2.5.
  ///
  /// - Parameters:
  ///   - value: The value as the server reads it: text in double quotes, `0x` with hexadecimal digits, or `0s` with
  ///     base64.
  ///   - isNew: Whether the attribute must be new. Then the request is sent once only.
  public func setAttribute(
    _ path: String, _ name: String, _ value: String, isNew: Bool
  ) async throws(WebHDFSError) {
    try await order(
      .setXAttr, path, [("xattr.name", name), ("xattr.value", value), ("flag", isNew ? "CREATE" : "REPLACE")],
      isReplaySafe: !isNew)
  }

  /// Removes an extended attribute. REMOVEXATTR, since Hadoop 2.5.
  public func removeAttribute(_ path: String, _ name: String) async throws(WebHDFSError) {
    try await order(.removeXAttr, path, [("xattr.name", name)])
  }
}
