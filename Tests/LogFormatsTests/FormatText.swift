import IncidentModel

@testable import LogFormats

/// Records and events as the words of a format script.
enum FormatText {
  /// The value of a record's field under its name in scripts; nil for a name that is none.
  static func value(
    of key: String, in record: AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>
  ) -> String? {
    func text(_ range: TextRange) -> String {
      let bytes = range.bytes(line: line, scratch: scratch)
      return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
    switch key {
    case "time": return record.stamp.text
    case "arrival": return record.arrival.text
    case "status": return String(record.status)
    case "bytes": return String(record.byteCount)
    case "duration_us": return String(record.duration)
    case "upstream_us": return String(record.upstreamDuration)
    case "no_latency": return String(record.durationIsNoLatency)
    case "connection": return String(record.isConnection)
    case "retries": return String(record.upstreamRetries)
    case "shed": return record.tellsShed ? String(record.isShed) : "unknown"
    case "server_set": return String(record.serviceIsServerSet)
    case "client": return text(record.client)
    case "method": return text(record.method)
    case "path": return text(record.target)
    case "service": return text(record.service)
    case "referrer": return text(record.referrer)
    case "agent": return text(record.agent)
    case "user": return text(record.user)
    case "backend": return text(record.backend)
    case "zone": return text(record.zone)
    case "cache": return text(record.cache)
    case "tls": return text(record.tlsVersion)
    case "id": return text(record.requestID)
    default: return nil
    }
  }

  /// The value of an event's field under its name in scripts; nil for a name that is none.
  static func value(of key: String, in event: CapacityEvent) -> String? {
    switch key {
    case "time": event.time.text
    case "precision": String(event.precisionSeconds)
    case "lacks_year": String(event.lacksYear)
    case "lacks_date": String(event.lacksDate)
    case "group": event.group ?? "-"
    case "zone": event.zone ?? "-"
    case "instance": event.instance ?? "-"
    case "count": String(event.count)
    case "human": String(event.isHumanClaim)
    case "key": event.key ?? "-"
    case "line": String(event.position.line)
    case "text": String(decoding: event.text.bytes, as: UTF8.self)
    default: value(of: key, in: event.kind)
    }
  }

  private static func value(of key: String, in kind: CapacityEvent.Kind) -> String? {
    func number(_ value: Int?) -> String { value.map(String.init) ?? "-" }
    switch kind {
    case .scaleOutDecided(let from, let to), .scaleInDecided(let from, let to):
      if key == "from" { return number(from) }
      if key == "to" { return number(to) }
    case .limitReached(let limit, let wanted):
      if key == "limit" { return number(limit) }
      if key == "wanted" { return number(wanted) }
    case .configChanged(let minimum, let maximum, let desired):
      if key == "minimum" { return number(minimum) }
      if key == "maximum" { return number(maximum) }
      if key == "desired" { return number(desired) }
    case .observed(let desired, let ready, let maximum):
      if key == "desired" { return number(desired) }
      if key == "ready" { return number(ready) }
      if key == "maximum" { return number(maximum) }
    case .backoff(let until):
      if key == "until" { return until?.text ?? "-" }
    case .launchFailed(let reason), .terminated(let reason), .notTriggered(let reason):
      if key == "reason" { return name(of: reason) }
    default: break
    }
    return key == "kind" ? name(of: kind) : nil
  }

  private static func name(of kind: CapacityEvent.Kind) -> String {
    let whole = "\(kind)"
    return String(whole.prefix { $0 != "(" })
  }

  private static func name(of reason: CapacityEvent.Reason) -> String {
    if case .unknown(let text) = reason { return String(decoding: text.bytes, as: UTF8.self) }
    return "\(reason)"
  }
}
