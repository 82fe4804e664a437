internal import IncidentModel

/// An alarm as the programs that page tell it.
struct PagerObject {
  let events: [CapacityEvent]

  /// Nil where the object is none of theirs, or has no time.
  init?(_ object: JSONObject, _ record: Span<UInt8>, _ context: CapacityContext) {
    if let labels = object.object("labels"), let start = object.time(anyOf: ["startsAt"]),
      labels.text("alertname") != nil
    {
      events = [Self.alert(object, labels, start, record, context)]
    } else if let name = object.string("AlarmName"),
      let time = object.time(anyOf: ["Timestamp", "StateUpdatedTimestamp"])
    {
      events = Self.alarm(object, name, time, record, context)
    } else if let title = object.text("title"), let time = object.time(anyOf: ["created_at"]),
      object["incident_number"] != nil || object["incident_key"] != nil
    {
      let stem = FactStem(
        time: time, position: context.position,
        text: LogText(bytes: Array(title.prefix(1_024)), kind: .note), source: "pagerduty",
        identity: object.string("id") ?? title.asText,
        group: object.string(at: "service", "summary"))
      events = [stem.event(.alert)]
    } else {
      return nil
    }
  }

  /// Alertmanager's: its summary, or the labels that name it.
  private static func alert(
    _ object: JSONObject, _ labels: JSONObject, _ start: Instant, _ record: Span<UInt8>,
    _ context: CapacityContext
  ) -> CapacityEvent {
    let notes = object.object("annotations")
    let words = notes?.text("summary") ?? notes?.text("description") ?? notes?.text("message")
    let text =
      words.map { LogText(bytes: Array($0.prefix(1_024)), kind: .note) }
      ?? object.cut(["labels", "startsAt", "status"], of: record)
    let name = labels.string("alertname") ?? ""
    let stem = FactStem(
      time: start, position: context.position, text: text, source: "alertmanager",
      identity: "\(object.string("fingerprint") ?? name)|\(start.microseconds)",
      group: labels.string(anyOf: ["service", "deployment", "job"]))
    return stem.event(.alert)
  }

  /// CloudWatch's: a state that was entered, or a change of the alarm itself; what it set off is told elsewhere.
  private static func alarm(
    _ object: JSONObject, _ name: String, _ time: Instant, _ record: Span<UInt8>,
    _ context: CapacityContext
  ) -> [CapacityEvent] {
    let summary = object.string("HistorySummary") ?? object.string("StateValue") ?? ""
    let stem = FactStem(
      time: time, position: context.position,
      text: object.cut(
        ["AlarmName", "Timestamp", "HistorySummary", "StateValue", "StateReason"], of: record),
      source: "alarm", identity: "\(name)|\(time.microseconds)|\(summary)")
    switch object.string("HistoryItemType") {
    case "StateUpdate"?: return [stem.event(.alert)]
    case "ConfigurationUpdate"?: return [stem.event(.change)]
    case nil: return object.string("StateValue") == "ALARM" ? [stem.event(.alert)] : []
    default: return []
    }
  }
}
