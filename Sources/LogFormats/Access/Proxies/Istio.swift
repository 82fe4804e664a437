package import IncidentModel

/// Istio's text format: Envoy's with details behind the flags and the cluster behind the upstream host (FORMATS §1.5).
///
/// Client's and server's sidecar log the same request; the analysis tells such vantages apart.
package enum Istio: AccessFormat {
  package static let name = "istio"
  package static let summary = "the text format of Istio's sidecars and gateways"
  package static let example =
    "[2024-03-05T14:03:22.409Z] \"GET /cart HTTP/1.1\" 200 - via_upstream - \"-\" 0 5316 123 120 \"-\" \"curl/8.5\" \"84961386-6d84-929d-98bd-c5aee93b5c88\" \"shop.example.com\" \"192.0.2.10:80\" outbound|80||web.shop.svc.cluster.local 192.0.2.7:37652 192.0.2.20:80 192.0.2.7:46520 - default"
  package static let fields: Set<FormatField> = [
    .client, .agent, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 66

  /// Envoy's line with one to four more values behind the flags, and `cluster local local remote name route` behind the upstream host.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    let flags = try cursor.envoyHead(&context, into: &record)
    try cursor.blank("the details are missing")
    try details(&cursor)
    try cursor.envoyBody(flags, &context, into: &record)
    try cursor.blank("the upstream cluster is missing")
    let cluster = try cursor.shortToken("the upstream cluster is missing")
    EnvoyCluster.service(cluster, cursor, into: &record)
    if record.client.isEmpty { remoteAddress(&cursor, into: &record) }
  }

  /// Code details, connection details and the quoted failure: three of them in current releases, older ones have fewer.
  private static func details(_ cursor: inout LineCursor) throws(LineError) {
    var count = 0
    while !isDigit(cursor.next) {
      if count == 4 { throw cursor.failure("the received bytes are missing") }
      if cursor.next == UInt8(ascii: "\"") {
        _ = try cursor.quoted("the details are missing")
      } else {
        _ = try cursor.shortToken("the details are missing")
      }
      try cursor.blank("the received bytes are missing")
      count += 1
    }
    if count == 0 { throw LineError("the details are missing", at: cursor.position) }
  }

  /// The third address behind the cluster is the caller's.
  private static func remoteAddress(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) {
    for _ in 0..<2 {
      cursor.skipBlanks()
      _ = cursor.token()
    }
    cursor.skipBlanks()
    let remote = cursor.token()
    if !cursor.isDash(remote) && !remote.isEmpty {
      record.client = TextRange(cursor.address(in: remote))
    }
  }
}
