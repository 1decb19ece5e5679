import Configuration

/// Where a command's settings come from: a flag, else the environment, else `.env` in the working directory, else the
/// default. An empty value counts as unset.
///
/// Of `.env` each line is `NAME=value`; `export ` before the name, quotes around the value and a note after ` #`
/// are taken off.
public struct Settings: Sendable {
  private let environment: EnvironmentVariablesProvider
  private let file: EnvironmentVariablesProvider

  /// The settings of this process.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` when `.env` is there and cannot be read.
  public static func load(file: String = ".env") async throws(CommandError) -> Settings {
    do {
      let variables = try await EnvironmentVariablesProvider(environmentFilePath: literal(file), allowMissing: true)
      return Settings(environment: EnvironmentVariablesProvider(), file: variables)
    } catch {
      throw CommandError("\(file): cannot be read – check its permissions or move it away", exit: .usage)
    }
  }

  /// Settings out of given variables, for tests and for commands that run others.
  public init(environment: [String: String], file: [String: String] = [:]) {
    self.init(
      environment: EnvironmentVariablesProvider(environmentVariables: environment),
      file: EnvironmentVariablesProvider(environmentVariables: file))
  }

  private init(environment: EnvironmentVariablesProvider, file: EnvironmentVariablesProvider) {
    self.environment = environment
    self.file = file
  }

  /// A setting that may be absent.
  public func string(flag: String? = nil, _ name: String) -> String? {
    if let flag { return flag }
    if let value = value(of: name, in: environment), !value.isEmpty { return value }
    guard let line = value(of: name, in: file) ?? value(of: "export \(name)", in: file) else { return nil }
    let value = Settings.unquoted(line)
    return value.isEmpty ? nil : value
  }

  /// A setting with a default.
  public func string(flag: String? = nil, _ name: String, default fallback: String) -> String {
    string(flag: flag, name) ?? fallback
  }

  /// A whole number within bounds.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage``, which names the variable and what is wrong with its value.
  public func int(
    flag: Int? = nil, _ name: String, default fallback: Int, in bounds: ClosedRange<Int> = 0...Int.max
  ) throws(CommandError) -> Int {
    let text = string(flag: flag.map(String.init), name)
    guard let text else { return fallback }
    guard let value = Int(text) else { throw malformed(name, text, "is not a whole number") }
    guard bounds.contains(value) else { throw malformed(name, text, "is outside \(describe(bounds))") }
    return value
  }

  /// A finite number within bounds; errors as in ``int(flag:_:default:in:)``.
  public func double(
    flag: Double? = nil, _ name: String, default fallback: Double,
    in bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude
  ) throws(CommandError) -> Double {
    let text = string(flag: flag.map { "\($0)" }, name)
    guard let text else { return fallback }
    guard let value = Double(text), value.isFinite else { throw malformed(name, text, "is not a number") }
    guard bounds.contains(value) else { throw malformed(name, text, "is outside \(describe(bounds))") }
    return value
  }

  /// The provider's path type belongs to a module that need not be imported for this alone.
  private static func literal<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
  where Path.StringLiteralType == String {
    Path(stringLiteral: text)
  }

  private func value(of name: String, in provider: EnvironmentVariablesProvider) -> String? {
    // The call throws for values that do not decode; a string always does.
    (try? provider.environmentValue(forName: name)) ?? nil
  }

  private func malformed(_ name: String, _ text: String, _ problem: String) -> CommandError {
    CommandError("\(name): \(text.prefix(40).debugDescription) \(problem) – correct or unset it", exit: .usage)
  }

  private func describe(_ bounds: ClosedRange<Int>) -> String {
    bounds.upperBound == .max ? "\(bounds.lowerBound) or more" : "\(bounds.lowerBound) to \(bounds.upperBound)"
  }

  private func describe(_ bounds: ClosedRange<Double>) -> String {
    bounds.upperBound == .greatestFiniteMagnitude
      ? "\(bounds.lowerBound) or more" : "\(bounds.lowerBound) to \(bounds.upperBound)"
  }

  /// The value of a `.env` line without the quotes around it, or, where it has none, without a note behind it.
  static func unquoted(_ line: String) -> String {
    if let quote = line.first, quote == "\"" || quote == "'" {
      guard let end = line.dropFirst().firstIndex(of: quote) else { return line }
      let rest = line[line.index(after: end)...].drop { $0 == " " || $0 == "\t" }
      if rest.isEmpty || rest.first == "#" { return String(line[line.index(after: line.startIndex)..<end]) }
      return line
    }
    if line.first == "#" { return "" }
    let bytes = Array(line.utf8)
    for index in bytes.indices.dropFirst() where bytes[index] == UInt8(ascii: "#") {
      if bytes[index - 1] == UInt8(ascii: " ") || bytes[index - 1] == UInt8(ascii: "\t") {
        let kept = bytes[..<index].reversed().drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return String(decoding: kept.reversed(), as: UTF8.self)
      }
    }
    return line
  }
}
