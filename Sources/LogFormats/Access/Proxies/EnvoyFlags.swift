internal import IncidentModel

/// Envoy's response flags: a list with commas such as `UF,URX` (Envoy docs, access log usage).
struct EnvoyFlags {
  /// No backend was reached: no healthy one, overflow, no route, no cluster, overload (FORMATS §1.5).
  private(set) var isShed = false
  /// The upstream failed in one way or another.
  private(set) var isFailure = false
  /// No flag is set.
  private(set) var isEmpty = true

  init(_ line: Span<UInt8>, _ range: Range<Int>) {
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start
      while end < range.upperBound && line.byte(at: end) != UInt8(ascii: ",") { end += 1 }
      note(line.extracting(start..<end))
      start = end + 1
    }
  }

  private mutating func note(_ flag: Span<UInt8>) {
    if flag.isEmpty || flag.count == 1 && flag[0] == UInt8(ascii: "-") { return }
    isEmpty = false
    if flag.isKey("uh") || flag.isKey("uo") || flag.isKey("nr") || flag.isKey("nc")
      || flag.isKey("rl") || flag.isKey("om")
    {
      isShed = true
    }
    if isShed || flag.isKey("uf") || flag.isKey("urx") || flag.isKey("ut") || flag.isKey("ur")
      || flag.isKey("uc") || flag.isKey("lr") || flag.isKey("lh") || flag.isKey("df")
    {
      isFailure = true
    }
  }
}

/// Istio's cluster names: `outbound|8000||httpbin.shop.svc.cluster.local`.
enum EnvoyCluster {
  /// Takes the service out of a cluster's name; where it has none, the one that was asked stays.
  static func service(
    _ cluster: Range<Int>, _ cursor: borrowing LineCursor, into record: inout AccessRecord
  ) {
    guard cursor.line.holds("outbound|", at: cluster.lowerBound) else { return }
    var start = cluster.upperBound
    while start > cluster.lowerBound && cursor.line[start - 1] != UInt8(ascii: "|") { start -= 1 }
    if start == cluster.upperBound { return }
    record.service = TextRange(start..<cluster.upperBound)
    record.serviceIsServerSet = true
  }
}
