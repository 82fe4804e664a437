package import IncidentModel

/// The default of kubernetes/ingress-nginx: `combined`, then request length and time, two names in brackets and the upstream lists (FORMATS §1.3).
package enum IngressNginx: AccessFormat {
  package static let name = "ingress-nginx"
  package static let summary =
    "the default (upstreaminfo) of the Kubernetes ingress-nginx controller"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/2.0\" 200 5316 \"-\" \"curl/8.5\" 462 0.050 [shop-web-80] [] 192.0.2.10:8080 5316 0.049 200 752178adb17130b291aefd8c386279e7"
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 50

  /// `combined`, then `length time [upstream] [alternative] addresses lengths times statuses id`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    try cursor.referrerAndAgent(into: &record)
    try cursor.blank("the request length does not follow the agent")
    _ = try cursor.decimalOrDash("the request length is not a number")
    try cursor.blank("the request time does not follow the request length")
    record.duration = try cursor.microseconds("the request time is not a number")
    try cursor.blank("the upstream name does not follow the request time")
    try upstreamName(&cursor, into: &record)
    var lists = UpstreamLists()
    lists.addresses = try list(&cursor, "the upstream address is missing")
    _ = try list(&cursor, "the upstream length is missing")
    lists.times = try list(&cursor, "the upstream time is missing")
    lists.statuses = try list(&cursor, "the upstream status is missing")
    lists.apply(cursor, into: &record)
    if cursor.skip(UInt8(ascii: " ")) { record.requestID = cursor.text(cursor.token()) }
    record.arriveBeforeStamp()
  }

  /// `[namespace-service-port] [alternative] `; older releases have the first only.
  private static func upstreamName(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    try cursor.expect(UInt8(ascii: "["), "the upstream name has no opening bracket")
    let name = try cursor.take(until: UInt8(ascii: "]"), "the upstream name has no closing bracket")
    let isDefault = cursor.line.holds("upstream-default-backend", at: name.lowerBound)
    record.service = isDefault ? .none : cursor.text(name)
    record.serviceIsServerSet = !record.service.isEmpty
    if cursor.sees(" [") {
      try cursor.skip(past: UInt8(ascii: "]"), "the alternative name has no closing bracket")
    }
  }

  private static func list(
    _ cursor: inout LineCursor, _ reason: StaticString
  ) throws(LineError) -> Range<Int> {
    try cursor.blank(reason)
    let range = cursor.listToken()
    if range.isEmpty { throw cursor.failure(reason) }
    return range
  }
}
