internal import ArchiveInput
internal import IncidentModel
internal import ReportWriting

/// How `floodmark show` lays lines out: a number, a mark before the line that was asked for, and nothing that a terminal obeys.
enum EvidenceText {
  /// `object` replaces the line where it is the first of several of a JSON object.
  static func text(_ found: FetchedLine, object: [UInt8]?, name: InputName) -> [UInt8] {
    let wanted = object.map(lines) ?? [found.line]
    // What stands behind an object begins after its first line: the fetched context is inside it.
    let after = object == nil ? found.after : []
    let first = found.number - found.before.count
    let last = found.number + wanted.count + after.count - 1
    let width = String(last).count
    var text = TerminalText.place(name, line: found.number) + "\n"
    for (index, line) in (found.before + wanted + after).enumerated() {
      let number = String(first + index)
      let isWanted = (found.before.count..<found.before.count + wanted.count).contains(index)
      text += isWanted ? "> " : "  "
      text += String(repeating: " ", count: max(0, width - number.count)) + number + "  "
      text += TerminalText.line(line) + "\n"
    }
    return Array(text.utf8)
  }

  private static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
    bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      line.last == 0x0D ? Array(line.dropLast()) : Array(line)
    }
  }
}
