public import SchemaRegistry

extension SchemaRegistryClient.Configuration {
  /// How to reach the schema registry, by a flag and the settings `SCHEMA_REGISTRY_URL`, `SCHEMA_REGISTRY_USER`,
  /// `SCHEMA_REGISTRY_PASSWORD` or `SCHEMA_REGISTRY_PASSWORD_FILE`, and `SCHEMA_REGISTRY_CA_FILE`.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` where none is named, or a setting cannot be read.
  public init(flag: String?, _ settings: Settings) throws(CommandError) {
    guard let urls = settings.optional(flag: flag, .schemaRegistry) else {
      throw CommandError(
        "no schema registry is named – give --schema-registry or set \(Setting.schemaRegistry.name)", exit: .usage)
    }
    do throws(SchemaRegistryError) { try self.init(urls: urls) } catch {
      throw CommandError("\(Setting.schemaRegistry.name): \(error)", exit: .usage)
    }
    user = settings.optional(.schemaRegistryUser)
    password = settings.optional(.schemaRegistryPassword)
    caFile = settings.optional(.schemaRegistryCAFile)
    if let path = settings.optional(.schemaRegistryPasswordFile) {
      guard password == nil else {
        throw CommandError(
          "\(Setting.schemaRegistryPassword.name) and \(Setting.schemaRegistryPasswordFile.name) are both set – unset "
            + "one", exit: .usage)
      }
      let text = String(decoding: try SmallFile.read(path), as: UTF8.self)
      password = String(text.prefix { $0 != "\n" && $0 != "\r" && $0 != "\r\n" })
    }
  }
}
