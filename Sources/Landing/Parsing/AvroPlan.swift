import Avro
import Vitals

/// How messages of one writer's schema become the slots of a reader's record: the outcome of resolving the two once,
/// carried out for every message.
final class AvroPlan: Sendable {
  /// What is done with one value of the writer.
  struct Step: Sendable {
    enum Kind: UInt8, Sendable {
      /// A whole number into a slot of whole numbers: of 64 bits, and of 32.
      case integer, narrowInteger
      /// Milliseconds into a slot of milliseconds, held to what its column of microseconds can show.
      case millis
      /// Milliseconds into a slot of microseconds, and the other way round.
      case millisToMicros, microsToMillis
      case integerToDouble, integerToFloat, float, double, boolean, text, bytes
      /// The number of a symbol, into the text of the reader's symbol.
      case symbol
      case null
      /// One of several steps, chosen by the message.
      case union
      /// A value that the reader does not want.
      case skip
      /// A branch of a union that does not go into the reader's type; a fault of the record that has it.
      case unfit
    }

    var kind: Kind
    /// The slot that takes the value; -1 for none.
    var slot: Int
    /// The first branch, symbol, or the writer's type, by kind.
    var start = 0
    /// The number of branches or symbols.
    var count = 0
  }

  /// The value of a slot that the writer does not fill.
  enum Fallback: Sendable {
    case bits(UInt64)
    case text([UInt8])
  }

  /// The steps, of which the first `width` are one for each field of the writer, in its order.
  let steps: [Step]
  let width: Int
  /// The reader's text for each symbol of the writer; `nil` where it has none.
  let symbols: [[UInt8]?]
  let fallbacks: [(slot: Int, value: Fallback)]
  /// The writer's schema, by which unwanted values are passed over.
  let writer: AvroSchema

  /// Resolves a writer's schema against the reader's.
  ///
  /// - Throws: ``AvroMismatch`` where no message of the writer could be read.
  init(writer: AvroSchema, reader: RecordSchema) throws(AvroMismatch) {
    let resolution = try AvroResolution(writer: writer, reader: reader)
    steps = resolution.steps
    width = resolution.width
    symbols = resolution.symbols
    fallbacks = resolution.fallbacks
    self.writer = writer
  }
}
