/// The settings that more than one command reads: the variable, the default, and what `--help` says of both.
public struct Setting: Sendable, Hashable {
  /// The environment variable.
  public let name: String
  /// What holds when it is set nowhere; empty where there is no default.
  public let fallback: String

  /// The end of a help line: `(KAFKA_TOPIC; default: vitals)`.
  public var help: String {
    fallback.isEmpty ? "(\(name))" : "(\(name); default: \(fallback))"
  }

  /// The Kafka brokers to ask first, as `host:port,…`.
  public static let bootstrapServers = Setting(name: "KAFKA_BOOTSTRAP_SERVERS", fallback: "localhost:9092")
  /// The Kafka topic of the readings.
  public static let topic = Setting(name: "KAFKA_TOPIC", fallback: "vitals")
  /// The addresses of the schema registry, separated by commas.
  public static let schemaRegistry = Setting(name: "SCHEMA_REGISTRY_URL", fallback: "")
  /// The user that the schema registry is told.
  public static let schemaRegistryUser = Setting(name: "SCHEMA_REGISTRY_USER", fallback: "")
  /// The user's password for the schema registry.
  public static let schemaRegistryPassword = Setting(name: "SCHEMA_REGISTRY_PASSWORD", fallback: "")
  /// A file whose first line is that password.
  public static let schemaRegistryPasswordFile = Setting(name: "SCHEMA_REGISTRY_PASSWORD_FILE", fallback: "")
  /// A file of certificates that the schema registry's one must follow from.
  public static let schemaRegistryCAFile = Setting(name: "SCHEMA_REGISTRY_CA_FILE", fallback: "")
  /// The WebHDFS address of the NameNode, or several, separated by commas.
  public static let hdfsURL = Setting(name: "HDFS_URL", fallback: "http://localhost:9870")
  /// The user that HDFS is told.
  public static let hdfsUser = Setting(name: "HDFS_USER", fallback: "root")
  /// The directory of the table on HDFS.
  public static let hdfsDirectory = Setting(name: "HDFS_DIR", fallback: "/data/vitals/")
  /// How many records make a flush.
  public static let batchSize = Setting(name: "BATCH_SIZE", fallback: "50000")
  /// How many seconds make a flush.
  public static let flushSeconds = Setting(name: "BATCH_FLUSH_SECS", fallback: "5")
  /// The directory of the trained model.
  public static let modelPath = Setting(name: "MODEL_PATH", fallback: "models")
  /// A file with a delegation token for WebHDFS.
  public static let hdfsTokenFile = Setting(name: "HDFS_TOKEN_FILE", fallback: "")
  /// The user to act for on HDFS.
  public static let hdfsDoAs = Setting(name: "HDFS_DOAS", fallback: "")
  /// A file of certificates that WebHDFS over TLS trusts.
  public static let hdfsCAFile = Setting(name: "HDFS_CA_FILE", fallback: "")
  /// The client's certificate for WebHDFS over TLS.
  public static let hdfsClientCertificate = Setting(name: "HDFS_CLIENT_CERT", fallback: "")
  /// The client's private key for WebHDFS over TLS.
  public static let hdfsClientKey = Setting(name: "HDFS_CLIENT_KEY", fallback: "")
  /// How HDFS is shown who asks: `simple` or `kerberos`.
  public static let hdfsAuthentication = Setting(name: "HDFS_AUTH", fallback: "simple")
  /// The hosts that a NameNode may send us to, as `name,*.example.org,…`; any where it is not set.
  public static let hdfsRedirectHosts = Setting(name: "HDFS_REDIRECT_HOSTS", fallback: "")
  /// Addresses of DataNodes by name, as `name=address,…`.
  public static let hdfsHostMap = Setting(name: "HDFS_HOST_MAP", fallback: "")
}

extension Settings {
  /// The value of a common setting: flag, environment, `.env`, default.
  public func string(flag: String? = nil, _ setting: Setting) -> String {
    string(flag: flag, setting.name, default: setting.fallback)
  }

  /// The value of a common setting without a default, or `nil`.
  public func optional(flag: String? = nil, _ setting: Setting) -> String? {
    string(flag: flag, setting.name)
  }

  /// How many records make a flush.
  public func batchSize(flag: Int? = nil) throws(CommandError) -> Int {
    try int(flag: flag, Setting.batchSize.name, default: 50_000, in: 1...100_000_000)
  }

  /// How many seconds make a flush.
  public func flushSeconds(flag: Double? = nil) throws(CommandError) -> Double {
    try double(flag: flag, Setting.flushSeconds.name, default: 5, in: 0.01...86_400)
  }
}
