internal import IncidentModel

/// The variables of nginx's `log_format` (nginx.org, ngx_http_log_module; FORMATS §1.2).
enum NginxDirectives {
  /// Takes a string apart.
  static func pieces(of text: PastedFormat) throws(FormatStringError) -> [FormatPiece] {
    let bytes = text.bytes
    var pieces: [FormatPiece] = []
    var literal: [UInt8] = []
    var literalPlace = 0
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "$") else {
        if literal.isEmpty { literalPlace = index }
        literal.append(bytes[index])
        index += 1
        continue
      }
      let start = index
      index += 1
      let isBraced = index < bytes.count && bytes[index] == UInt8(ascii: "{")
      if isBraced { index += 1 }
      let first = index
      while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
      let name = String(decoding: bytes[first..<index], as: UTF8.self)
      if isBraced {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "}") else {
          throw FormatStringError(
            "this brace is never closed", in: text.given, at: text.place(of: start + 1))
        }
        index += 1
      }
      if !literal.isEmpty {
        pieces.append(.literal(literal, place: literalPlace))
        literal = []
      }
      guard !name.isEmpty else {
        throw FormatStringError(
          "a variable's name is missing behind '$'", in: text.given, at: text.place(of: start))
      }
      var directive: FormatDirective
      if let known = self.directive(name) {
        directive = known
      } else if let near = likelyMeant(name) {
        throw FormatStringError(
          "'$\(name)' is no variable of nginx that is known here; if it is not '$\(near)' but one of your own, begin its name with '$_'",
          in: text.given, at: text.place(of: start))
      } else {
        directive = FormatDirective()
        directive.isOwn = true
      }
      directive.name = "$" + name
      directive.place = start
      pieces.append(.directive(directive))
    }
    if !literal.isEmpty { pieces.append(.literal(literal, place: literalPlace)) }
    return pieces
  }

  /// The names of a string that only its user's configuration can explain; each once.
  static func ownVariables(of text: PastedFormat) throws(FormatStringError) -> [String] {
    var names: [String] = []
    for case .directive(let directive) in try pieces(of: text)
    where directive.isOwn && !names.contains(directive.name) {
      names.append(directive.name)
    }
    return names
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "_") || (byte | 0x20) &- UInt8(ascii: "a") < 26
  }

  private static func directive(_ name: String) -> FormatDirective? {
    if let found = used[name] { return found }
    if skipped.contains(name) || skippedPrefixes.contains(where: { name.hasPrefix($0) }) {
      return FormatDirective()
    }
    return nil
  }

  /// The variable of which a name is most likely a slip of the pen; nil: it is one of the user's own (`map`, `set`).
  private static func likelyMeant(_ name: String) -> String? {
    let bytes = Array(name.utf8)
    let known = used.keys.sorted() + skipped.sorted()
    let near = known.map { (name: $0, distance: EditDistance.between(bytes, Array($0.utf8))) }
    guard let best = near.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= (bytes.count < 5 ? 1 : 2) ? best.name : nil
  }

  private static let used: [String: FormatDirective] = [
    "remote_addr": FormatDirective(field: .client, rank: 4),
    "the_real_ip": FormatDirective(field: .client, rank: 3),
    "proxy_protocol_addr": FormatDirective(field: .client, rank: 2),
    "realip_remote_addr": FormatDirective(field: .client, rank: 1),
    "http_x_forwarded_for": FormatDirective(field: .forwarded, rank: 3),
    "proxy_add_x_forwarded_for": FormatDirective(field: .forwarded, rank: 2),
    "http_x_real_ip": FormatDirective(field: .forwarded, rank: 1),
    "remote_user": FormatDirective(field: .user),
    "time_local": FormatDirective(field: .clock, rank: 1, clock: .common),
    "time_iso8601": FormatDirective(field: .clock, rank: 2, clock: .iso),
    "time_iso8601_ms": FormatDirective(field: .clock, rank: 3, clock: .iso),
    "msec": FormatDirective(field: .clock, rank: 4, clock: .epoch),
    "request": FormatDirective(field: .request, rank: 2),
    "request_method": FormatDirective(field: .method),
    "request_uri": FormatDirective(field: .target, rank: 2),
    "uri": FormatDirective(field: .target, rank: 1),
    "document_uri": FormatDirective(field: .target, rank: 1),
    "args": FormatDirective(field: .query),
    "query_string": FormatDirective(field: .query),
    "is_args": FormatDirective(field: .query),
    "server_protocol": FormatDirective(field: .version),
    "status": FormatDirective(field: .status),
    "body_bytes_sent": FormatDirective(field: .bytes, rank: 2),
    "bytes_sent": FormatDirective(field: .bytes, rank: 1),
    "request_time": FormatDirective(field: .duration),
    "upstream_response_time": FormatDirective(field: .upstreamTimes),
    "upstream_addr": FormatDirective(field: .backends),
    "upstream_status": FormatDirective(field: .upstreamStatus),
    "upstream_cache_status": FormatDirective(field: .cache),
    "proxy_upstream_name": FormatDirective(field: .upstreamName, rank: 4),
    "server_name": FormatDirective(field: .serverName, rank: 3),
    "host": FormatDirective(field: .host, rank: 2),
    "http_host": FormatDirective(field: .host, rank: 1),
    "http_referer": FormatDirective(field: .referrer),
    "http_user_agent": FormatDirective(field: .agent),
    "ssl_protocol": FormatDirective(field: .tls),
    "req_id": FormatDirective(field: .requestID, rank: 3),
    "request_id": FormatDirective(field: .requestID, rank: 2),
    "http_x_request_id": FormatDirective(field: .requestID, rank: 1),
  ]

  private static let skipped: Set<String> = [
    "remote_port", "binary_remote_addr", "scheme", "server_addr", "server_port", "hostname",
    "request_length", "request_completion", "request_body", "request_body_file",
    "request_filename", "connection", "connection_requests", "connection_time",
    "connections_active", "connections_reading", "connections_waiting", "connections_writing",
    "pipe", "gzip_ratio", "content_length", "content_type", "document_root", "realpath_root",
    "https", "http2", "http3", "quic", "spdy", "limit_rate", "nginx_version", "pid", "msie",
    "modern_browser", "ancient_browser", "invalid_referer", "date_local", "date_gmt",
    "upstream_last_addr", "upstream_connect_time", "upstream_header_time", "upstream_queue_time",
    "upstream_first_byte_time", "upstream_session_time", "upstream_response_length",
    "upstream_bytes_received", "upstream_bytes_sent", "upstream_last_server_name",
    "limit_req_status", "limit_conn_status", "namespace", "ingress_name", "service_name",
    "service_port", "location_path", "proxy_alternative_upstream_name", "session_log_id",
    "slice_range", "memcached_key", "realip_remote_port", "trace_id", "protocol", "bytes_received",
    "session_time",
  ]

  private static let skippedPrefixes = [
    "_", "http_", "sent_http_", "sent_trailer_", "trailer_", "cookie_", "arg_", "upstream_http_",
    "upstream_trailer_", "upstream_cookie_", "ssl_", "proxy_", "fastcgi_", "uid_", "secure_link",
    "geoip_", "geoip2_", "jwt_", "otel_", "opentelemetry_", "opentracing_", "tcpinfo_",
    "access_log_",
  ]
}
