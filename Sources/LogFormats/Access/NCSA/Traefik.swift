package import IncidentModel

/// Traefik's default: the Common Log Format with referrer, agent, count, router, backend and milliseconds behind (FORMATS §1.6).
package enum Traefik: AccessFormat {
  package static let name = "traefik"
  package static let summary = "Traefik's default access log"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/2.0\" 200 5316 \"-\" \"curl/8.5\" 4711 \"shop@docker\" \"http://192.0.2.10:80\" 123ms"
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 52

  /// `combined`, then `count "router" "URL" Nms`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    try cursor.referrerAndAgent(into: &record)
    try cursor.blank("the request count does not follow the agent")
    _ = try cursor.decimalOrDash("the request count is not a number")
    try cursor.blank("the router is missing")
    record.service = cursor.text(try cursor.quoted("the router has no opening quote"))
    record.serviceIsServerSet = !record.service.isEmpty
    try cursor.blank("the backend is missing")
    record.backend = cursor.text(try cursor.quoted("the backend has no opening quote"))
    try cursor.blank("the duration is missing")
    record.duration = try cursor.microseconds(perUnit: 1_000, "the duration is not a number")
    try cursor.expect("ms", "the duration is not in milliseconds")
    record.tellsShed = true
    record.isShed = record.status >= 500 && record.backend.isEmpty
  }
}
