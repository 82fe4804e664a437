/// A sentence of the report as Floodmark's own words with typed slots.
///
/// `"\(count: 14) of \(count: 17) launches were refused in \(log: zone)"` keeps the numbers as numbers and the log's text as ``LogText``.
/// A `String` cannot be interpolated, so unescaped text does not compile; ReportWriting alone turns a sentence into text.
package struct Sentence: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// One part of a sentence.
  package enum Piece: Hashable, Sendable {
    /// Floodmark's own words, from a literal in the source.
    case words(String)
    /// A whole number, shown with thousands marks.
    case count(Int)
    /// A part of a whole, shown as a percentage; `whole` is not 0.
    case share(part: Double, whole: Double)
    /// A multiple, shown as `4.2 ×`.
    case factor(Double)
    /// Requests per second.
    case rate(Double)
    /// A latency in milliseconds.
    case milliseconds(Double)
    /// A duration in seconds, shown as `5 min 10 s`.
    case duration(Double)
    /// A moment, shown as `HH:MM:SS`, or `HH:MM` where the source is exact to the minute only.
    case time(Instant, precisionSeconds: Int)
    /// A number of instances.
    case instances(Int)
    /// A word of Floodmark's own vocabulary in a code span, such as `capacity-exhausted`.
    case code(String)
    /// Text from a log.
    case log(LogText)
  }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var pieces: [Piece] = []

    package init(literalCapacity: Int, interpolationCount: Int) {
      pieces.reserveCapacity(2 * interpolationCount + 1)
    }

    package mutating func appendLiteral(_ literal: StringLiteralType) {
      if !literal.isEmpty { pieces.append(.words(literal)) }
    }
    package mutating func appendInterpolation(count: Int) { pieces.append(.count(count)) }
    package mutating func appendInterpolation(share part: Double, of whole: Double = 1) {
      pieces.append(.share(part: part, whole: whole))
    }
    package mutating func appendInterpolation(factor: Double) { pieces.append(.factor(factor)) }
    package mutating func appendInterpolation(rate: Double) { pieces.append(.rate(rate)) }
    package mutating func appendInterpolation(milliseconds: Double) {
      pieces.append(.milliseconds(milliseconds))
    }
    package mutating func appendInterpolation(duration seconds: Double) {
      pieces.append(.duration(seconds))
    }
    package mutating func appendInterpolation(time: Instant, precisionSeconds: Int = 1) {
      pieces.append(.time(time, precisionSeconds: precisionSeconds))
    }
    package mutating func appendInterpolation(instances: Int) {
      pieces.append(.instances(instances))
    }
    package mutating func appendInterpolation(code: Cause) { pieces.append(.code(code.rawValue)) }
    package mutating func appendInterpolation(word: StaticString) {
      pieces.append(.code("\(word)"))
    }
    package mutating func appendInterpolation(log text: LogText) { pieces.append(.log(text)) }
    package mutating func appendInterpolation(_ sentence: Sentence) {
      pieces += sentence.pieces
    }
  }

  package private(set) var pieces: [Piece]

  package init(stringLiteral value: String) {
    pieces = value.isEmpty ? [] : [.words(value)]
  }

  package init(stringInterpolation: StringInterpolation) {
    pieces = stringInterpolation.pieces
  }

  /// One sentence behind the other, with nothing between them.
  package static func + (left: Sentence, right: Sentence) -> Sentence {
    var joined = left
    joined.pieces += right.pieces
    return joined
  }
}
