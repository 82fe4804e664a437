internal import IncidentModel

/// A diff as text for a terminal and as JSON for programs; every word of a report comes through the door.
extension ReportDiff {
  /// What stands for a value that a report does not have.
  static let untold = "not told"

  /// For a terminal or a file: a heading for each pair of incidents, a line for each change.
  package var text: String {
    var lines = ["A  \(TerminalText.name(a.name))", "B  \(TerminalText.name(b.name))"]
    if isEmpty { lines += ["", "No difference."] }
    for part in parts {
      lines += ["", part.pair.map(heading) ?? "The reports"]
      if part.changes.isEmpty { lines.append("  no difference") }
      lines += part.changes.map(Self.line)
    }
    lines += only(onlyA, "A") + only(onlyB, "B")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ change: Change) -> String {
    let label = change.field.label
    let pad = String(repeating: " ", count: max(1, 34 - label.unicodeScalars.count))
    let field = change.field
    return "  \(label)\(pad)\(field.shown(change.a) ?? untold) → \(field.shown(change.b) ?? untold)"
  }

  private func heading(_ pair: (a: DiffSide, b: DiffSide, isSameTime: Bool)) -> String {
    let names = [pair.a, pair.b].map { Self.visible($0.service) ?? "service \(Self.untold)" }
    let name = names[0] == names[1] ? names[0] : "\(names[0]) and \(names[1])"
    let ids = [pair.a, pair.b].map { Self.visible($0.id) ?? "?" }
    let when = pair.isSameTime ? "" : ", at other times"
    return "Incident \(ids[0]) and \(ids[1]): \(name)\(when)"
  }

  private func only(_ sides: [DiffSide], _ letter: String) -> [String] {
    guard !sides.isEmpty else { return [] }
    var lines = ["", "Only in \(letter)"]
    for side in sides.prefix(Self.mostNames) {
      let failed = side.incident["impact"]?["failed"]?.number.flatMap { Int(exactly: $0) }
      let count = failed.map { ", \(Figure.count($0).text) failed" } ?? ""
      let cause = Self.visible(side.incident["cause"]?.text).map { ", \($0)" } ?? ""
      let start = Self.visible(side.incident["start"]?.text).map { ", \($0)" } ?? ""
      lines.append(
        "  \(Self.visible(side.id) ?? "?"): \(Self.visible(side.service) ?? Self.untold)\(start)\(count)\(cause)"
      )
    }
    if sides.count > Self.mostNames {
      lines.append("  and \(Figure.count(sides.count - Self.mostNames).text) more")
    }
    return lines
  }

  private static func visible(_ text: String?) -> String? {
    text.map { TerminalText.visible(LogText($0, kind: .name)) }
  }

  /// For programs: `floodmark.diff/1`; members are added, never renamed.
  package var json: String {
    JSONValue.object([
      ("schema", "floodmark.diff/1"), ("a", .words(TerminalText.name(a.name))),
      ("b", .words(TerminalText.name(b.name))), ("same", .bool(isEmpty)),
      ("changes", .array(parts.filter { $0.pair == nil }.flatMap(\.changes).map(Self.change))),
      ("incidents", .array(parts.compactMap(incident))),
      ("only_a", .array(onlyA.map(Self.side))), ("only_b", .array(onlyB.map(Self.side))),
    ]).text
  }

  private func incident(_ part: Part) -> JSONValue? {
    guard let pair = part.pair else { return nil }
    return .object([
      ("a", Self.side(pair.a)), ("b", Self.side(pair.b)), ("same_time", .bool(pair.isSameTime)),
      ("changes", .array(part.changes.map(Self.change))),
    ])
  }

  private static func side(_ side: DiffSide) -> JSONValue {
    .object([
      ("id", .words(visible(side.id))), ("service", .words(visible(side.service))),
      ("start", .time(side.span?.start)), ("end", .time(side.span?.end)),
    ])
  }

  private static func change(_ change: Change) -> JSONValue {
    .object([
      ("field", .words(change.field.name)), ("a", DiffField.json(change.a)),
      ("b", DiffField.json(change.b)),
    ])
  }
}
