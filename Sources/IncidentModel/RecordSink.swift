/// Why a line was not read.
package struct RejectedLine: Hashable, Sendable {
  package var position: LogPosition
  /// Lower case, no full stop: `the closing bracket of the time is missing`. Floodmark's own words.
  package var reason: String
  /// The byte of the line at which reading failed.
  package var column: Int
  /// The first bytes of the line, at most 160.
  package var excerpt: LogText

  package init(position: LogPosition, reason: String, column: Int, excerpt: LogText) {
    self.position = position
    self.reason = reason
    self.column = column
    self.excerpt = excerpt
  }
}

/// Takes what a reader makes of a member's lines, in the order of the lines.
///
/// The reader owns the buffers and calls the sink; a record and its spans are valid during the call only.
package protocol RecordSink: ~Copyable {
  /// One request. `scratch` holds the text that the format had to unescape.
  mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, number: Int,
    offset: Int)
  mutating func add(_ event: CapacityEvent)
  mutating func reject(_ line: RejectedLine)
  /// A line that belongs to the format and says nothing that the tally keeps, such as a header or another component's message.
  mutating func pass(number: Int, offset: Int)
}
