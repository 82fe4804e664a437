package import IncidentModel

/// Pages and alarms: CSV with a header or JSON lines, `time` and `severity` plus any of `kind, text, service, url`.
///
/// Also what Alertmanager sends (`alerts`), the history and the states of CloudWatch alarms
/// (`AlarmHistoryItems`, `MetricAlarms`) and PagerDuty's incidents.
package enum Alerts: CapacityFormat {
  package static let name = "alerts"
  package static let summary = "Pages and alarms: CSV, JSON lines, Alertmanager, CloudWatch"
  package static let example =
    #"{"time":"2018-07-16T18:03:10Z","severity":"page","service":"shop","text":"5xx over 5 %"}"#
  package static let kind = InputKind.alerts
  package static let envelopes = ["AlarmHistoryItems", "MetricAlarms", "alerts", "incidents"]
  package static let strictness = 3

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    guard record.byte(at: 0) == UInt8(ascii: "{") else {
      return try parseTable(record, in: context, purpose: kind, memory: &memory)
    }
    let isPager = record.holdsKey("labels\"", "AlarmName\"", "incident_")
    if isPager, let events = PagerObject(try JSONObject(record), record, context)?.events {
      return events.isEmpty ? .ignored : .events(events)
    }
    return try parseObject(record, in: context, purpose: kind)
  }
}
