import Foundation
import Kafka
import Testing

private let program = ["/usr/bin/kcat", "/usr/local/bin/kcat"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}

/// The same broker seen by an independent client.
@Suite(.enabled(if: program != nil, "kcat is not installed"))
struct KcatTests {
  @Test func kcatReadsWhatWeWrite() throws {
    let bench = try Bench(partitions: 2)
    let producer = try bench.producer(["compression.codec": "zstd"])
    for partition: Int32 in 0..<2 {
      try producer.send(
        topic: "vitals", partition: partition, key: Array("P0000\(partition)".utf8),
        value: Array("{\"n\":\(partition)}".utf8),
        timestampMillis: 1_760_000_000_000, headers: [("source", Array("test".utf8))])
    }
    #expect(producer.flush(timeoutMillis: 10_000))
    let output = try kcat(
      ["-b", bench.cluster.bootstrapServers, "-C", "-t", "vitals", "-e", "-q", "-f", "%p %o %k %T %h %s\\n"])
    #expect(
      output.split(separator: "\n").sorted() == [
        "0 0 P00000 1760000000000 source=test {\"n\":0}", "1 0 P00001 1760000000000 source=test {\"n\":1}",
      ])
  }

  @Test func weReadWhatKcatWrites() throws {
    let bench = try Bench(partitions: 1)
    _ = try kcat(
      ["-b", bench.cluster.bootstrapServers, "-P", "-t", "vitals", "-p", "0", "-K", ":", "-z", "lz4"],
      input: "a:one\nb:two\n")
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0)])
    let harvest = try consumer.harvest { $0.messages.count == 2 }
    #expect(harvest.messages.map(\.text) == ["one", "two"])
  }

  private func kcat(_ arguments: [String], input: String = "") throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(program))
    process.arguments = arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (stdin, stdout)
    let end = try process.start()
    stdin.fileHandleForWriting.write(Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let output = stdout.fileHandleForReading.readDataToEndOfFile()
    end.wait()
    #expect(process.terminationStatus == 0)
    return String(decoding: output, as: UTF8.self)
  }
}
