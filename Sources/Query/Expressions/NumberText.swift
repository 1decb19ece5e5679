/// Reads and writes numbers as text.
enum NumberText {
  /// A whole number, or a decimal with a point, exactly: the digits and the number of them behind the point.
  static func decimal(_ text: String) -> (unscaled: Int128, scale: Int)? {
    var digits = ""
    var scale = 0
    var exponent = 0
    var rest = Substring(text).drop { $0 == " " }
    while rest.last == " " { rest.removeLast() }
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      guard let value = Int(rest[rest.index(after: mark)...]), abs(value) < 100 else { return nil }
      exponent = value
      rest = rest[..<mark]
    }
    var hasPoint = false
    for character in rest {
      if character == ".", !hasPoint {
        hasPoint = true
      } else if character.isASCII, character.isNumber {
        digits.append(character)
        if hasPoint { scale += 1 }
      } else {
        return nil
      }
    }
    guard !digits.isEmpty, digits.count <= 76 else { return nil }
    scale -= exponent
    while scale < 0 {
      digits.append("0")
      scale += 1
    }
    // Digits that no decimal can hold are zeros or are rounded away by the caller.
    while digits.count > 38, scale > 0 {
      digits.removeLast()
      scale -= 1
    }
    guard let value = Int128(digits) else { return nil }
    return (isNegative ? -value : value, scale)
  }

  /// A floating-point number as SQL writes it.
  static func text(_ value: Double, isSingle: Bool) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return isSingle ? Float(value).description : value.description
  }

  /// Reads a floating-point number.
  static func double(_ text: String) -> Double? {
    let trimmed = text.split(separator: " ").joined(separator: " ")
    switch trimmed.lowercased() {
    case "nan", "-nan": return .nan
    case "inf", "+inf", "infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default:
      guard trimmed.utf8.allSatisfy({ $0.isDigit || "+-.eE".utf8.contains($0) }) else { return nil }
      return Double(trimmed)
    }
  }

  /// A decimal with its point.
  static func text(_ unscaled: Int128, scale: Int) -> String {
    guard scale > 0 else { return "\(unscaled)" }
    var digits = "\(unscaled.magnitude)"
    if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
    return (unscaled < 0 ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
  }
}
