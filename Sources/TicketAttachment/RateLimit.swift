internal import FoundationEssentials

/// How long a server asks to wait before the next request.
enum RateLimit {
  /// Seconds to wait; nil: the answer asks for no wait.
  ///
  /// `Retry-After` of RFC 9110 §10.2.3; `x-ratelimit-reset` as seconds since 1970 (GitHub) or as an ISO time (Jira). Where a limit names no time GitHub asks for a minute.
  static func seconds(in answer: HTTPAnswer, now: Date) -> Int? {
    let isLimit = answer.status == 429 || (answer.status == 403 && isSpent(answer))
    guard isLimit || answer.status == 503 else { return nil }
    if let text = answer.headers["retry-after"], let seconds = retryAfter(text, now: now) {
      return seconds
    }
    if let text = answer.headers["x-ratelimit-reset"], let moment = reset(text) {
      return bounded(moment.timeIntervalSince(now))
    }
    return isLimit ? 60 : nil
  }

  /// GitHub answers 403 to what other servers answer 429.
  private static func isSpent(_ answer: HTTPAnswer) -> Bool {
    answer.headers["x-ratelimit-remaining"] == "0" || answer.headers["retry-after"] != nil
  }

  private static func retryAfter(_ text: String, now: Date) -> Int? {
    if let seconds = Int(text) { return seconds >= 0 ? min(seconds, longest) : nil }
    return date(text).map { bounded($0.timeIntervalSince(now)) }
  }

  private static func reset(_ text: String) -> Date? {
    if let seconds = Int(text), seconds > 0 { return Date(timeIntervalSince1970: Double(seconds)) }
    return try? Date(text, strategy: Date.ISO8601FormatStyle())
  }

  /// `Wed, 25 Nov 2026 12:00:00 GMT`
  private static func date(_ text: String) -> Date? {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let parts = text.split(separator: " ")
    guard parts.count == 6, let month = months.firstIndex(of: String(parts[2])) else { return nil }
    let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
    return try? Date(
      "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z", strategy: Date.ISO8601FormatStyle())
  }

  private static let longest = 366 * 86_400

  private static func bounded(_ seconds: Double) -> Int {
    Int(min(max(seconds.rounded(.up), 0), Double(longest)))
  }
}
