internal import IncidentModel
internal import ReportWriting

/// Values of a record as `inspect` shows them.
enum PlainText {
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
    case .unknown(let text): "unknown (\(TerminalText.visible(text)))"
    }
  }
}
