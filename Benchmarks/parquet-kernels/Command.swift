import ArgumentParser
import CParquetKernels
import Kernels
import Parquet

/// Measures the hot loops of Parquet, each against a loop in C of the same algorithm, in one process and in turn.
@main
struct Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parquet-kernels", abstract: "Measure the kernels in GB/s of output against loops in C.")

  @Flag(help: "Print each result as a JSON object.")
  var json = false

  @Option(help: "Seconds for each kernel and each side.")
  var seconds = 0.4

  func run() throws {
    var cases = Cases()
    try cases.bitUnpacking()
    try cases.runs()
    try cases.deltas()
    try cases.dictionaries()
    try cases.streams()
    try cases.levels()
    for kernel in cases.all { report(kernel, kernel.measured(seconds: seconds)) }
  }

  private func report(_ kernel: Kernel, _ found: (ours: Double, theirs: Double)) {
    let ratio = found.ours / found.theirs
    if json {
      print(
        #"{"case":"\#(kernel.name)","ours":\#(found.ours),"rival":"C","theirs":\#(found.theirs),"unit":"GB/s","#
          + #""ratio":\#(ratio),"target":null,"met":true}"#)
    } else {
      let name = kernel.name + String(repeating: " ", count: max(0, 34 - kernel.name.count))
      print("\(name) ours \(short(found.ours))  C \(short(found.theirs)) GB/s  ratio \(short(ratio))")
    }
  }

  private func short(_ value: Double) -> String {
    let cents = Int((value * 100).rounded())
    let text = "\(cents / 100).\(cents % 100 / 10)\(cents % 10)"
    return String(repeating: " ", count: max(0, 6 - text.count)) + text
  }
}

/// One kernel on both sides.
struct Kernel {
  var name: String
  /// Bytes that one call puts out.
  var bytes: Int
  var ours: () -> Void
  var theirs: () -> Void

  /// Gigabytes a second, the best of many calls, both sides in turn.
  func measured(seconds: Double) -> (ours: Double, theirs: Double) {
    let clock = ContinuousClock()
    var best = (ours: Double.infinity, theirs: Double.infinity)
    let end = clock.now + .seconds(seconds * 2)
    while clock.now < end {
      for _ in 0..<8 {
        best.ours = min(best.ours, clock.measure(ours) / .seconds(1))
        best.theirs = min(best.theirs, clock.measure(theirs) / .seconds(1))
      }
    }
    return (Double(bytes) / best.ours / 1e9, Double(bytes) / best.theirs / 1e9)
  }
}

/// What a kernel gives that differs from what C gives.
struct Difference: Error, CustomStringConvertible {
  var name: String
  var description: String { "\(name): Swift and C differ" }
}
