internal import IncidentModel

/// A number or word of a report that is held against the other's.
struct DiffField: Sendable {
  enum Style: Sendable {
    case word, count, share, rate, factor, seconds, moment, milliseconds, plain
  }

  /// What the text calls it.
  var label: String
  /// What the JSON calls it, dotted as in the report.
  var name: String
  var style: Style
  var read: @Sendable (DiffSide) -> ReadReport.Value?

  /// How the text shows a value; nil: the report does not tell it.
  func shown(_ value: ReadReport.Value?) -> String? {
    switch (style, value) {
    case (_, nil), (_, .null?): return nil
    case (.count, .number(let number)?): return Self.count(number)
    case (.plain, .number(let number)?): return Figure.bareRate(number).text
    case (.share, .number(let number)?): return Figure.share(number).text
    case (.rate, .number(let number)?): return Figure.rate(number).text
    case (.factor, .number(let number)?): return Figure.factor(number).text
    case (.seconds, .number(let number)?): return Figure.duration(seconds: number).text
    case (.milliseconds, .number(let number)?): return Figure.latency(milliseconds: number).text
    case (_, .text(let text)?): return TerminalText.visible(LogText(text, kind: .name))
    case (_, .number(let number)?): return Self.count(number)
    case (_, .bool(let value)?): return value ? "yes" : "no"
    case (_, .list?), (_, .members?): return nil
    }
  }

  private static func count(_ number: Double) -> String {
    Int(exactly: number).map { Figure.count($0).text } ?? JSONValue.spelled(number)
  }

  /// The value for programs.
  static func json(_ value: ReadReport.Value?) -> JSONValue {
    switch value {
    case .number(let number)?:
      Int(exactly: number).map { .whole($0) } ?? .number(number)
    case .text(let text)?: .words(TerminalText.visible(LogText(text, kind: .name)))
    case .bool(let value)?: .bool(value)
    default: .null
    }
  }

  /// What is compared of each pair of incidents, in the order of the text; `isSameTime`: their moments can be compared.
  static func all(isSameTime: Bool) -> [DiffField] {
    (isSameTime ? moments : []) + outcome + impact + capacity + lags + composition
      + Cause.allCases.flatMap { verdict($0.rawValue) }
  }

  private static func incident(
    _ label: String, _ path: String, _ style: Style
  ) -> DiffField {
    let names = path.split(separator: ".").map(String.init)
    return DiffField(label: label, name: path, style: style) { side in
      names.reduce(side.incident as ReadReport.Value?) { $0?[$1] }
    }
  }

  private static let moments: [DiffField] = [
    incident("start", "start", .moment), incident("end", "end", .moment),
    incident("onset", "phases.onset", .moment),
    incident("first decision", "phases.first_decision", .moment),
    incident("first in service", "phases.first_in_service", .moment),
    incident("recovery", "phases.recovery", .moment),
  ]

  private static let outcome: [DiffField] = [
    DiffField(label: "lasted", name: "duration_s", style: .seconds) { side in
      side.span.map { .number($0.seconds) }
    },
    incident("end state", "end_state", .word), incident("cause", "cause", .word),
    DiffField(label: "how sure", name: "likelihood", style: .share) { side in
      side.incident["cause"]?.text.flatMap { side.finding($0)?["likelihood"] }
    },
  ]

  private static let impact: [DiffField] = [
    incident("requests", "impact.requests", .count), incident("failed", "impact.failed", .count),
    incident("failed share", "impact.failed_ratio", .share),
    incident("worst minute", "impact.worst_minute_ratio", .share),
    incident("throttled", "impact.throttled", .count),
    incident("abandoned", "impact.abandoned", .count),
    incident("shed", "impact.shed", .count), incident("repeats", "impact.repeats", .count),
    incident("clients with a failure", "impact.clients_affected", .count),
    incident("worst p95", "impact.p95_ms", .milliseconds),
    incident("times the error budget", "impact.error_budget", .factor),
  ]

  private static func group(
    _ label: String, _ name: String, _ style: Style
  ) -> DiffField {
    DiffField(label: label, name: "capacity." + name, style: style) { $0.group?[name] }
  }

  private static let capacity: [DiffField] = [
    group("per instance", "per_instance_rps", .rate),
    group("needed at the peak", "peak_needed", .count),
    group("without repeats", "peak_needed_first_attempts", .count),
    group("ready at the peak", "peak_ready", .count), group("short", "shortfall", .count),
    group("instance-minutes short", "instance_minutes_short", .plain),
    group("maximum size", "max_size", .count),
    group("capacity told by", "source", .word),
  ]

  private static let lags: [DiffField] = [
    DiffField(label: "onset to decision", name: "response.decision_lag_s", style: .seconds) {
      $0.spike?["response"]?["decision_lag_s"]
    },
    DiffField(label: "onset to in service", name: "response.in_service_lag_s", style: .seconds) {
      $0.spike?["response"]?["in_service_lag_s"]
    },
  ]

  private static func spike(
    _ label: String, _ name: String, _ style: Style
  ) -> DiffField {
    DiffField(label: label, name: "spike." + name, style: style) { side in
      name.split(separator: ".").reduce(side.spike) { $0?[String($1)] }
    }
  }

  private static let composition: [DiffField] = [
    spike("baseline", "baseline_rps", .rate), spike("peak", "peak_rps", .rate),
    spike("times the baseline", "ratio", .factor),
    spike("the excess was", "composition.kind", .word),
    spike("machines' part of it", "composition.bot_share", .share),
    spike("repeats' part of it", "composition.retry_share", .share),
  ]

  private static func verdict(_ cause: String) -> [DiffField] {
    [
      DiffField(label: cause, name: "findings.\(cause).verdict", style: .word) {
        $0.finding(cause)?["verdict"]
      },
      DiffField(label: cause, name: "findings.\(cause).likelihood", style: .share) { side in
        // That of what is not supported on either side is noise.
        side.finding(cause)?["verdict"]?.text == "supported"
          ? side.finding(cause)?["likelihood"] : nil
      },
    ]
  }
}
