import Foundation
import IncidentModel
import Testing

@testable import TrafficTally

struct DimensionTests {
  @Test(
    arguments: [
      ("/orders/4711/items?page=2", "/orders/{n}/items"), ("/", "/"), ("", ""), ("-", ""),
      ("https://shop.example.com/a/1?x=/9", "/a/{n}"), ("https://shop.example.com", "/"),
      ("/u/3F2504E0-4F89-41D3-9A0C-0305E82C3301/x", "/u/{uuid}/x"),
      ("/b/0123456789abcdef0", "/b/{hex}"), ("/b/deadbeef", "/b/deadbeef"),
      ("/b/aaaaaaaaaaaaaaaaaaaa", "/b/aaaaaaaaaaaaaaaaaaaa"), ("/img/12.jpg", "/img/{n}.jpg"),
      ("/a//b/", "/a//b/"), ("/x;jsessionid=1A", "/x"), ("*", "*"), ("/v2/7/#top", "/v2/{n}/"),
      ("?only=query", "/"), ("/a.b/0", "/a.b/{n}"),
    ])
  func template(target: String, expected: String) {
    let template = PathTemplate.bytes(of: target.utf8.span)
    #expect(String(decoding: template, as: UTF8.self) == expected)
  }

  @Test(arguments: [("/a/x.JS", true), ("/f.woff2", true), ("/x.php", false), ("/js", false)])
  func asset(template: String, isAsset: Bool) {
    #expect(PathTemplate.isAsset(Array(template.utf8)) == isAsset)
  }

  @Test func `templates of any bytes end`() {
    var numbers = SeededNumbers(12)
    let alphabet = Array("/?;#.:-09afAFzx\u{ff}".utf8)
    for _ in 0..<3000 {
      let count = Int.random(in: 0..<200, using: &numbers)
      let target = (0..<count).map { _ in alphabet.randomElement(using: &numbers) ?? 0 }
      #expect(PathTemplate.bytes(of: target.span).count <= PathTemplate.limit)
      _ = ClientNetwork.address(target.span)
      _ = AgentFamily.classify(target.span)
    }
  }

  @Test(
    arguments: [
      ("203.0.113.9", "203.0.113.0/24", "203.0.0.0/16"),
      ("::ffff:203.0.113.9", "203.0.113.0/24", "203.0.0.0/16"),
      ("2001:db8:1:2::9", "2001:db8:1::/48", "2001:db8::/32"),
      ("2001:db8::9", "2001:db8::/48", "2001:db8::/32"), ("::1", "::/48", "::/32"),
      ("2001:DB8:0:0:1:2:3:4", "2001:db8::/48", "2001:db8::/32"),
    ])
  func network(client: String, narrow: String, wide: String) throws {
    let found = ClientNetwork.address(client.utf8.span)
    let address = try #require(found)
    #expect(ClientNetwork.narrow(address) == narrow)
    #expect(ClientNetwork.wide(address) == wide)
  }

  @Test(arguments: [
    "", "-", "host.example.com", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1::2::3", ":", "12345::",
  ])
  func noNetwork(client: String) {
    let found = ClientNetwork.address(client.utf8.span)
    #expect(found == nil)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `an address is read as the system reads it`(seed: UInt64) {
    var numbers = SeededNumbers(seed)
    let parts = [
      "1", "0", "db8", "FFFF", "ffff", ":", ":", "::", "10.0.255.1", ".", "256", "12345",
    ]
    var read = 0
    for _ in 0..<4_000 {
      let count = Int.random(in: 1...15, using: &numbers)
      var text = ""
      for index in 0..<count {
        text += parts.randomElement(using: &numbers) ?? ""
        if index % 2 == 0, Bool.random(using: &numbers) { text += ":" }
      }
      let found = ClientNetwork.address(text.utf8.span)
      #expect(found == systemAddress(text), "\(text), SeededNumbers(\(seed))")
      if found != nil { read += 1 }
    }
    #expect(read > 20)
  }

