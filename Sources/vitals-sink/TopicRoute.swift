import ArgumentParser
import CommandSupport
import Landing

/// Another topic that the same process lands: `topic=labs,table=/data/labs,schema=Schemas/labs.avsc`.
struct TopicRoute: ExpressibleByArgument, Sendable, Equatable {
  var topic: String
  var table: String
  var schema: String?
  var deadLetter: String?
  var spool: String?

  init?(argument: String) {
    var parts: [String: String] = [:]
    for word in argument.split(separator: ",") {
      let sides = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, parts.updateValue(sides[1], forKey: sides[0]) == nil else { return nil }
    }
    guard let topic = parts.removeValue(forKey: "topic"), let table = parts.removeValue(forKey: "table") else {
      return nil
    }
    self.topic = topic
    self.table = table
    schema = parts.removeValue(forKey: "schema")
    deadLetter = parts.removeValue(forKey: "dead-letter")
    spool = parts.removeValue(forKey: "spool")
    if !parts.isEmpty { return nil }
  }

  static var defaultValueDescription: String { "topic=…,table=…[,schema=…][,dead-letter=…][,spool=…]" }
}

/// All topics of a process.
struct RouteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Another topic to land, with its own table and schema; may be repeated. Batch sizes count for all topics "
        + "together.", valueName: "topic=…,table=…[,schema=…][,dead-letter=…][,spool=…]"))
  var also: [TopicRoute] = []

  func validate() throws {
    guard Set(also.map(\.topic)).count == also.count else { throw ValidationError("--also names a topic twice") }
    guard Set(also.map(\.table)).count == also.count else { throw ValidationError("--also names a table twice") }
  }
}

extension SourceOptions {
  /// The same for another topic.
  func with(_ route: TopicRoute) -> SourceOptions {
    var changed = self
    changed.topic = route.topic
    changed.schema = route.schema
    // A writer's schema is that of one topic; the others' messages are written by their own.
    changed.messages.writerSchema = nil
    // Two members of a group may not share a name.
    changed.instanceId = instanceId.map { "\($0)-\(route.topic)" }
    return changed
  }
}

extension TargetOptions {
  /// The same for another topic.
  func with(_ route: TopicRoute) -> TargetOptions {
    var changed = self
    changed.table = route.table
    changed.deadLetter = route.deadLetter
    changed.spool = route.spool
    return changed
  }
}

extension Rotation {
  /// The share of one of so many topics.
  func shared(among topics: Int) -> Rotation {
    var share = self
    share.rows = max(1, rows / topics)
    share.bytes = max(1 << 16, bytes / topics)
    share.buffers = max(1, buffers / topics)
    return share
  }
}
