/// What a column of a W3C extended log holds (FORMATS §1.8); the raw value is its place in ``W3CLine``.
enum W3CField: Int {
  case ignored, date, time, client, user, site, serverAddress, method, stem, query, uri, status
  case bytes, taken, agent, referrer, host, edgeHost, forwarded, edgeResult, edgeDetail, identity
  case tls, reason, queue

  /// How many places a line has.
  static let count = 25

  /// The column whose name stands in a `#Fields:` directive.
  static func named(_ name: Span<UInt8>) -> W3CField {
    switch name.count {
    case ...6: short(name)
    case 7...11: middle(name)
    default: long(name)
    }
  }

  private static func short(_ name: Span<UInt8>) -> W3CField {
    if name.isKey("date") { return .date }
    if name.isKey("time") { return .time }
    if name.isKey("c_ip") { return .client }
    if name.isKey("s_ip") { return .serverAddress }
    if name.isKey("cs_uri") { return .uri }
    if name.isKey("s_xff") { return .forwarded }
    return .ignored
  }

  private static func middle(_ name: Span<UInt8>) -> W3CField {
    if name.isKey("cs_method") { return .method }
    if name.isKey("cs_uri_stem") { return .stem }
    if name.isKey("cs_host") { return .host }
    if name.isKey("c_status") { return .status }
    if name.isKey("date_utc") || name.isKey("date_local") { return .date }
    if name.isKey("time_utc") || name.isKey("time_local") { return .time }
    if name.isKey("timetakenms") { return .taken }
    if name.isKey("cs(host)") { return .edgeHost }
    if name.isKey("sc_status") { return .status }
    if name.isKey("sc_bytes") { return .bytes }
    if name.isKey("time_taken") { return .taken }
    if name.isKey("s_sitename") { return .site }
    if name.isKey("cs_username") { return .user }
    if name.isKey("cs(referer)") { return .referrer }
    if name.isKey("s_reason") { return .reason }
    if name.isKey("s_queuename") { return .queue }
    return .ignored
  }

  private static func long(_ name: Span<UInt8>) -> W3CField {
    if name.isKey("cs_uri_query") { return .query }
    if name.isKey("cs(user_agent)") { return .agent }
    if name.isKey("cs(referrer)") { return .referrer }
    if name.isKey("cs(x_forwarded_for)") || name.isKey("x_forwarded_for") { return .forwarded }
    if name.isKey("x_host_header") { return .host }
    if name.isKey("x_edge_result_type") { return .edgeResult }
    if name.isKey("x_edge_detailed_result_type") { return .edgeDetail }
    if name.isKey("x_edge_request_id") { return .identity }
    if name.isKey("ssl_protocol") || name.isKey("crypt_protocol") { return .tls }
    return .ignored
  }
}

/// Who wrote a W3C extended log, by the names of its columns.
enum W3CDialect {
  /// No `#Fields:` stands in front.
  case unknown
  case iis, httpErr, cloudFront, generic
}
