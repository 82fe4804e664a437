/// Why a format did not take a line: the leaf error of every parser here.
///
/// `LineError(.expectedBracket, at: 31)`: the reason is one of Floodmark's own sentences, lower case, without a full stop.
package struct LineError: Error, Hashable {
  /// A reason that names what is wrong with the line, such as `the closing bracket of the time is missing`.
  package var reason: StaticString
  /// The byte of the line at which the format gave up.
  package var column: Int
  /// The line is surely the format's own, and yet no request: it is no sign against the format.
  package var isOwn = false
  /// The field of a format string that did not fit, counted from 0; -1: none.
  package var field = -1

  package init(_ reason: StaticString, at column: Int, isOwn: Bool = false) {
    self.reason = reason
    self.column = column
    self.isOwn = isOwn
  }

  package static func == (left: LineError, right: LineError) -> Bool {
    "\(left.reason)" == "\(right.reason)" && left.column == right.column
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine("\(reason)")
    hasher.combine(column)
  }
}
