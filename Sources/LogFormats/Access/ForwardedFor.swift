internal import IncidentModel

/// The client behind a proxy (FORMATS §0.5).
extension LineCursor {
  /// Takes the client out of `X-Forwarded-For`: the right-most public address, if the peer is a private one.
  ///
  /// A private peer is a proxy of the same house and tells the truth about who called it; what a public peer sends about itself is only its claim, so there the peer stays the client.
  func forwardedClient(_ list: Range<Int>, into record: inout AccessRecord) {
    let peer = Int(record.client.start)..<Int(record.client.start) + Int(record.client.count)
    if !isPrivate(peer) { return }
    var end = list.upperBound
    while end > list.lowerBound {
      var start = end
      while start > list.lowerBound && line[start - 1] != UInt8(ascii: ",") { start -= 1 }
      var low = start
      while low < end && line[low] == UInt8(ascii: " ") { low += 1 }
      let candidate = address(in: low..<end)
      if !candidate.isEmpty && isAddress(candidate) && !isPrivate(candidate) {
        record.client = TextRange(candidate)
        return
      }
      end = start - 1
    }
  }

  /// Private, loopback, link-local or shared addresses (RFC 1918, 3927, 4193, 4291, 6598).
  func isPrivate(_ range: Range<Int>) -> Bool {
    let start = range.lowerBound
    if line.holds("10.", at: start) || line.holds("192.168.", at: start)
      || line.holds("127.", at: start) || line.holds("169.254.", at: start)
      || line.holds("fd", at: start) || line.holds("fe80:", at: start)
      || range.count == 3 && line.holds("::1", at: start)
    {
      return true
    }
    let isShared = line.holds("100.", at: start)
    guard isShared || line.holds("172.", at: start) else { return false }
    var second = LineCursor(line, at: start + 4)
    guard let number = try? second.decimal("") else { return false }
    return isShared ? (64...127).contains(number) : (16...31).contains(number)
  }
}
