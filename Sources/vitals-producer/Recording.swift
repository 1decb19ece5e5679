import CommandSupport
import Parquet
import Simulator
import Storage
import Vitals

/// Recorded files, CSV or Parquet, read in turn.
struct Recording: Sendable {
  let files: [InputFile]
  let rules: ReplayRules

  /// The earliest and the latest time in it; reads all of it, so that a fault shows before anything is sent.
  ///
  /// - Throws: also where no row holds a vital.
  func span() async throws -> ClosedRange<Int64> {
    var cursor = RecordingCursor(self)
    var (first, last) = (Int64.max, Int64.min)
    while let batch = try await cursor.nextBatch() {
      for reading in batch {
        first = min(first, reading.eventTimeMillis)
        last = max(last, reading.eventTimeMillis)
      }
    }
    guard first <= last else {
      throw CommandError("\(files.first?.name ?? "the recording"): no row holds a vital", exit: .dataError)
    }
    return first...last
  }
}

/// A place in a recording.
struct RecordingCursor: Sendable {
  /// Rows passed over because they held no vital.
  private(set) var skipped = 0
  private let recording: Recording
  private var nextFile = 0
  private var current: OpenFile?

  private enum OpenFile {
    case csv(CSVCursor)
    case parquet(ParquetCursor)
  }

  /// At the beginning.
  init(_ recording: Recording) { self.recording = recording }

  /// The next readings, with the times of the recording; nil at the end.
  mutating func nextBatch() async throws -> [Reading]? {
    while true {
      let name = nextFile == 0 ? "" : recording.files[nextFile - 1].name
      do {
        if let batch = try await readOn() { return batch }
      } catch let error as ReplayError {
        throw CommandError("\(name): \(error)", exit: .dataError)
      }
      guard nextFile < recording.files.count else { return nil }
      let source = try await recording.files[nextFile].open()
      nextFile += 1
      let magic = try await source.read(0..<min(4, source.size))
      current =
        magic == Array("PAR1".utf8)
        ? .parquet(ParquetCursor(try await ParquetFile.open(source), rules: recording.rules))
        : .csv(CSVCursor(source, rules: recording.rules))
    }
  }

  /// The next readings of the open file; nil where there is none left, or no file.
  private mutating func readOn() async throws -> [Reading]? {
    switch current {
    case .csv(var cursor):
      let batch = try await cursor.nextBatch(&skipped)
      current = .csv(cursor)
      return batch
    case .parquet(var cursor):
      let batch = try await cursor.nextBatch(&skipped)
      current = .parquet(cursor)
      return batch
    case nil: return nil
    }
  }
}

/// The recording in the time of the run.
struct ReplaySource: ReadingSource {
  private var cursor: RecordingCursor
  private let first: Int64
  private let shift: Int64
  private let speed: Double
  var skipped: Int { cursor.skipped }

  /// - Parameters:
  ///   - shift: added to each time, in milliseconds.
  ///   - speed: how many times faster than life; 0 for as fast as it goes.
  init(_ recording: Recording, span: ClosedRange<Int64>, shift: Int64, speed: Double) {
    cursor = RecordingCursor(recording)
    (first, self.shift, self.speed) = (span.lowerBound, shift, speed)
  }

  mutating func nextBatch() async throws -> [ScheduledReading]? {
    try await cursor.nextBatch()?.map { reading in
      var reading = reading
      let elapsed = Double(reading.eventTimeMillis - first) / 1000
      reading.eventTimeMillis += shift
      return ScheduledReading(reading: reading, dueSeconds: speed > 0 ? elapsed / speed : 0)
    }
  }
}
