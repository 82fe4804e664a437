internal import FloodmarkTestSupport
internal import FoundationEssentials
internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// One payload of `Fixtures/hostile`: bytes, and what may be seen of them.
struct HostileCase: CustomTestStringConvertible {
  var file: String
  var kind: LogText.Kind
  var bytes: [UInt8]
  var visible: String

  var testDescription: String { "\(file): \(visible.prefix(40))" }

  /// `(empty)` stands where there is nothing to see.
  var shown: String { visible.allSatisfy { $0 == " " } ? "(empty)" : visible }

  static let all: [HostileCase] = {
    let folder = Fixture.path("hostile")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".test") }.sorted().flatMap(read)
  }()

  private static func read(_ name: String) -> [HostileCase] {
    guard let bytes = try? Fixture.bytes("hostile/" + name) else { return [] }
    var cases: [HostileCase] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      let rest = words.count > 1 ? String(words[1]) : ""
      switch words[0] {
      case "kind": cases.append(HostileCase(file: name, kind: kind(rest), bytes: [], visible: ""))
      case "hex": cases[cases.count - 1].bytes = hex(rest)
      case "repeat":
        let parts = rest.split(separator: " ")
        let byte = UInt8(parts[0], radix: 16) ?? 0
        cases[cases.count - 1].bytes = Array(repeating: byte, count: Int(parts[1]) ?? 0)
      case "visible": cases[cases.count - 1].visible = String(rest.dropLast("|end".count))
      default: break
      }
    }
    return cases
  }

  private static func kind(_ word: String) -> LogText.Kind {
    switch word {
    case "path": .path
    case "name": .name
    case "message": .message
    default: .agent
    }
  }

  private static func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
    }
  }
}

func makeDoor(_ settings: RedactionSettings = RedactionSettings()) -> Door {
  Door(redactor: Redactor(settings: settings))
}

func admitted(_ text: String, _ kind: LogText.Kind = .agent, isAccess: Bool = true) -> Quoted {
  makeDoor().admit(LogText(text, kind: kind), limit: .evidence, isAccess: isAccess)
}

/// The text of an escaped HTML fragment.
private func unescaped(_ html: String) -> String {
  var text = html
  for (name, sign) in [("lt", "<"), ("gt", ">"), ("quot", "\""), ("#39", "'"), ("amp", "&")] {
    text = substituted(text, "&\(name);", sign)
  }
  return text
}

/// By bytes, since a sign with a combining mark on it is another `Character`.
private func substituted(_ text: String, _ old: String, _ new: String) -> String {
  let (bytes, wanted) = (Array(text.utf8), Array(old.utf8))
  var out: [UInt8] = []
  var index = 0
  while index < bytes.count {
    if bytes[index...].starts(with: wanted) {
      out += new.utf8
      index += wanted.count
    } else {
      out.append(bytes[index])
      index += 1
    }
  }
  return String(decoding: out, as: UTF8.self)
}

private let renderer = "/usr/bin/cmark-gfm"
private let hasRenderer = FileManager.default.isExecutableFile(atPath: renderer)

/// What a renderer with GitHub's extensions makes of Markdown, raw HTML let through.
private func rendered(_ markdown: String) throws -> String {
  try run(
    renderer,
    ["--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist"],
    input: Array(markdown.utf8)
  ).outputText
}

/// Shows that texts come out of a renderer as one code element each, in a paragraph and in a table cell.
private func expectOneCodeEach(_ quotes: [Quoted]) throws {
  let paragraphs = quotes.map { "x \($0.markdownInline) y\n" }.joined(separator: "\n")
  let lines = try rendered(paragraphs).split(separator: "\n")
  #expect(lines.count == quotes.count)
  for (line, quote) in zip(lines, quotes) {
    let html = substituted(quote.html, "&#39;", "'")
    #expect(line == "<p>x <code>\(html)</code> y</p>")
  }
  let rows = quotes.map { "| x | \($0.markdownCell) | y |" }.joined(separator: "\n")
  let table = try rendered("| a | b | c |\n|---|---|---|\n" + rows + "\n")
  let cells = table.split(separator: "\n").filter { $0.hasPrefix("<td>") }
  #expect(cells.count == 3 * quotes.count)
  for (index, quote) in quotes.enumerated() where cells.count == 3 * quotes.count {
    let html = substituted(quote.html, "&#39;", "'")
    #expect(cells[3 * index + 1] == "<td><code>\(html)</code></td>")
    #expect(cells[3 * index + 2] == "<td>y</td>")
  }
}

