/// What a sink lands, where, and how.
public struct SinkConfiguration: Sendable {
  /// The topic and its incarnation.
  public var source: TopicSource
  /// The columns.
  public var layout: TableLayout
  /// How messages are written.
  public var format = MessageFormat.json
  /// Whether fields that writers add and readers may do without become columns.
  public var growsSchema = true
  /// The table.
  public var table: TableStores
  /// Where batches go while the table's store does not answer; `nil` to wait for it instead.
  public var spool: SpoolPlace?
  /// When a batch is full.
  public var rotation = Rotation()
  /// How long the table's store may fail before batches go to the spool.
  public var outageAfter = Duration.seconds(10)
  /// How long a shutdown or a rebalance may take to land what is buffered.
  public var drainWithin = Duration.seconds(30)
  /// How long a sink that shall end waits to be given partitions before it asks the broker whether the topic is there.
  public var brokerPatience = Duration.seconds(30)
  /// How far from the clock event times may lie.
  public var window = EventTimeWindow()
  /// Begin a new incarnation of the topic if it was deleted and created again.
  public var newIncarnation = false
  /// Land on where the broker dropped records that never landed.
  public var acceptsGap = false
  /// Where partitions begin of which nothing landed yet: the first record at or after this time, in milliseconds since
  /// 1970-01-01 UTC; `nil` for the oldest record.
  public var fromMillis: Int64?
  /// Records a second that are read at most.
  public var recordsPerSecond: Int?
  /// Where signs of life and states of partitions are noted.
  public var health: Health?
  /// Land what the topic holds now, then end.
  public var untilEnd = false
  /// Program and version, for the log of the table and the files.
  public var engine: String

  /// Makes a configuration with the defaults of the rest.
  public init(source: TopicSource, layout: TableLayout, table: TableStores, spool: SpoolPlace?, engine: String) {
    self.source = source
    self.layout = layout
    self.table = table
    self.spool = spool
    self.engine = engine
  }
}
