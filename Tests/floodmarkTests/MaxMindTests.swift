import FloodmarkTestSupport
import Foundation
import Testing

/// MaxMind databases behind `--address-list`, given to the command as a user gives them.
@Suite(.enabled(if: MaxMindWriter.isReadable))
struct MaxMindTests {
  private static func report(
    _ folder: borrowing TemporaryFolder, _ database: String
  ) throws -> CommandRun {
    try ReportTests.report([
      folder.path + "/web.log", "--address-list", database, "--format", "json",
    ])
  }

  private static func document(_ run: CommandRun) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(run.output)) as? [String: Any], "\(run.errorText)")
  }

  private static func asn() -> MaxMindWriter {
    var writer = MaxMindWriter(type: "GeoLite2-ASN")
    func record(_ number: UInt32, _ name: String) -> MaxMindWriter.Value {
      .map([
        ("autonomous_system_number", .number(number)),
        ("autonomous_system_organization", .text(name)),
      ])
    }
    writer.add((198, 51, 100, 0), 25, record(64500, "Example Hosting"))
    writer.add((198, 51, 100, 128), 25, record(64501, "people: an Example Carrier"))
    writer.add(six: [0x20, 0x01, 0x0d, 0xb8], 32, record(64502, "Example Six"))
    return writer
  }

  /// Twenty quiet minutes from one half of a network, then twenty in which the other half calls as often again, and three times more.
  private static func surge() -> String {
    (0..<40).flatMap { minute in
      (0..<(minute < 30 ? 120 : 720)).map { index in
        let isNew = minute >= 30 && index >= 120
        let client = isNew ? "198.51.100.\(index % 100)" : "198.51.100.\(130 + index % 100)"
        let second = index * 60 / (minute < 30 ? 120 : 720)
        let stamp =
          "16/Jul/2018:17:\(minute / 10)\(minute % 10):\(second / 10)\(second % 10) +0000"
        return
          "\(client) - - [\(stamp)] \"GET /deals HTTP/1.1\" \(isNew && index % 3 == 0 ? 503 : 200) 182 \"-\" \"Mozilla/5.0\"\n"
      }
    }.joined()
  }

  @Test func `the owner of a network is a dimension of the excess`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.surge(), to: "web.log")
    let database = try folder.write(Self.asn().file, to: "GeoLite2-ASN.mmdb")
    let run = try Self.report(folder, database)
    #expect(run.exitCode == 0, "\(run.errorText)")
    let text = run.outputText
    #expect(text.contains("AS64500 Example Hosting"))
    let lists = try #require(Self.document(run)["address_lists"] as? [[String: Any]])
    #expect(lists.first?["prefixes"] as? Int == 2)
    let told = try #require(lists.first?["database"] as? [String: Any])
    #expect(told["type"] as? String == "GeoLite2-ASN")
    #expect(told["addresses"] as? Int == 200)
    #expect(told["found"] as? Int == 200)
    #expect(text.contains("no list of networks of machines was given"))
    let markdown = try ReportTests.report([
      folder.path + "/web.log", "--address-list", database, "--format", "markdown",
    ])
    #expect(markdown.outputText.contains("is a database of the type `GeoLite2-ASN`"))
    #expect(markdown.outputText.contains("| Network's owner | `AS64500 Example Hosting`"))
  }

  @Test func `data centres are a sign of machines and anonymisers are not`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.surge(), to: "web.log")
    for (field, label, isSign) in [
      ("is_hosting_provider", "data centres", true), ("is_tor_exit_node", "Tor exits", false),
    ] {
      var writer = MaxMindWriter(type: "GeoIP2-Anonymous-IP")
      writer.add(
        (198, 51, 100, 0), 25, .map([("is_anonymous", .flag(true)), (field, .flag(true))]))
      let database = try folder.write(writer.file, to: "anonymous.db")
      let run = try Self.report(folder, database)
      #expect(run.outputText.contains("\"\(label)\""), "\(run.errorText)")
      #expect(
        run.outputText.contains("no list of networks of machines was given") != isSign, "\(label)")
    }
  }

  @Test func `fields under traits and behind pointers are found`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.surge(), to: "web.log")
    var writer = MaxMindWriter(type: "GeoIP2-Enterprise")
    writer.add(
      (203, 0, 113, 0), 24,
      .map([
        ("autonomous_system_organization", .text("Example Pointers")),
        ("user_type", .text("hosting")),
      ]))
    writer.add(
      (198, 51, 100, 0), 25,
      .map([
        ("country", .map([("names", .map([("en", .array([.text("x"), .text("y")]))]))])),
        ("traits", .pointer(0)), ("last", .array([.number(1), .map([("a", .flag(true))])])),
      ]))
    let run = try Self.report(folder, try folder.write(writer.file, to: "enterprise.mmdb"))
    #expect(run.outputText.contains("Example Pointers"), "\(run.errorText)")
  }

  @Test func `a database of places is refused with what would be of use`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(), to: "web.log")
    var writer = MaxMindWriter(type: "GeoLite2-Country")
    writer.add(
      (198, 51, 100, 0), 24, .map([("country", .map([("iso_code", .text("DE"))]))]))
    let run = try Self.report(folder, try folder.write(writer.file, to: "country.mmdb"))
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("'GeoLite2-Country', which tells where networks are"))
    #expect(run.errorText.contains("GeoLite2-ASN"))
  }

  @Test func `a database that was cut off at any byte is named`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(minutes: 1), to: "web.log")
    let whole = Self.asn().file
    // Each tenth byte of the tree and the data, and each of the metadata.
    let ends =
      Array(stride(from: 0, to: whole.count - 300, by: whole.count / 12))
      + Array(stride(from: whole.count - 300, to: whole.count, by: 10))
    for end in ends {
      let run = try Self.report(
        folder, try folder.write(Array(whole[..<end]), to: "cut.mmdb"))
      #expect(run.exitCode == 1, "\(end) of \(whole.count)")
      #expect(run.errorText.contains("can not be read as a MaxMind database"), "\(end)")
    }
  }

  @Test func `a map that never ends and a nest without a floor are refused`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(minutes: 1), to: "web.log")
    var nest = MaxMindWriter.Value.number(1)
    for _ in 0..<2000 { nest = .array([nest]) }
    let hostile: [(String, MaxMindWriter.Value)] = [
      ("nested too deeply", .map([("a", nest), ("asn", .text("AS64500"))])),
      (
        "more than 4096 values",
        .map([
          ("a", .array([.map((0..<30).map { ("\($0)", .array((0..<280).map { .number($0) })) })]))
        ])
      ),
      ("bad data", .pointer(0)),
      ("", .map([("traits", .pointer(0)), ("asn", .text("AS64500"))])),
    ]
    for (words, record) in hostile {
      var writer = MaxMindWriter(type: "hostile")
      writer.add((198, 51, 100, 0), 24, record)
      let run = try Self.report(folder, try folder.write(writer.file, to: "hostile.mmdb"))
      #expect(run.exitCode == (words.isEmpty ? 0 : 1), "\(words): \(run.errorText)")
      #expect(words.isEmpty || run.errorText.contains(words), "\(run.errorText)")
    }
  }

  @Test func `the archive has no part in what a database's name may do to a terminal`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(minutes: 1), to: "web.log")
    var writer = MaxMindWriter(type: "x\u{1b}[2J")
    writer.add((198, 51, 100, 0), 24, .map([("city", .text("x"))]))
    let run = try Self.report(folder, try folder.write(writer.file, to: "x.mmdb"))
    #expect(run.exitCode == 1)
    #expect(!run.errors.contains(0x1b))
  }
}
