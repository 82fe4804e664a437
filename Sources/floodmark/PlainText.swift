internal import IncidentModel

/// Values as the command's own messages show them: one line, no control characters.
enum PlainText {
  static func name(_ name: InputName) -> String {
    visible(Array((name.file + (name.member.map { "!" + $0 } ?? "")).utf8))
  }

  static func text(_ text: LogText) -> String { visible(text.bytes) }

  /// A sentence with its numbers, for a terminal.
  static func text(_ sentence: Sentence) -> String {
    sentence.pieces.map { piece in
      switch piece {
      case .words(let words): words
      case .count(let number): count(number)
      case .instances(let number): count(number)
      case .share(let part, let whole): "\(Int((part / whole * 100).rounded())) %"
      case .factor(let factor): "\(factor) ×"
      case .rate(let rate): "\(rate) requests/s"
      case .milliseconds(let value): "\(value) ms"
      case .duration(let seconds): "\(seconds) s"
      case .time(let moment, _): time(moment)
      case .code(let code): code
      case .log(let text): visible(text.bytes)
      }
    }.joined()
  }

  /// A whole number with a comma between thousands.
  static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `2018-07-16 17:30:00`, with a fraction where there is one.
  static func time(_ moment: Instant) -> String {
    let civil = CivilTime(moment)
    func padded(_ number: Int, _ width: Int = 2) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let fraction = civil.microsecond == 0 ? "" : "." + padded(civil.microsecond, 6)
    return "\(padded(civil.year, 4))-\(padded(civil.month))-\(padded(civil.day)) "
      + "\(padded(civil.hour)):\(padded(civil.minute)):\(padded(civil.second))" + fraction
  }

  static func kind(_ kind: CapacityEvent.Kind) -> String {
    switch kind {
    case .scaleOutDecided(let from, let to): "scale-out decided\(step(from, to))"
    case .scaleInDecided(let from, let to): "scale-in decided\(step(from, to))"
    case .launchStarted: "launch started"
    case .launchFailed(let reason): "launch failed: \(word(reason))"
    case .inService: "in service"
    case .terminated(let reason): "terminated: \(word(reason))"
    case .limitReached(let limit, let wanted):
      "limit reached\(limit.map { ", limit \($0)" } ?? "")\(wanted.map { ", wanted \($0)" } ?? "")"
    case .notTriggered(let reason): "not triggered: \(word(reason))"
    case .backoff: "backoff"
    case .configChanged: "configuration changed"
    case .observed: "observed"
    case .note: "note"
    case .change: "change"
    case .alert: "alert"
    }
  }

  private static func step(_ from: Int?, _ to: Int?) -> String {
    guard let to else { return "" }
    return from.map { ", from \($0) to \(to)" } ?? ", to \(to)"
  }

  private static func word(_ reason: CapacityEvent.Reason) -> String {
    switch reason {
    case .insufficientCapacity: "insufficient capacity"
    case .quota: "quota"
    case .addressSpace: "address space"
    case .maxSize: "maximum size"
    case .badTemplate: "bad template"
    case .backoff: "backoff"
    case .timeout: "timeout"
    case .unhealthy: "unhealthy"
    case .scaleIn: "scale-in"
    case .spotReclaimed: "spot reclaimed"
    case .metricMissing: "metric missing"
    case .stabilisation: "stabilisation"
    case .unknown(let text): "unknown (\(visible(text.bytes)))"
    }
  }

  /// Bytes from outside in one line of at most 200 characters: everything but printable ASCII and letters of other scripts is shown as its code.
  static func visible(_ bytes: [UInt8]) -> String {
    var text = ""
    var length = 0
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if length >= 200 { return text + "…" }
      length += 1
      let isPlain = (" "..."~").contains(scalar) || isLetter(scalar)
      if isPlain {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return text
  }

  /// Letters and digits of all scripts, and nothing that joins, hides or turns text.
  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .decimalNumber: true
    default: false
    }
  }
}
