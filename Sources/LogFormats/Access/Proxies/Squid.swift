package import IncidentModel

/// Squid's native access log (FORMATS §1.6).
package enum Squid: AccessFormat {
  package static let name = "squid"
  package static let summary = "Squid's native access log"
  package static let example =
    "1709647402.899    123 203.0.113.7 TCP_MISS/200 5316 GET http://shop.example.com/cart - HIER_DIRECT/192.0.2.10 text/html"
  package static let fields: Set<FormatField> = [
    .client, .duration, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 68

  /// `epoch elapsed client code/status bytes method URL user hierarchy/peer type`; tunnels are kept out of latency.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    record.stamp = try cursor.epochTime()
    record.arrival = record.stamp
    try cursor.blank("the elapsed time is missing")
    record.duration = try cursor.microseconds(perUnit: 1_000, "the elapsed time is not a number")
    try cursor.blank("the client is missing")
    record.client = TextRange(try cursor.shortToken("the client is missing"))
    try cursor.blank("the result is missing")
    let code = try cursor.take(until: UInt8(ascii: "/"), "the result has no status")
    if line.near(UInt8(ascii: " "), from: code.lowerBound) < code.upperBound {
      throw LineError("the result has no status", at: code.lowerBound)
    }
    record.cache = cursor.text(code)
    record.status = try cursor.status()
    try cursor.blank("the byte count is missing")
    record.byteCount = max(0, try cursor.decimalOrDash("the byte count is not a number"))
    try cursor.blank("the method is missing")
    let method = try cursor.shortToken("the method is missing")
    record.method = cursor.text(method)
    try cursor.blank("the URL is missing")
    record.target = cursor.text(try cursor.shortToken("the URL is missing"))
    let isTunnel = line.extracting(method).isKey("connect")
    record.durationIsNoLatency = isTunnel
    record.service = cursor.hostName(
      isTunnel ? cursor.range(of: record.target) : cursor.urlHost(of: record.target), &context)
    try cursor.blank("the user is missing")
    record.user = cursor.text(try cursor.shortToken("the user is missing"))
    try cursor.blank("the peer is missing")
    let peer = try cursor.shortToken("the peer is missing")
    let slash = line.near(UInt8(ascii: "/"), from: peer.lowerBound)
    if slash >= peer.upperBound { throw LineError("the peer has no address", at: peer.lowerBound) }
    record.backend = cursor.text(slash + 1..<peer.upperBound)
    record.tellsShed = true
    record.isShed = record.status >= 500 && record.backend.isEmpty
    record.arriveBeforeStamp()
  }
}

extension LineCursor {
  /// Where a text stands that is not in the scratch buffer.
  func range(of text: TextRange) -> Range<Int> {
    let low = Int(text.start & ~TextRange.scratchFlag)
    return low..<low + Int(text.count)
  }
}
