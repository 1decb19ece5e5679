import Testing

/// The floors of the house: a target imports only what stands on a lower floor (see CONTRIBUTING.md).
private let floors: [String: Int] = [
  "Kernels": 1, "JSON": 1, "CMalloc": 1, "CZstd": 1, "CSnappy": 1, "CZlib": 1, "CLZ4": 1, "CBrotli": 1,
  "CCurl": 1, "CRdKafka": 1,
  "Columnar": 2, "Compression": 2, "Storage": 2, "EasyCurl": 2,
  "Parquet": 3, "WebHDFS": 3, "Kafka": 3, "Avro": 3, "SchemaRegistry": 3, "Forest": 3,
  "Delta": 4, "Vitals": 4, "Telemetry": 4,
  "CommandSupport": 5, "Landing": 5, "Query": 5, "Simulator": 5, "Features": 5,
  "Serving": 5,
  "Maintenance": 6, "ModelAPI": 6, "Dashboard": 6,
  "vitals-producer": 7, "vitals-sink": 7, "hdfs-sync": 7, "hdfs-fs": 7, "pq-cat": 7, "pq-query": 7, "pq-compact": 7,
  "vitals-train": 7, "vitals-serve": 7, "vitals-dashboard": 7, "kafka-dev-broker": 7,
  "sink-consumer": 7, "delta-peer": 7, "parquet-reads": 7, "parquet-fuzz": 7,
  "parquet-bench": 7, "query-bench": 7, "webhdfs-libcurl": 7, "parquet-kernels": 7, "forest-bench": 7,
  "CParquetKernels": 1,
]

/// The lowest floor that may import a module of another package.
private let lowestFloorOf: [String: Int] = [
  "Crypto": 3, "ArgumentParser": 5, "Logging": 5, "Configuration": 5, "UnixSignals": 5, "CoreMetrics": 4,
  "Hummingbird": 5, "HummingbirdCore": 5, "HTTPTypes": 5, "NIOCore": 5, "NIOEmbedded": 5, "NIOHTTP1": 5,
  "NIOPosix": 5, "NIOSSL": 5, "ServiceLifecycle": 5,
]

/// Modules that come with the toolchain.
private let toolchain: Set = [
  "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization", "Dispatch", "Swift", "_Concurrency",
]

/// Targets whose code runs per value: they do without Foundation.
private let withoutFoundation: Set = ["Kernels", "Columnar", "Parquet"]

/// The modules that a file imports, with the line of each import.
private func imports(of file: TextFile) -> [(module: String, line: Int)] {
  file.code.enumerated().compactMap { index, code in
    let words = code.split(whereSeparator: { $0 == " " || $0 == "." }).map(String.init)
    guard let keyword = words.firstIndex(of: "import"),
      words[..<keyword].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains($0) })
    else { return nil }
    let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let module = words[(keyword + 1)...].first { !kinds.contains($0) }
    return module.map { ($0, index + 1) }
  }
}

private let accessLevels: Set = ["public", "package", "internal", "fileprivate", "private"]

private func layeringFindings(in file: TextFile) -> [Finding] {
  guard let own = floors[file.target] else {
    return [Finding(path: file.path, line: 1, message: "the target \(file.target) has no floor in LayeringTests.swift")]
  }
  return imports(of: file).compactMap { module, line in
    if toolchain.contains(module) { return nil }
    guard let allowed = floors[module].map({ $0 + 1 }) ?? lowestFloorOf[module] else {
      return Finding(path: file.path, line: line, message: "the module \(module) has no floor in LayeringTests.swift")
    }
    if own >= allowed { return nil }
    let message =
      "\(file.target) is on floor \(own) and may not import \(module): that needs floor \(allowed) or higher"
    return Finding(path: file.path, line: line, message: message)
  }
}

private func foundationFindings(in file: TextFile) -> [Finding] {
  guard withoutFoundation.contains(file.target) else { return [] }
  return imports(of: file).filter { $0.module.hasPrefix("Foundation") }
    .map { Finding(path: file.path, line: $0.line, message: "\(file.target) does without \($0.module)") }
}

@Suite("Layers")
struct LayeringTests {
  @Test("every import points to a lower floor", arguments: Checkout.sources)
  func layers(file: TextFile) {
    expectNone(layeringFindings(in: file))
  }

  @Test("no Foundation on the hot floors", arguments: Checkout.sources)
  func foundation(file: TextFile) {
    expectNone(foundationFindings(in: file))
  }

  @Test("every target of the package stands in the table of floors")
  func everyTargetHasAFloor() {
    let targets = Set(
      (Checkout.files(under: "Sources") + Checkout.files(under: "Benchmarks")).map { path in
        TextFile(path: path, text: "").target
      })
    #expect(targets.subtracting(floors.keys).sorted() == [])
  }

  @Test("an upward import, an unknown module and Foundation are found")
  func offenders() {
    let text = """
      public import Columnar
      // import Delta
      @preconcurrency package import struct Delta.Snapshot
      import Somewhere
      import FoundationEssentials
      """
    let file = TextFile(path: "Sources/Parquet/Sample.swift", text: text)
    #expect(layeringFindings(in: file).map(\.line) == [3, 4])
    #expect(foundationFindings(in: file).map(\.line) == [5])
    #expect(layeringFindings(in: TextFile(path: "Sources/Attic/A.swift", text: "")).map(\.line) == [1])
  }
}
