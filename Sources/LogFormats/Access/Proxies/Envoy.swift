package import IncidentModel

/// Envoy's default text format (FORMATS §1.5).
package enum Envoy: AccessFormat {
  package static let name = "envoy"
  package static let summary = "Envoy's default text format"
  package static let example =
    "[2024-03-05T14:03:22.310Z] \"GET /cart HTTP/2\" 200 - 154 5316 123 120 \"203.0.113.7\" \"curl/8.5\" \"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2\" \"shop.example.com\" \"192.0.2.10:80\""
  package static let fields: Set<FormatField> = [
    .client, .agent, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 64

  /// `[start] "request" code flags received sent duration upstream "forwarded" "agent" "id" "authority" "host"`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    let flags = try cursor.envoyHead(&context, into: &record)
    try cursor.blank("the received bytes are missing")
    try cursor.envoyBody(flags, &context, into: &record)
  }
}

extension LineCursor {
  /// `[start] "request" code flags`, which Istio shares.
  @inline(__always)
  mutating func envoyHead(
    _ context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) -> Range<Int> {
    try expect(UInt8(ascii: "["), "the line does not begin with a bracket")
    record.stamp = try isoTime(&context.clock)
    record.arrival = record.stamp
    try expect("] ", "the closing bracket of the time is missing")
    try requestAndStatus(into: &record)
    try blank("the flags are missing")
    return try shortToken("the flags are missing")
  }

  /// `received sent duration upstream "forwarded" "agent" "id" "authority" "host"`.
  @inline(__always)
  mutating func envoyBody(
    _ flags: Range<Int>, _ context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    _ = try decimalOrDash("the received bytes are not a number")
    try blank("the sent bytes are missing")
    record.byteCount = try decimalOrDash("the sent bytes are not a number")
    try blank("the duration is missing")
    record.duration = try microseconds(perUnit: 1_000, "the duration is not a number")
    try blank("the upstream's time is missing")
    record.upstreamDuration = try microseconds(
      perUnit: 1_000, "the upstream's time is not a number")
    try blank("the forwarded addresses are missing")
    let forwarded = try quoted("the forwarded addresses have no opening quote")
    if !isDash(forwarded) { listedClient(forwarded, into: &record) }
    try blank("the agent is missing")
    record.agent = text(try quoted("the agent has no opening quote"))
    try blank("the request's id is missing")
    record.requestID = text(try quoted("the request's id has no opening quote"))
    try blank("the authority is missing")
    let authority = try quoted("the authority has no opening quote")
    if !isDash(authority) { record.service = hostName(authority, &context) }
    try blank("the upstream host is missing")
    record.backend = text(try quoted("the upstream host has no opening quote"))
    settleEnvoy(flags, into: &record)
  }

  /// Shed by flags or a missing upstream; a connection of a TCP proxy has no code of its own.
  private func settleEnvoy(_ range: Range<Int>, into record: inout AccessRecord) {
    let hasFlags = !isDash(range)
    let flags = hasFlags ? EnvoyFlags(line, range) : EnvoyFlags(line, 0..<0)
    if record.status == 0 && record.method.isEmpty && record.agent.isEmpty {
      record.isConnection = true
      record.durationIsNoLatency = true
      if flags.isEmpty && !record.backend.isEmpty { record.status = 200 }
      if flags.isFailure { record.status = 503 }
    }
    record.tellsShed = true
    record.isShed = record.status >= 500 && (flags.isShed || record.backend.isEmpty)
  }
}
