// swift-tools-version:6.3
import PackageDescription

// Upcoming language rules that every target follows.
let language: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

// Targets whose duty is not raw memory also fail to build on an unmarked unsafe use.
let safe: [SwiftSetting] =
  language + [.strictMemorySafety(), .treatWarning("StrictMemorySafety", as: .error)]

/// A C library found by pkg-config and installed by apt.
func cLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A library of this package together with its test target.
func library(
  _ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = safe,
  testing: [Target.Dependency] = [], testData: [String] = []
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies + testing, exclude: testData,
      swiftSettings: language),
  ]
}

/// A command: one thin `Command.swift` each.
func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + [argumentParser, "CommandSupport"], swiftSettings: safe)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

var targets: [Target] = []

// Floor 1: hot loops; names of C libraries.
targets += [
  cLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
  .systemLibrary(name: "CSnappy", path: "Sources/CSnappy", providers: [.apt(["libsnappy-dev"])]),
  .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),
  cLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
  cLibrary("CLZ4", pkgConfig: "liblz4", apt: "liblz4-dev"),
  cLibrary("CBrotli", pkgConfig: "libbrotlidec", apt: "libbrotli-dev"),
  cLibrary("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
  cLibrary("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
]
targets += library("Kernels", [], settings: language)
targets += library("JSON", [])

// Floor 2: columns; codecs; file stores.
targets += library("Columnar", ["Kernels"])
targets += library("Compression", ["Kernels", "CZstd", "CSnappy", "CZlib", "CLZ4", "CBrotli"], settings: language)
targets += library("Storage", ["CMalloc"])
// Whoever asks a server now and then goes through it; its users' tests are its own.
targets.append(.target(name: "EasyCurl", dependencies: ["CCurl"], swiftSettings: language))

// Floor 3: formats and protocols.
targets += library(
  "Parquet", ["Columnar", "Kernels", "Compression", "Storage"], testData: ["CorpusVerdicts.tsv"])
targets += library("WebHDFS", ["Storage", "Kernels", "CCurl", crypto], settings: language)
targets += library("Kafka", ["CRdKafka"], settings: language)
targets += library("Avro", [], testing: ["Kernels"])
targets += library("SchemaRegistry", ["EasyCurl"], settings: language)
targets += library("Forest", ["Kernels"])

// Floor 4: the table; the domain.
targets += library("Delta", ["Parquet", "Storage", "Columnar", "JSON"], testData: ["Golden"])
targets += library("Vitals", ["Columnar", "Avro"])
targets += library("Telemetry", [metrics])

// Floor 5: what the product does; what commands share.
targets += library(
  "CommandSupport",
  [
    "Storage", "WebHDFS", "SchemaRegistry", "Delta", "Parquet", "Columnar", argumentParser, logging, configuration,
    unixSignals,
  ])
targets += library(
  "Landing",
  [
    "Kafka", "Delta", "Parquet", "Columnar", "Vitals", "Avro", "SchemaRegistry", "Storage", "Kernels", "Telemetry",
    logging, metrics,
  ])
targets += library("Simulator", ["Vitals", "Avro", "Kernels"])
targets += library("Features", ["Forest", "Vitals", "Columnar"], testing: ["Simulator"])
// What the servers share; tested through them.
targets.append(
  .target(
    name: "Serving", dependencies: ["Telemetry", crypto, hummingbird, hummingbirdCore, nioSSL, logging, metrics],
    swiftSettings: safe))
targets += library("Query", ["Delta", "Parquet", "Columnar", "Kernels", "Storage"])

// Floor 6: what people meet.
targets += library(
  "Maintenance", ["Landing", "Telemetry", "Query", "Delta", "Parquet", "Columnar", "Kernels", "Storage", metrics])
targets += library(
  "ModelAPI",
  [
    "Serving", "Forest", "JSON", "Kernels", "Telemetry", "Delta", "Columnar", "Storage", crypto, hummingbird, logging,
    metrics,
  ], testing: [nioEmbedded])
targets += [
  // Style sheet and scripts lie beside the sources and become part of the program.
  .target(
    name: "Dashboard",
    dependencies: [
      "Serving", "Features", "Forest", "Vitals", "Delta", "Parquet", "Columnar", "Storage", "JSON", "Telemetry",
      "EasyCurl", crypto, hummingbird, logging, metrics,
    ],
    resources: [.embedInCode("Assets")], swiftSettings: safe),
  .testTarget(
    name: "DashboardTests",
    dependencies: [
      "Dashboard", "Serving", "Features", "Forest", "Vitals", "Delta", "Parquet", "Columnar", "Storage", "JSON",
      logging,
    ],
    swiftSettings: language),
]

// Floor 7: the commands.
targets += [
  command(
    "vitals-producer",
    ["Simulator", "Kafka", "Avro", "SchemaRegistry", "Vitals", "Delta", "Parquet", "Storage", "Columnar", logging]),
  command(
    "vitals-sink",
    ["Landing", "Telemetry", "Kafka", "Avro", "SchemaRegistry", "Delta", "Vitals", "Storage", logging, metrics]),
  command("hdfs-sync", ["Landing", "Delta", "Storage", logging]),
  command("hdfs-fs", ["WebHDFS", "Storage", logging]),
  command("pq-cat", ["Parquet", "Delta", "Columnar", "Storage", "Kernels", logging]),
  command("pq-query", ["Query", "Columnar", "Storage", "WebHDFS", logging]),
  command(
    "pq-compact", ["Maintenance", "Landing", "Telemetry", "Delta", "Columnar", "Storage", logging, metrics]),
  command("vitals-train", ["Forest", "Features", "Query", "Columnar", "Kernels"]),
  command("vitals-serve", ["ModelAPI", "Serving", logging]),
  command("vitals-dashboard", ["Dashboard", "Serving", "Storage", logging]),
  command("kafka-dev-broker", ["Kafka", logging]),
]

// What the benchmarks hold the product against.
targets.append(
  .executableTarget(
    name: "forest-bench", dependencies: ["Forest", argumentParser], path: "Benchmarks/forest-bench",
    swiftSettings: safe))
targets.append(
  .executableTarget(
    name: "sink-consumer", dependencies: ["Kafka", argumentParser], path: "Benchmarks/sink-consumer",
    swiftSettings: safe))
targets.append(
  .executableTarget(
    name: "webhdfs-libcurl", dependencies: ["CCurl", argumentParser], path: "Benchmarks/webhdfs-libcurl",
    swiftSettings: safe))
targets.append(
  .executableTarget(
    name: "parquet-bench", dependencies: ["Parquet", "Columnar", "Storage", "Kernels", argumentParser],
    path: "Benchmarks/parquet-bench", swiftSettings: safe))

targets.append(
  .executableTarget(
    name: "query-bench", dependencies: ["Query", "Columnar", "Delta", "Storage"], path: "Benchmarks/query-bench",
    swiftSettings: safe))

targets.append(
  .executableTarget(
    name: "delta-peer", dependencies: ["Delta", "Parquet", "Columnar", "Storage", argumentParser],
    path: "Benchmarks/delta-peer", swiftSettings: safe))

targets += [
  .executableTarget(
    name: "parquet-reads", dependencies: ["Parquet", "Storage", "Columnar", "Compression", argumentParser],
    path: "Benchmarks/parquet-reads", swiftSettings: safe),
  .target(name: "CParquetKernels", path: "Benchmarks/CParquetKernels"),
  .executableTarget(
    name: "parquet-kernels", dependencies: ["Parquet", "Kernels", "CParquetKernels", argumentParser],
    path: "Benchmarks/parquet-kernels", swiftSettings: language),
  // What feeds damaged files to the reader.
  .executableTarget(
    name: "parquet-fuzz", dependencies: ["Parquet", "Storage", "Columnar", "Kernels", argumentParser],
    path: "Benchmarks/parquet-fuzz", swiftSettings: safe),
]

// Tests of the whole, and the style of the code as a test.
targets += [
  .testTarget(
    name: "CommandTests", dependencies: ["CommandSupport"], exclude: ["Goldens"], swiftSettings: language),
  .testTarget(name: "TidyTests", swiftSettings: language),
]

let package = Package(
  name: "vitals-lake",
  products: [
    .library(name: "Parquet", targets: ["Parquet", "Columnar", "Storage"]),
    .library(name: "WebHDFS", targets: ["WebHDFS", "Storage"]),
    .library(name: "Delta", targets: ["Delta", "Columnar", "Storage"]),
    .library(name: "Query", targets: ["Query", "Columnar", "Storage"]),
    .library(name: "Forest", targets: ["Forest"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
  ],
  targets: targets,
  swiftLanguageModes: [.v6]
)