  /// What `inet_pton` makes of a text.
  private func systemAddress(_ text: String) -> ClientNetwork.Address? {
    var bytes = [UInt8](repeating: 0, count: 16)
    // `inet_pton` writes 16 or 4 bytes, which the array holds.
    if unsafe inet_pton(AF_INET6, text, &bytes) == 1 {
      if bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255], text.contains(".") {
        return .four(bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
      }
      return .six(bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
      return .four(bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
    }
    return nil
  }

  @Test func `every row is found wherever its tokens stand, and no earlier row is passed over`() {
    let fillers = ["", "x", "Mozilla/5.0 (X11; Linux x86_64) ", "ab cd/1.2 "]
    for row in AgentFamily.rows.dropFirst(2) {
      for filler in fillers {
        let agent = filler + row.needles.joined(separator: filler) + "97 " + filler
        let first = AgentFamily.rows.dropFirst(2).first { candidate in
          candidate.needles.allSatisfy { agent.contains($0) }
        }
        #expect(AgentFamily.named(agent).family == first?.name, "\(agent)")
      }
    }
  }

  @Test(
    arguments: [
      ("curl/8.5.0", "curl", -1), ("", "", -1), ("-", "", -1), ("Something", "other", -1),
      (
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", "Chrome",
        120
      ),
      ("Mozilla/5.0 (Linux; Android 13) Chrome/119.0 Mobile Safari/537.36", "Mobile Chrome", 119),
      (
        "Mozilla/5.0 (iPhone) AppleWebKit/605 Version/17.1 Mobile/15E148 Safari/604.1",
        "Mobile Safari", 17
      ),
      ("Mozilla/5.0 Chrome/120.0 Safari/537.36 Edg/120.0", "Edge", 120),
      ("Mozilla/5.0 (X11) Gecko/20100101 Firefox/121.0", "Firefox", 121),
      ("Mozilla/5.0 (compatible; Googlebot/2.1) Chrome/1 Safari/1", "Googlebot", -1),
      ("Mozilla/5.0 HeadlessChrome/99.1 Safari/1", "HeadlessChrome", 99),
      ("Somebot/1.0", "other crawler", -1), ("Chrome/99999999999 Safari/1", "Chrome", 9999),
    ])
  func agentFamily(agent: String, family: String, major: Int) {
    let found = AgentFamily.classify(agent.utf8.span)
    #expect(AgentFamily.name(ofRow: found.row) == family)
    #expect(Int(found.major) == major)
  }

  @Test func `a sampled request carries its dimensions`() throws {
    var request = Request()
    request.target = "/cart/9.png"
    request.referrer = "https://User@WWW.Example.com:8443/from?x"
    request.agent = "Mozilla/5.0 Firefox/121.0"
    request.backend = "192.0.2.4:80"
    request.status = 503
    request.isShed = true
    let row = try #require(tallied([request]).services[0].sample[0].requests.first)
    #expect(row.template == "/cart/{n}.png")
    #expect(row.isAsset)
    #expect(row.referrerHost == "www.example.com")
    #expect(row.agentFamily == "Firefox")
    #expect(row.agentMajor == 121)
    #expect(row.client == "203.0.113.7")
    #expect(row.network == "203.0.113.0/24")
    #expect(row.backend == "192.0.2.4:80")
    #expect(row.outcome == .failed)
    #expect(row.isShed)
    #expect(row.position == LogPosition(input: 0, line: 1, offset: 0))
    #expect(row.text?.bytes == request.line)
  }

  @Test func `a field that a format has unescaped is read from the scratch`() throws {
    var whole = Tally(options: TallyOptions())
    var member = MemberTally(input: 0, contentSeed: 1, options: whole.options)
    var record = Request().record
    record.target = TextRange(inScratch: 2..<6)
    let line = Request().line
    member.add(record, line: line.span, scratch: Array("xx/abcyy".utf8).span, number: 1, offset: 0)
    member.merge(into: &whole)
    #expect(whole.view().services[0].sample[0].requests[0].template == "/abc")
  }

  @Test func `networks count distinct addresses of the sample`() {
    let clients = [
      "203.0.113.1", "203.0.113.2", "203.0.113.2", "203.0.7.1", "2001:db8::1", "2001:db8::2",
    ]
    let requests = clients.enumerated().map { index, client in
      var request = Request()
      request.client = client
      request.mark = index
      return request
    }
    let view = tallied(requests)
    #expect(
      view.networkClients == [
        "203.0.113.0/24": 2, "203.0.7.0/24": 1, "203.0.0.0/16": 3, "2001:db8::/48": 1,
        "2001:db8::/32": 1,
      ])
    #expect(view.clients == 5)
    #expect(view.services[0].clients == 5)
    #expect(view.services[0].clientStrata.map(\.clients) == [5])
  }
}
