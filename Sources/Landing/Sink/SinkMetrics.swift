import CoreMetrics
import Glibc

/// What a sink tells of itself as metrics, by swift-metrics: whoever bootstraps that decides where they go.
///
/// Confined to the consumer's thread, but for its making.
struct SinkMetrics {
  private struct PartitionGauges {
    let lagRecords: Gauge
    let lagSeconds: Gauge
    let states: [(mode: PartitionMode, gauge: Gauge)]
  }

  private let topic: String
  private let factory: any MetricsFactory
  private let records: Counter
  private let bytes: Counter
  private let files: Counter
  private let batches: Counter
  private let spooled: Counter
  private let commitSeconds: Recorder
  private let inDoubt: Gauge
  private let spoolFiles: Gauge
  private let spoolBytes: Gauge
  private let buffered: Gauge
  private let memory: Gauge
  private var letters: [String: (counter: Counter, told: Int)] = [:]
  private var partitions: [Int32: PartitionGauges] = [:]
  private var nextUpdate = Moment.now

  /// - Parameter factory: where the metrics go; by default where swift-metrics was told.
  init(topic: String, factory: any MetricsFactory = MetricsSystem.factory) {
    self.topic = topic
    self.factory = factory
    let labels = [("topic", topic)]
    records = Counter(label: "vitals_sink_records_total", dimensions: labels, factory: factory)
    bytes = Counter(label: "vitals_sink_file_bytes_total", dimensions: labels, factory: factory)
    files = Counter(label: "vitals_sink_files_total", dimensions: labels, factory: factory)
    batches = Counter(label: "vitals_sink_batches_total", dimensions: labels, factory: factory)
    spooled = Counter(label: "vitals_sink_spooled_records_total", dimensions: labels, factory: factory)
    commitSeconds = Recorder(
      label: "vitals_sink_commit_seconds", dimensions: labels, aggregate: true, factory: factory)
    inDoubt = Gauge(label: "vitals_sink_commits_in_doubt", dimensions: labels, factory: factory)
    spoolFiles = Gauge(label: "vitals_sink_spool_files", dimensions: labels, factory: factory)
    spoolBytes = Gauge(label: "vitals_sink_spool_bytes", dimensions: labels, factory: factory)
    buffered = Gauge(label: "vitals_sink_buffered_records", dimensions: labels, factory: factory)
    memory = Gauge(label: "vitals_sink_resident_bytes", factory: factory)
    for counter in [records, bytes, files, batches, spooled] { counter.increment(by: 0) }
  }

  /// Counts a batch that came to its end.
  func count(_ receipt: LandingReceipt, time: Duration) {
    records.increment(by: receipt.rows)
    files.increment(by: receipt.files)
    bytes.increment(by: receipt.bytes)
    if receipt.version != nil { batches.increment() }
    if receipt.isSpooled { spooled.increment(by: receipt.rows) } else { commitSeconds.record(time / .seconds(1)) }
  }

  /// Tells the state of things, once a second at most.
  mutating func update(_ look: Look) {
    for (reason, count) in look.deadLetters {
      let known =
        letters[reason]
        ?? (
          Counter(
            label: "vitals_sink_dead_letters_total", dimensions: [("topic", topic), ("reason", reason)],
            factory: factory), 0
        )
      if count > known.told { known.counter.increment(by: count - known.told) }
      letters[reason] = (known.counter, count)
    }
    inDoubt.record(look.isInDoubt ? 1 : 0)
    spoolFiles.record(look.spoolFiles)
    spoolBytes.record(look.spoolBytes)
    buffered.record(look.bufferedRecords)
    if let bytes = ResidentMemory.bytes() { memory.record(bytes) }
    for partition in look.partitions { update(partition) }
    // A partition that went to another sink is no longer ours to tell of.
    let owned = Set(look.partitions.map(\.number))
    for (number, gauges) in partitions where !owned.contains(number) {
      for (_, gauge) in gauges.states { gauge.record(0) }
      gauges.lagRecords.record(0)
      gauges.lagSeconds.record(0)
    }
  }

  /// Whether it is time for an update; the next is due a second later.
  mutating func isDue(now: Moment) -> Bool {
    guard now >= nextUpdate else { return false }
    nextUpdate = now + .seconds(1)
    return true
  }

  private mutating func update(_ partition: Look.Partition) {
    let gauges = partitions[partition.number] ?? makeGauges(partition.number)
    partitions[partition.number] = gauges
    gauges.lagRecords.record(partition.lagRecords)
    gauges.lagSeconds.record(partition.lagSeconds)
    for (mode, gauge) in gauges.states { gauge.record(mode == partition.mode ? 1 : 0) }
  }

  private func makeGauges(_ number: Int32) -> PartitionGauges {
    let labels = [("topic", topic), ("partition", "\(number)")]
    return PartitionGauges(
      lagRecords: Gauge(label: "vitals_sink_lag_records", dimensions: labels, factory: factory),
      lagSeconds: Gauge(label: "vitals_sink_lag_seconds", dimensions: labels, factory: factory),
      states: PartitionMode.allCases.map {
        (
          $0,
          Gauge(label: "vitals_sink_partition_state", dimensions: labels + [("state", $0.rawValue)], factory: factory)
        )
      })
  }

  /// What the consumer's thread sees when it looks around.
  struct Look {
    struct Partition {
      var number: Int32
      var mode: PartitionMode
      /// Records between what was read and the topic's end.
      var lagRecords: Int64
      /// Age of the last record that was read, while there are more; else 0.
      var lagSeconds: Double
    }

    var partitions: [Partition] = []
    var deadLetters: [String: Int] = [:]
    var isInDoubt = false
    var spoolFiles = 0
    var spoolBytes: Int64 = 0
    var bufferedRecords = 0
  }
}

/// The memory that the process takes.
enum ResidentMemory {
  /// Bytes by `/proc/self/statm`, whose second number counts pages; `nil` where there is no such file.
  static func bytes() -> Int64? {
    guard let file = unsafe fopen("/proc/self/statm", "r") else { return nil }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard unsafe fgets(&line, 128, file) != nil else { return nil }
    let words = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.split(separator: UInt8(ascii: " "))
    guard words.count > 1, let pages = Int64(String(decoding: words[1], as: UTF8.self)) else { return nil }
    return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