@Suite struct HostileTextTests {
  @Test func `fifty files of payloads are there`() {
    #expect(Set(HostileCase.all.map(\.file)).count == 50)
    #expect(HostileCase.all.allSatisfy { !$0.visible.isEmpty || $0.bytes.isEmpty })
  }

  @Test(arguments: HostileCase.all)
  func `a payload becomes its visible text in every target`(_ payload: HostileCase) throws {
    let quoted = makeDoor().admit(
      LogText(bytes: payload.bytes, kind: payload.kind), limit: .evidence)
    #expect(quoted.text == payload.visible)
    #expect(quoted.terminal.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
    #expect(quoted.text.unicodeScalars.allSatisfy { !(0x80...0x9f).contains($0.value) })
    #expect(!quoted.html.unicodeScalars.contains { "<>\"'".unicodeScalars.contains($0) })
    #expect(unescaped(quoted.html) == payload.shown)
    #expect(unescaped(quoted.svg) == payload.shown)
    let json = "[\"" + quoted.json + "\"]"
    #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == [quoted.text])
    #expect(!json.contains("<"))
  }

  @Test(.enabled(if: hasRenderer))
  func `each payload is exactly one code element`() throws {
    for kind in [LogText.Kind.agent, .path, .name, .message, .note, .file, .line] {
      let door = makeDoor()
      try expectOneCodeEach(
        HostileCase.all.filter { $0.bytes.count < 65_536 }.map {
          door.admit(LogText(bytes: $0.bytes, kind: kind), limit: .evidence)
        })
    }
  }

  @Test(.enabled(if: hasRenderer))
  func `random bytes are exactly one code element`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = SplitMix(state: seed)
    let alphabet: [[UInt8]] =
      "` | \\ < > [ ] ( ) ! @ # * _ ~ & ; \" ' : / . a".split(separator: " ").map { Array($0.utf8) }
      + [[0x20], [0x0a], [0x1b], [0], [0xff], [0xe2, 0x80, 0xae], [0xcc, 0x81], [0xc2, 0xa0]]
    let door = makeDoor()
    let quotes = (0..<1500).map { _ in
      let bytes = (0..<(dice.next() % 12)).flatMap { _ in
        alphabet[Int(dice.next() % UInt64(alphabet.count))]
      }
      return door.admit(LogText(bytes: bytes, kind: .agent), limit: .evidence)
    }
    print("seed \(seed)")
    try expectOneCodeEach(quotes)
  }

  @Test func `a note is plain only where no tracker takes it for a reference`() {
    for note in ["Currently out of capacity for scaling", "18:24 we wait, again (5 min)."] {
      #expect(admitted(note, .note).isPlainWords, "\(note)")
    }
    for note in [
      "see GH-12", "www.evil.example", "commit:abc", "r123", "@all", "#1", "a5c3785", "deadbeef",
      "`x`", "", " lead", "1234567", "KEY-1", "a_b_", "*x*",
    ] {
      #expect(!admitted(note, .note).isPlainWords, "\(note)")
    }
  }

  @Test func `a clip never cuts an escape and keeps the end`() {
    let text = String(repeating: "\u{202e}", count: 100) + "the end"
    let shown = admitted(text).text
    #expect(shown.unicodeScalars.count <= 160)
    #expect(shown.hasSuffix("the end"))
    let whole = shown.replacing("\\u{202e}", with: "")
    #expect(whole == "…the end")
  }

  @Test func `a name for the terminal is one line`() {
    #expect(TerminalText.name("a\n\u{1b}[2Jb.log") == "a\\n\\x1b[2Jb.log")
    #expect(
      TerminalText.place(InputName(file: "l.tar", member: "w\u{7}.log"), line: 7)
        == "l.tar!w\\x07.log:7")
    #expect(
      TerminalText.masked(LogText("from 192.0.2.7 ?q=anna", kind: .line)).contains("client-1"))
  }
}

/// A small generator whose sequence follows from its seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
