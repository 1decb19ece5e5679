internal import Features
internal import JSON

/// Why a settings file cannot be used: where in it, and what is expected there.
public struct SettingsError: Error, Hashable, CustomStringConvertible {
  /// The place as a path of member names.
  public var path: String
  /// What is wrong with it, and what to write instead.
  public var message: String

  /// One line.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

extension WardSettings {
  /// Reads a settings file.
  ///
  /// - Throws: ``SettingsError`` for what is no JSON, for members that are not known, and for values of other kinds.
  public init(parsing bytes: [UInt8], flushSeconds: Double = 5) throws(SettingsError) {
    self.init(flushSeconds: flushSeconds)
    let document: JSONValue
    do throws(JSONError) { document = try JSONValue(parsing: bytes) } catch {
      throw SettingsError(path: "byte \(error.position)", message: error.message)
    }
    for member in try document.members("") {
      let (name, value) = (member.name, member.value)
      switch name {
      case "stale_seconds", "thresholds": continue
      case "lost_sensor_seconds": lostSensorSeconds = try value.seconds(name)
      case "pause_seconds": pauseSeconds = try value.seconds(name)
      case "reminder_seconds": reminderSeconds = try value.seconds(name)
      case "wards": wards = try Self.wards(value)
      case "patients":
        for patient in try value.members(name) { patients[patient.name] = try Rules(patient.value, "patients") }
      case "notify": notify = try Notify(value)
      default: throw .unknown(name, "")
      }
    }
    let own = try Rules(document, "", isWhole: true)
    all = Rules(thresholds: own.thresholds, staleSeconds: own.staleSeconds ?? all.staleSeconds)
  }

  private static func wards(_ value: JSONValue) throws(SettingsError) -> [Ward] {
    guard case .array(let items) = value else { throw SettingsError(path: "wards", message: "a list is expected") }
    var wards: [Ward] = []
    for (index, item) in items.enumerated() {
      let path = "wards[\(index)]"
      guard let name = item["name"]?.text else {
        throw SettingsError(path: "\(path).name", message: "a ward needs a name")
      }
      let patterns = try item["patients"]?.texts("\(path).patients") ?? []
      guard !patterns.isEmpty else {
        throw SettingsError(path: "\(path).patients", message: "write a list of ids, each perhaps ending with *")
      }
      wards.append(Ward(name: name, patterns: patterns, rules: try Rules(item, path, besides: ["name", "patients"])))
    }
    return wards
  }
}

extension WardSettings.Rules {
  fileprivate init(
    _ value: JSONValue, _ path: String, besides others: Set<String> = [], isWhole: Bool = false
  ) throws(SettingsError) {
    for member in try value.members(path) {
      switch member.name {
      case "stale_seconds": staleSeconds = try member.value.seconds(path.member(member.name))
      case "thresholds":
        for entry in try member.value.members(path.member("thresholds")) {
          let place = path.member("thresholds").member(entry.name)
          guard let vital = Vital.allCases.first(where: { $0.column == entry.name }) else {
            let known = Vital.allCases.map(\.column).joined(separator: ", ")
            throw SettingsError(path: place, message: "no such vital; there are \(known)")
          }
          thresholds[vital] = try VitalRanges(entry.value, place)
        }
      case let name: if !isWhole, !others.contains(name) { throw .unknown(name, path) }
      }
    }
  }
}

extension VitalRanges {
  fileprivate init(_ value: JSONValue, _ path: String) throws(SettingsError) {
    for member in try value.members(path) where !["normal", "warning"].contains(member.name) {
      throw .unknown(member.name, path)
    }
    normal = try Self.range(value["normal"], path.member("normal"))
    warning = try Self.range(value["warning"], path.member("warning"))
    guard warning.lowerBound <= normal.lowerBound, normal.upperBound <= warning.upperBound else {
      throw SettingsError(path: path, message: "warning must hold normal: values outside warning are critical")
    }
  }

  private static func range(_ value: JSONValue?, _ path: String) throws(SettingsError) -> ClosedRange<Double> {
    guard case .array(let items)? = value, items.count == 2, let low = items[0].double, let high = items[1].double,
      low <= high
    else { throw SettingsError(path: path, message: "two numbers are expected, the lower one first") }
    return low...high
  }
}

extension WardSettings.Notify {
  fileprivate init(_ value: JSONValue) throws(SettingsError) {
    for member in try value.members("notify") {
      switch member.name {
      case "webhook":
        webhook = try member.value.address("notify.webhook", ["https://", "http://"])
      case "email":
        let path = "notify.email"
        let server = try (member.value["server"] ?? .null).address("\(path).server", ["smtp://", "smtps://"])
        guard let from = member.value["from"]?.text, from.isMailbox else {
          throw SettingsError(path: "\(path).from", message: "a mail address is expected")
        }
        let to = try member.value["to"]?.texts("\(path).to") ?? []
        guard !to.isEmpty, to.allSatisfy(\.isMailbox) else {
          throw SettingsError(path: "\(path).to", message: "a list of mail addresses is expected")
        }
        email = WardSettings.Email(server: server, from: from, to: to)
      default: throw .unknown(member.name, "notify")
      }
    }
  }
}

extension SettingsError {
  fileprivate static func unknown(_ name: String, _ path: String) -> SettingsError {
    SettingsError(path: path.member(String(name.prefix(60))), message: "there is no such setting")
  }
}

extension String {
  fileprivate func member(_ name: String) -> String { isEmpty ? name : "\(self).\(name)" }

  /// Whether it can stand in a header of a mail: one address, no line break.
  fileprivate var isMailbox: Bool {
    contains("@") && utf8.count <= 254 && utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 60 && $0 != 62 }
  }
}

extension JSONValue {
  fileprivate func members(_ path: String) throws(SettingsError) -> [Member] {
    guard case .object(let members) = self else { throw SettingsError(path: path, message: "an object is expected") }
    return members
  }

  /// The number, where it is one.
  var double: Double? {
    guard case .number(let digits) = self, let value = Double(digits), value.isFinite else { return nil }
    return value
  }

  fileprivate func seconds(_ path: String) throws(SettingsError) -> Double {
    guard let value = double, value > 0, value <= 86_400 else {
      throw SettingsError(path: path, message: "seconds above 0 and up to 86400 are expected")
    }
    return value
  }

  fileprivate func texts(_ path: String) throws(SettingsError) -> [String] {
    guard case .array(let items) = self else { throw SettingsError(path: path, message: "a list is expected") }
    let texts = items.compactMap(\.text)
    guard texts.count == items.count else { throw SettingsError(path: path, message: "texts are expected") }
    return texts
  }

  fileprivate func address(_ path: String, _ schemes: [String]) throws(SettingsError) -> String {
    guard let text, schemes.contains(where: text.hasPrefix), text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw SettingsError(path: path, message: "an address that begins with \(schemes.joined(separator: " or "))")
    }
    return text
  }
}
