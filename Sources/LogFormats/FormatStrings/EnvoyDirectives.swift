internal import IncidentModel

/// The command operators of Envoy's format strings (Envoy docs, configuration/observability/access_log/usage; FORMATS §1.5).
enum EnvoyDirectives {
  /// Takes a string apart.
  static func pieces(of text: PastedFormat) throws(FormatStringError) -> [FormatPiece] {
    var scanner = PercentScanner(text)
    while try scanner.nextPercent() {
      let start = scanner.position
      scanner.position += 1
      if scanner.skip(UInt8(ascii: "%")) {
        scanner.keep(UInt8(ascii: "%"), at: start)
        continue
      }
      let nameStart = scanner.position
      scanner.skip { $0 &- UInt8(ascii: "A") < 26 || $0 == UInt8(ascii: "_") || isDigit($0) }
      let name = String(decoding: scanner.bytes[nameStart..<scanner.position], as: UTF8.self)
      let open = scanner.position
      var argument: String?
      if scanner.next == UInt8(ascii: "(") {
        argument = try scanner.enclosed(by: UInt8(ascii: ")"), "this bracket is never closed")
      }
      if scanner.skip(UInt8(ascii: ":")) { scanner.skip(while: isDigit) }
      guard scanner.skip(UInt8(ascii: "%")) else {
        throw scanner.failure("the '%' behind this operator is missing", at: start)
      }
      guard let directive = try directive(name, argument, scanner, open) else {
        throw scanner.failure(
          name.isEmpty
            ? "an operator is missing behind '%'"
            : "'%\(name)%' is no operator of Envoy that is known here", at: start)
      }
      scanner.finishLiteral()
      scanner.pieces.append(scanner.named(.directive(directive), from: start))
    }
    scanner.finishLiteral()
    return scanner.pieces
  }

  private static func directive(
    _ name: String, _ argument: String?, _ scanner: PercentScanner, _ open: Int
  ) throws(FormatStringError) -> FormatDirective? {
    switch name {
    case "START_TIME": return try time(argument, .arrival, rank: 2, scanner, open)
    case "EMIT_TIME": return try time(argument, .completion, rank: 1, scanner, open)
    case "START_TIME_LOCAL": return try time(argument, .arrival, rank: 2, scanner, open)
    case "REQ": return header(argument ?? "")
    case "RESP" where argument?.lowercased() == "x-envoy-upstream-service-time":
      return FormatDirective(field: .upstreamTime, rank: 2, unit: 1_000)
    default:
      if let found = used[name] { return found }
      return skipped.contains(name) ? FormatDirective() : nil
    }
  }

  private static func time(
    _ argument: String?, _ stamp: StampMeaning, rank: Int, _ scanner: PercentScanner, _ open: Int
  ) throws(FormatStringError) -> FormatDirective {
    var directive = FormatDirective(field: .clock, rank: rank, clock: .iso, stamp: stamp)
    guard let pattern = argument, !pattern.isEmpty else { return directive }
    switch ClockPattern.parts(of: Array(pattern.utf8)) {
    case .success(let parts):
      directive.clock = .pattern(parts)
      if !ClockPattern.tellsMoment(parts) { directive.field = .clockPart }
      return directive
    case .failure(let unknown):
      throw scanner.failure(
        "this part of the time is not known here", at: open + 1 + unknown.offset)
    }
  }

  /// `REQ(X?Y)`: the first header, or the second where it is missing.
  private static func header(_ argument: String) -> FormatDirective {
    let names = argument.lowercased().split(separator: "?").map(String.init)
    for name in names {
      if let found = headers[name] { return found }
    }
    return FormatDirective()
  }

  private static let headers: [String: FormatDirective] = [
    ":method": FormatDirective(field: .method),
    ":path": FormatDirective(field: .target, rank: 1),
    "x-envoy-original-path": FormatDirective(field: .target, rank: 2),
    ":authority": FormatDirective(field: .host, rank: 2),
    "host": FormatDirective(field: .host, rank: 1),
    "x-forwarded-for": FormatDirective(field: .forwarded, rank: 3),
    "x-envoy-external-address": FormatDirective(field: .forwarded, rank: 2),
    "x-real-ip": FormatDirective(field: .forwarded, rank: 1),
    "user-agent": FormatDirective(field: .agent),
    "referer": FormatDirective(field: .referrer),
    "x-request-id": FormatDirective(field: .requestID, rank: 2),
    "x-b3-traceid": FormatDirective(field: .requestID, rank: 1),
    "traceparent": FormatDirective(field: .requestID, rank: 1),
  ]

