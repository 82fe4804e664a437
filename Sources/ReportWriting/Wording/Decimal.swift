/// Numbers as decimal digits: no locale, half away from zero on the decimal string (REPORT §2.0).
enum Decimal {
  /// A whole number with a comma between thousands.
  static func grouped(_ number: Int) -> String {
    (number < 0 ? "-" : "") + grouped(digits: String(number.magnitude))
  }

  /// `places` decimals of a number, thousands marked; nil for what is not a number.
  static func rounded(_ number: Double, places: Int) -> String? {
    guard number.isFinite, abs(number) < 1e15 else { return nil }
    let (digits, point) = digits(of: abs(number))
    var kept = Array(digits.prefix(max(0, point + places)))
    while kept.count < point + places { kept.append(0) }
    if point + places >= 0, point + places < digits.count, digits[point + places] >= 5 {
      increment(&kept)
    }
    while kept.count < places + 1 { kept.insert(0, at: 0) }
    let text = kept.map(String.init).joined()
    let isZero = kept.allSatisfy { $0 == 0 }
    let whole = grouped(digits: String(text.dropLast(places)))
    return (number < 0 && !isZero ? "-" : "") + whole
      + (places > 0 ? "." + text.suffix(places) : "")
  }

  /// `part` ÷ `whole` × `scale` to `places` decimals, in whole numbers; nil where that overflows.
  static func ratio(_ part: Int, of whole: Int, scale: Int, places: Int) -> String? {
    guard part >= 0, whole > 0 else { return nil }
    var power = scale
    for _ in 0..<places { power *= 10 }
    let (product, overflow) = part.multipliedReportingOverflow(by: 2 * power)
    let (sum, carry) = product.addingReportingOverflow(whole)
    let (double, doubleOverflow) = whole.multipliedReportingOverflow(by: 2)
    guard !overflow, !carry, !doubleOverflow else { return nil }
    var text = String(sum / double)
    guard places > 0 else { return grouped(digits: text) }
    while text.count <= places { text = "0" + text }
    return grouped(digits: String(text.dropLast(places))) + "." + text.suffix(places)
  }

  private static func grouped(digits: String) -> String {
    let trimmed = Array(digits.drop { $0 == "0" })
    guard !trimmed.isEmpty else { return "0" }
    var text = ""
    for (index, digit) in trimmed.enumerated() {
      if index > 0, (trimmed.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// The shortest decimal that reads back as the number, and how many of its digits stand before the point.
  private static func digits(of number: Double) -> (digits: [UInt8], point: Int) {
    let parts = number.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let before = mantissa[0].utf8.map { $0 - 0x30 }
    let after = mantissa.count > 1 ? mantissa[1].utf8.map { $0 - 0x30 } : []
    var digits = before + after
    var point = before.count + exponent
    while point < 0 {
      digits.insert(0, at: 0)
      point += 1
    }
    return (digits, point)
  }

  private static func increment(_ digits: inout [UInt8]) {
    var index = digits.count - 1
    while index >= 0, digits[index] == 9 {
      digits[index] = 0
      index -= 1
    }
    if index >= 0 { digits[index] += 1 } else { digits.insert(1, at: 0) }
  }
}
