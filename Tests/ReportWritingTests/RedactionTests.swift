internal import FoundationEssentials
internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// The table of what must go and what must stay: `Golden/redaction.tsv`, which says how to read it.
enum RedactionCorpus {
  struct Row: CustomTestStringConvertible, Sendable {
    var isAccess: Bool
    /// What it is; nil: it must stay.
    var kind: String?
    var text: String
    var becomes: String
    var testDescription: String { text }
  }

  static let rows: [Row] = {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let place = URL(filePath: "/" + folder + "/Golden/redaction.tsv")
    guard let contents = try? Data(contentsOf: place) else { return [] }
    return String(decoding: contents, as: UTF8.self).split(separator: "\n").compactMap {
      line -> Row? in
      guard !line.hasPrefix("#") else { return nil }
      let parts: [String] = line.split(separator: "\t", omittingEmptySubsequences: false)
        .map { String($0).replacing("\u{2016}", with: "") }
      guard parts.count >= 3 else { return nil }
      let stays = parts[1].hasPrefix("keep ")
      return Row(
        isAccess: parts[0] == "access", kind: stays ? nil : parts[1], text: parts[2],
        becomes: parts.count > 3 ? parts[3] : parts[2])
    }
  }()

  static let secrets = rows.filter { $0.kind != nil }
  static let lookAlikes = rows.filter { $0.kind == nil }
}

private func masked(_ text: String, _ settings: RedactionSettings = RedactionSettings()) -> String {
  makeDoor(settings).admit(LogText(text, kind: .line), limit: .path).text
}

@Suite struct RedactionTests {
  @Test func `the corpus is large and of every class`() {
    #expect(RedactionCorpus.secrets.count >= 60)
    #expect(RedactionCorpus.lookAlikes.count >= 60)
    let named = Set(RedactionCorpus.secrets.compactMap(\.kind))
    let all = Set(MaskClass.allCases.map(\.rawValue)).subtracting(["network", "pattern"])
    #expect(named == all)
  }

  @Test(arguments: RedactionCorpus.secrets)
  func `a secret is masked and counted by its class`(_ row: RedactionCorpus.Row) {
    let door = makeDoor()
    let shown = door.admit(
      LogText(row.text, kind: .line), limit: .path, isAccess: row.isAccess)
    #expect(shown.text == row.becomes)
    #expect(row.text != row.becomes)
    let kind = row.kind.flatMap { MaskClass(rawValue: $0) }
    #expect(kind.map(door.redactor.count) ?? 0 > 0, "\(row.kind ?? "")")
  }

  @Test(arguments: RedactionCorpus.lookAlikes)
  func `a look-alike stays`(_ row: RedactionCorpus.Row) {
    let shown = makeDoor().admit(
      LogText(row.text, kind: .line), limit: .path, isAccess: row.isAccess)
    #expect(shown.text == row.text)
    #expect(row.text == row.becomes)
  }

  @Test func `clients are numbered in order and keep a network that enough share`() {
    var settings = RedactionSettings()
    settings.networkClients = { ["203.0.113.0/24": 5, "198.51.0.0/16": 9][$0] }
    let line = "203.0.113.9 198.51.100.1 192.0.2.1 203.0.113.9 2001:db8:1:2::3"
    #expect(
      masked(line, settings)
        == "client-1 (203.0.113.0/24) client-2 (198.51.0.0/16) client-3 client-1 (203.0.113.0/24) client-4"
    )
    settings.networkClients = { ["2001:db8:1::/48": 5][$0] }
    #expect(masked("2001:db8:1:2::3", settings) == "client-1 (2001:db8:1::/48)")
    settings.k = 6
    #expect(masked("2001:db8:1:2::3", settings) == "client-1")
  }

  @Test func `a network is shown only where enough clients share it`() {
    let network = LogText("203.0.113.0/24", kind: .network)
    #expect(makeDoor().admit(network).text == "‹network›")
    var settings = RedactionSettings()
    settings.networkClients = { _ in 5 }
    #expect(makeDoor(settings).admit(network).text == "203.0.113.0/24")
    settings.networkBits = 16
    #expect(makeDoor(settings).admit(network).text == "203.0.0.0/16")
  }

  @Test func `a key gives the same name in every report`() {
    var settings = RedactionSettings()
    settings.pseudonymKey = Array(repeating: 7, count: 32)
    let once = masked("192.0.2.1 x", settings)
    #expect(once.count == "client-12345678 x".count)
    #expect(masked("198.51.100.1 192.0.2.1 x", settings).hasSuffix(once))
    #expect(masked("::ffff:192.0.2.1 x", settings) == once)
    settings.pseudonymKey = Array(repeating: 8, count: 32)
    #expect(masked("192.0.2.1 x", settings) != once)
  }

  @Test func `private addresses stay where they are asked for`() {
    var settings = RedactionSettings()
    settings.keepPrivate = true
    #expect(masked("10.0.0.7 192.0.2.1", settings) == "10.0.0.7 client-1")
  }

  @Test func `nothing is masked where masking is off`() {
    var settings = RedactionSettings()
    settings.isOn = false
    #expect(masked("192.0.2.1 /x?q=anna\u{1b}", settings) == "192.0.2.1 /x?q=anna\\x1b")
  }

  @Test func `a text that comes twice is counted once`() {
    let door = makeDoor()
    for limit in [ClipLimit.table, .evidence] {
      _ = door.admit(LogText("192.0.2.1 /x?q=1&r=2 a@b.example", kind: .line), limit: limit)
    }
    #expect(door.redactor.count(.queryValue) == 2)
    #expect(door.redactor.count(.client) == 1)
    #expect(door.redactor.count(.email) == 1)
  }

  @Test func `masking hostile bytes never traps and never shows a planted key`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = SplitMix(state: seed)
    let pieces: [[UInt8]] =
      [
        "?", "&", "=", "%", "%4", "%2540", "@", ":", "://", "+", "[", "\"", "\\", " ", ".", "1",
        "a",
        "eyJ", "-----BEGIN ", "password", ";sid=", "bearer ", "arn:aws:",
      ].map { Array($0.utf8) } + [[0], [0xff], [0xe2, 0x80]]
    for _ in 0..<800 {
      var bytes: [UInt8] = []
      for _ in 0..<(dice.next() % 24) { bytes += pieces[Int(dice.next() % UInt64(pieces.count))] }
      bytes += Array(" AKIAIOSFODNN7EXAMPLE ".utf8)
      for _ in 0..<(dice.next() % 24) { bytes += pieces[Int(dice.next() % UInt64(pieces.count))] }
      let shown = makeDoor().admit(LogText(bytes: bytes, kind: .line), limit: .path).text
      #expect(!shown.contains("AKIAIOSFODNN7EXAMPLE"), "seed \(seed)")
    }
  }
}
