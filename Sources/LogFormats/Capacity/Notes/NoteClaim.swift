internal import IncidentModel

/// What a person's words claim about capacity.
///
/// Only refusals and bounds: a person who writes of time-outs or health checks speaks of requests
/// as often as of instances. A question and a denial claim nothing.
enum NoteClaim {
  private static let exhausted = [
    "out of capacity", "no capacity left", "no more capacity", "no capacity available",
    "insufficient capacity", "capacity exhausted", "ran out of instances",
    "out of instances", "no instances available",
  ]
  private static let bounded = [
    "at max ", "at max,", "at maximum", "max size", "maxed out", "hit the max", "hit max",
    "reached max", "reached the max", "at its max", "at their max", "at the max",
  ]
  private static let quotas = ["quota exceeded", "hit the quota", "hit quota", "over quota"]
  private static let denials = [
    "not ", "no longer ", "never ", "n't ", "without ", "if ",
  ]

  /// The kind that the words claim; nil: none.
  static func kind(of words: [UInt8]) -> CapacityEvent.Kind? {
    let folded = words.lowercasedASCII + [0x20]
    for sentence in sentences(folded) where !sentence.trimmed.hasSuffix("?") {
      if let kind = claim(sentence) { return kind }
    }
    return nil
  }

  private static func claim(_ sentence: [UInt8]) -> CapacityEvent.Kind? {
    if states(exhausted, sentence) != nil { return .launchFailed(.insufficientCapacity) }
    if let end = states(bounded, sentence) {
      return .limitReached(limit: limit(sentence, from: end), wanted: nil)
    }
    if states(quotas, sentence) != nil { return .launchFailed(.quota) }
    switch ProviderReasons.known(sentence) {
    case .insufficientCapacity?:
      // The plain words were judged above, denials included; here the codes are left.
      return sentence.contains(text: "out of capacity")
        ? nil : .launchFailed(.insufficientCapacity)
    case .quota?: return .launchFailed(.quota)
    case .addressSpace?: return .launchFailed(.addressSpace)
    case .maxSize?: return .limitReached(limit: nil, wanted: nil)
    default: return nil
    }
  }

  /// Where the first of the phrases that is not denied ends.
  private static func states(_ phrases: [String], _ sentence: [UInt8]) -> Int? {
    for phrase in phrases {
      guard let place = MessageCursor(sentence).place(of: phrase) else { continue }
      let isWord = place == 0 || !isLetter(sentence[place - 1])
      if isWord && !isDenied(at: place, sentence) { return place + phrase.utf8.count }
    }
    return nil
  }

  /// A denial in the same clause, at most 24 bytes in front of the phrase.
  private static func isDenied(at place: Int, _ sentence: [UInt8]) -> Bool {
    let before = sentence[max(0, place - 24)..<place]
    let marks = [UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "(")]
    let clause = before.lastIndex { marks.contains($0) }.map { before[$0...] } ?? before
    return denials.contains { Array(clause).contains(text: $0) }
  }

  /// The number behind `at max 15`, `max size (15)` or `max size reached: 15`.
  private static func limit(_ sentence: [UInt8], from end: Int) -> Int? {
    var cursor = MessageCursor(sentence, at: end)
    for filler in [" ", "size ", "reached", "of ", ":", " ", "(", "=", " "] {
      _ = cursor.take(filler)
    }
    guard let number = cursor.integer(), (1...1_000_000).contains(number) else { return nil }
    return number
  }

  /// Cut behind `. `, `! `, `? `, `;` and line ends.
  private static func sentences(_ text: [UInt8]) -> [[UInt8]] {
    var sentences: [[UInt8]] = [[]]
    for index in text.indices {
      let byte = text[index]
      sentences[sentences.count - 1].append(byte)
      let isEnd =
        byte == 0x0A || byte == UInt8(ascii: ";")
        || [UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?")].contains(byte)
          && index + 1 < text.count && text[index + 1] == 0x20
      if isEnd, sentences.count < 64 { sentences.append([]) }
    }
    return sentences.map { $0.trimmed + [0x20] }
  }
}

extension [UInt8] {
  fileprivate func hasSuffix(_ text: String) -> Bool {
    suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
