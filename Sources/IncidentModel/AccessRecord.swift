/// Where a field's text stands: in the line itself, or in the scratch buffer into which a format has unescaped it.
package struct TextRange: Hashable, Sendable {
  /// The first byte; ``scratchFlag`` is set where the text lies in the scratch buffer.
  package var start: UInt32
  package var count: UInt32

  package static let scratchFlag: UInt32 = 1 << 31
  /// The field is absent.
  package static let none = TextRange(start: 0, count: 0)

  @inlinable
  package init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }

  @inlinable
  package init(_ range: Range<Int>) {
    start = UInt32(truncatingIfNeeded: range.lowerBound)
    count = UInt32(truncatingIfNeeded: range.count)
  }

  /// A field whose unescaped bytes stand at `range` of the scratch buffer.
  @inlinable
  package init(inScratch range: Range<Int>) {
    start = UInt32(truncatingIfNeeded: range.lowerBound) | Self.scratchFlag
    count = UInt32(truncatingIfNeeded: range.count)
  }

  @inlinable
  package var isEmpty: Bool { count == 0 }

  /// The bytes that the range names.
  @_lifetime(copy line, copy scratch)
  package func bytes(line: Span<UInt8>, scratch: Span<UInt8>) -> Span<UInt8> {
    let low = Int(start & ~Self.scratchFlag)
    let range = low..<low + Int(count)
    return start & Self.scratchFlag == 0 ? line.extracting(range) : scratch.extracting(range)
  }
}

/// One request as its line tells it: numbers, and ranges into the line. No text is copied.
package struct AccessRecord: Sendable {
  /// The time stamp of the line.
  package var stamp = Instant(microseconds: 0)
  /// When the request arrived: the stamp, less the duration where the stamp means completion and the duration is known.
  package var arrival = Instant(microseconds: 0)
  /// From arrival to the end of the answer, in microseconds; -1: the line does not say.
  package var duration: Int64 = -1
  /// The duration is a lower bound (HAProxy `+`) or no latency at all (WebSocket); kept out of the sketches.
  package var durationIsNoLatency = false
  /// Time spent in upstreams, summed over attempts, in microseconds; -1: the line does not say.
  package var upstreamDuration: Int64 = -1
  /// The status that the client got; 0 for none, which counts as abandoned.
  package var status: UInt16 = 0
  /// The line tells of a connection (TCP, TLS) and no request: nobody sent its `status`, it stands for how the connection ended.
  package var isConnection = false
  /// Bytes sent to the client; -1: the line does not say.
  package var byteCount: Int64 = -1
  /// A load balancer answered it by itself; no backend was reached (DESIGN §4).
  package var isShed = false
  /// The format tells whether a backend was reached; where false, `isShed` says nothing.
  package var tellsShed = false
  /// Attempts beyond the first that the load balancer itself made.
  package var upstreamRetries: UInt8 = 0
  /// The client's address as text, without port and brackets.
  package var client = TextRange.none
  package var method = TextRange.none
  /// The request target: a path with its query, or a full URL.
  package var target = TextRange.none
  /// The virtual host, load balancer or ingress upstream: what DESIGN §4 calls the service.
  package var service = TextRange.none
  /// The service's name was set by the server's side (load balancer, ingress, server_name) and not by the client's Host header.
  package var serviceIsServerSet = false
  package var referrer = TextRange.none
  package var agent = TextRange.none
  package var user = TextRange.none
  /// The backend that answered, as address or name.
  package var backend = TextRange.none
  package var zone = TextRange.none
  package var cache = TextRange.none
  package var tlsVersion = TextRange.none
  /// The request's own id, or a trace id.
  package var requestID = TextRange.none

  package init() {}
}

/// What a format's time stamp means.
package enum StampMeaning: String, Sendable {
  case arrival, completion
}