  private static let used: [String: FormatDirective] = [
    "PROTOCOL": FormatDirective(field: .version),
    "RESPONSE_CODE": FormatDirective(field: .status),
    "RESPONSE_FLAGS": FormatDirective(field: .flags),
    "BYTES_SENT": FormatDirective(field: .bytes),
    "DURATION": FormatDirective(field: .duration, unit: 1_000),
    "RESPONSE_DURATION": FormatDirective(field: .upstreamTime, rank: 1, unit: 1_000),
    "UPSTREAM_HOST": FormatDirective(field: .backend, rank: 2),
    "UPSTREAM_REMOTE_ADDRESS": FormatDirective(field: .backend, rank: 1),
    "UPSTREAM_CLUSTER": FormatDirective(field: .cluster),
    "UPSTREAM_CLUSTER_RAW": FormatDirective(field: .cluster),
    "DOWNSTREAM_REMOTE_ADDRESS": FormatDirective(field: .client, rank: 3, hasPort: true),
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": FormatDirective(field: .client, rank: 4),
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS": FormatDirective(field: .client, rank: 1, hasPort: true),
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT": FormatDirective(field: .client, rank: 2),
    "UPSTREAM_REQUEST_ATTEMPT_COUNT": FormatDirective(field: .attempts),
    "DOWNSTREAM_TLS_VERSION": FormatDirective(field: .tls),
    "STREAM_ID": FormatDirective(field: .requestID, rank: 0),
  ]

  private static let skipped: Set<String> = [
    "RESP", "TRAILER", "DYNAMIC_METADATA", "CLUSTER_METADATA", "UPSTREAM_METADATA", "METADATA",
    "FILTER_STATE", "UPSTREAM_FILTER_STATE", "ENVIRONMENT", "QUERY_PARAM", "QUERY_PARAMS", "PATH",
    "COALESCE", "CUSTOM_FLAGS", "BYTES_RECEIVED", "RESPONSE_FLAGS_LONG", "RESPONSE_CODE_DETAILS",
    "CONNECTION_TERMINATION_DETAILS", "UPSTREAM_TRANSPORT_FAILURE_REASON",
    "UPSTREAM_DETECTED_CLOSE_TYPE", "DOWNSTREAM_DETECTED_CLOSE_TYPE", "REQUEST_DURATION",
    "REQUEST_TX_DURATION", "RESPONSE_TX_DURATION", "COMMON_DURATION",
    "DOWNSTREAM_HANDSHAKE_DURATION",
    "ROUNDTRIP_DURATION", "ROUTE_NAME", "VIRTUAL_CLUSTER_NAME", "VIRTUAL_HOST_NAME",
    "UPSTREAM_HOST_NAME", "UPSTREAM_HOST_NAME_WITHOUT_PORT", "UPSTREAM_LOCAL_ADDRESS",
    "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", "UPSTREAM_LOCAL_PORT", "UPSTREAM_REMOTE_PORT",
    "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", "UPSTREAM_CONNECTION_ID", "UPSTREAM_PROTOCOL",
    "UPSTREAM_TLS_CIPHER", "UPSTREAM_TLS_VERSION",
    "UPSTREAM_TLS_SESSION_ID", "UPSTREAM_PEER_SUBJECT", "UPSTREAM_PEER_ISSUER",
    "UPSTREAM_PEER_CERT", "UPSTREAM_HOSTS_ATTEMPTED", "UPSTREAM_WIRE_BYTES_SENT",
    "UPSTREAM_WIRE_BYTES_RECEIVED", "UPSTREAM_HEADER_BYTES_SENT", "UPSTREAM_HEADER_BYTES_RECEIVED",
    "DOWNSTREAM_WIRE_BYTES_SENT", "DOWNSTREAM_WIRE_BYTES_RECEIVED",
    "DOWNSTREAM_HEADER_BYTES_SENT", "DOWNSTREAM_HEADER_BYTES_RECEIVED", "DOWNSTREAM_LOCAL_ADDRESS",
    "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_LOCAL_PORT", "DOWNSTREAM_REMOTE_PORT",
    "DOWNSTREAM_DIRECT_REMOTE_PORT", "DOWNSTREAM_DIRECT_LOCAL_ADDRESS", "DOWNSTREAM_TLS_CIPHER",
    "DOWNSTREAM_TLS_SESSION_ID", "DOWNSTREAM_PEER_URI_SAN", "DOWNSTREAM_PEER_DNS_SAN",
    "DOWNSTREAM_PEER_SUBJECT", "DOWNSTREAM_PEER_ISSUER", "DOWNSTREAM_PEER_CERT",
    "DOWNSTREAM_PEER_SERIAL", "DOWNSTREAM_PEER_FINGERPRINT_256", "DOWNSTREAM_PEER_FINGERPRINT_1",
    "DOWNSTREAM_PEER_CERT_V_START", "DOWNSTREAM_PEER_CERT_V_END", "DOWNSTREAM_LOCAL_URI_SAN",
    "DOWNSTREAM_LOCAL_SUBJECT", "DOWNSTREAM_TRANSPORT_FAILURE_REASON", "REQUESTED_SERVER_NAME",
    "TLS_JA3_FINGERPRINT", "TLS_JA4_FINGERPRINT", "CONNECTION_ID", "ACCESS_LOG_TYPE", "TRACE_ID",
    "SPAN_ID", "GRPC_STATUS", "GRPC_STATUS_NUMBER", "HOSTNAME", "LOCAL_REPLY_BODY",
    "WORKER_ID", "UNIQUE_ID",
  ]
}
