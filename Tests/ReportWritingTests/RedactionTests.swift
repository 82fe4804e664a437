internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// A text and what becomes of it.
struct Masking: CustomTestStringConvertible, Sendable {
  var text: String
  var becomes: String
  var testDescription: String { text }

  init(_ text: String, _ becomes: String) {
    self.text = text
    self.becomes = becomes
  }
}

private let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
private let github = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
private let stripe = "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc"
private let google = "AIzaSyA0123456789abcdefghijklmnopqrstuv"

/// Secrets in access lines and paths.
private let secrets: [Masking] = [
  Masking("/p?next=https://bob:s3cr3t@intra.example/x", "/p?next=…"),
  Masking("https://bob:s3cr3t@intra.example/x", "https://‹credentials›@intra.example/x"),
  Masking("ftp://bob@files.example/x", "ftp://‹credentials›@files.example/x"),
  Masking("https://a:b@c:d@host.example/", "https://‹credentials›@host.example/"),
  Masking(#"https:\/\/bob:s3cr3t@intra.example\/x"#, #"https:\/\/‹credentials›@intra.example\/x"#),
  Masking("-----BEGIN PRIVATE KEY-----MIIEvQ-----END PRIVATE KEY----- x", "‹private-key› x"),
  Masking("-----BEGIN RSA PRIVATE KEY-----MIIE", "‹private-key›"),
  Masking("/v/\(jwt)/x", "/v/‹jwt›/x"),
  Masking("/v/eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "/v/‹jwt›"),
  Masking("/v/eyJhbGciOiJkaXIifQ..aaa.bbb.ccc", "/v/eyJhbGciOiJkaXIifQ..aaa.bbb.ccc"),
  Masking("?jwt=\(jwt)", "?jwt=…"),
  Masking("/AKIAIOSFODNN7EXAMPLE/obj", "/‹aws-key›/obj"),
  Masking("key ASIAIOSFODNN7EXAMPLE.", "key ‹aws-key›."),
  Masking("/x/\(github)", "/x/‹github-token›"),
  Masking("/x/github_pat_11AAAAAAA0abcdefghijkl_mnop", "/x/‹github-token›"),
  Masking("glpat-ABCDEFGHIJKLMNOPQRST", "‹gitlab-token›"),
  Masking("glrt-ABCDEFGHIJKLMNOPQRST", "‹gitlab-token›"),
  Masking("xoxb-123456789012-123456789012-abcdef", "‹slack-token›"),
  Masking(
    "https://hooks.slack.com/services/T000/B000/XXXX",
    "https://hooks.slack.com/services/‹slack-token›"),
  Masking("/g/\(google)", "/g/‹google-key›"),
  Masking("/s/\(stripe)", "/s/‹stripe-key›"),
  Masking("/pay/4111111111111111", "/pay/‹card›"),
  Masking("/pay/4111-1111-1111-1111", "/pay/‹card›"),
  Masking("card 5500 0055 5555 5559 paid", "card ‹card› paid"),
  Masking("/pay/378282246310005/ok", "/pay/‹card›/ok"),
  Masking("3782 822463 10005", "‹card›"),
  Masking("Authorization: Bearer abcdef0123456789.ghijkl", "Authorization: Bearer ‹token›"),
  Masking("x Bearer%20abcdefghijklmnop", "x Bearer%20‹token›"),
  Masking("Basic dXNlcjpwYXNzd29yZA==", "Basic ‹token›"),
  Masking("/x?user=ann&password=hunter2&x=1", "/x?user=…&password=…&x=…"),
  Masking("/cb?code=4/0AX4XfWh&state=abc", "/cb?code=…&state=…"),
  Masking(#"{"password":"hunter2","a":1}"#, #"{"password":"‹value›","a":1}"#),
  Masking(#"{"userPassword": "hun\"ter2", "a": 1}"#, #"{"userPassword": "‹value›", "a": 1}"#),
  Masking(#"{"api_key":"k1","session_id":"s1"}"#, #"{"api_key":"‹value›","session_id":"‹value›"}"#),
  Masking(#"{\"token\":\"abc\"}"#, #"{\"token\":\"‹value›\"}"#),
  Masking("db password=hunter2 user=x", "db password=‹value› user=x"),
  Masking("X-Csrf-Token: abc123", "X-Csrf-Token: ‹value›"),
  Masking("Cookie: a=b; c=d", "Cookie: ‹value›"),
  Masking(#""Set-Cookie: sid=1; Path=/" 200"#, #""Set-Cookie: ‹value›" 200"#),
  Masking("pwd=abc", "pwd=‹value›"),
  Masking("otp: 123456", "otp: ‹value›"),
  Masking("X-Amz-Signature=abc", "X-Amz-Signature=‹value›"),
  Masking("/a;jsessionid=1A2B3C4D?x=1", "/a;jsessionid=‹session›?x=…"),
  Masking("/a;sid=77/b", "/a;sid=‹session›/b"),
  Masking("/search?q=anna+smith", "/search?q=…"),
  Masking("/search?anna", "/search?…"),
  Masking("/search?q=a%26b=c", "/search?q=…"),
  Masking("/search?a=1;b=2", "/search?a=…;b=…"),
  Masking(#""GET /s?q=a\x22b HTTP/1.1""#, #""GET /s?q=… HTTP/1.1""#),
  Masking("/u/ann@example.com/x", "/u/‹email›/x"),
  Masking("/u/ann%40example.com", "/u/‹email›"),
  Masking("/u/ann%2540example.com", "/u/‹email›"),
  Masking("ann.b+tag@mail.example.org.", "‹email›."),
  Masking("call +44 20 7946 0958 now", "call ‹phone› now"),
  Masking("/tel/+1-202-555-0143", "/tel/‹phone›"),
  Masking("/tel/%2B4915112345678", "/tel/‹phone›"),
  Masking("/u/550e8400-e29b-41d4-a716-446655440000", "/u/‹uuid›"),
  Masking("/h/d41d8cd98f00b204e9800998ecf8427e", "/h/‹hex›"),
  Masking("/h/D41D8CD98F00B204E9800998ECF8427E.", "/h/‹hex›."),
  Masking("/reset/aB3dE5gH7jK9mN1pQ3sT5vX7", "/reset/‹token?›"),
  Masking("arn:aws:iam::123456789012:role/web x", "‹arn› x"),
  Masking("from 192.0.2.7 port", "from client-1 port"),
  Masking("[2001:db8::1]:443", "[client-1]:443"),
  Masking("192.0.2.7:5123, 198.51.100.9", "client-1:5123, client-2"),
  Masking("::ffff:192.0.2.7 192.0.2.7", "client-1 client-1"),
  Masking("https://192.0.2.7/x", "https://client-1/x"),
  Masking("10.0.0.7 and 192.168.1.1", "internal-1 and internal-2"),
  Masking("fe80::1 x", "internal-1 x"),
  Masking(
    "192.0.2.7 - ann.bee [16/Jul/2018:18:00:55 +0000] x",
    "client-1 - user-1 [16/Jul/2018:18:00:55 +0000] x"),
  Masking(
    "host.example - - [16/Jul/2018:18:00:55 +0000] x", "client-1 - - [16/Jul/2018:18:00:55 +0000] x"
  ),
]

/// Texts that look alike and must stay.
private let harmless: [String] = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
  "Edg/120.0.2210.91", "curl/7.88.1", "okhttp/4.12.0", "Opera/9.80.1.2 x", "Python/3.11.0.0",
  "/assets/app.4f3c2b1a.js", "/assets/index-BkX92jd8.css", "/logo@2x.png", "/npm/pkg@1.2.3.tgz",
  "/@scope/pkg", "a@b", "@octocat", "user@", "/icons/a@3x.webp",
  "We currently do not have sufficient c5.4xlarge capacity in the Availability Zone you requested (us-east-1a).",
  "Launching a new EC2 instance: i-0f3a91c27be4d8a05", "/t/1531763880000", "/t/1531763880",
  "4111111111111112", "0000000000000000", "200 18233 0.004 0.005", "200 0 0 1234 5678 90 12 34",
  "4444 55555 666666 77", "18:20:04", "2018-07-16T18:20:04Z", "2018-07-16T18:20:04+02:00",
  "16/Jul/2018:18:00:55 +1300", "18:00:55 +1100 200 18233", "GET /deals HTTP/1.1", "HTTP/2.0",
  "/orders/{n}/items", "/products/42/reviews", "eyJhbGciOiJIUzI1NiJ9", "eyJ", "AKIASHORT",
  "AKIAIOSFODNN7EXAMPLEAA", "ghp_short", "glpat-short", "xoxb-1", "AIzaShort", "sk_live_short",
  "basic understanding", "token bucket", "digest algorithm", "bearer", "/what is this? yes",
  "StatusCode: Successful", "\"StatusCode\": \"Successful\"", "\"status_code\":503",
  "state=running",
  "passed=1 bypass=2", "design=x inside=y", "shipping: free", "author=ann", "signal=9",
  "tokens_used=5", "AuthFailure: no", "\"token\": null", "::", "std::string", "1.2.3", "1.2.3.4.5",
  "256.1.1.1", "01.02.03.04", "v1.2.3.4", "12:34", "dead:beef", "/deadbeef/cafe", "a5c3785",
  "sha256:0123", "/static/0123456789abcdef", "/a-very-long-path-segment-in-words-only",
  "/ABCDEFGHIJKLMNOPQRSTUVWXYZABCD", "min: 10, max: 40, desired: 35", "C++ 12345678",
  "x+12345678901",
  "mailto:", "http://example.com/a", "://", "http://", "a = b", "50%", "100%25", "%zz", "",
]

private func masked(_ text: String, _ settings: RedactionSettings = RedactionSettings()) -> String {
  makeDoor(settings).admit(LogText(text, kind: .line), limit: .path).text
}

@Suite struct RedactionTests {
  @Test func `the corpus is large enough`() {
    #expect(secrets.count >= 60)
    #expect(harmless.count >= 60)
  }

  @Test(arguments: secrets)
  func `a secret is masked`(_ secret: Masking) {
    #expect(masked(secret.text) == secret.becomes)
  }

  @Test(arguments: harmless)
  func `a look-alike stays`(_ text: String) {
    #expect(masked(text) == text)
  }

  @Test(arguments: [
    Masking("OwnerId 123456789012, i-1", "OwnerId ‹account›, i-1"),
    Masking("projects/shop-prod-1/zones/x", "projects/‹project›/zones/x"),
    Masking("node ip-10-0-1-23.ec2.internal is full", "node ‹host› is full"),
    Masking("node ip-10-0-1-23 is full", "node ‹host› is full"),
    Masking("db.corp and web-1.local.", "‹host› and ‹host›."),
    Masking("shop.example.com", "shop.example.com"),
    Masking("scaled by ann@example.com at 203.0.113.9", "scaled by ‹email› at internal-1"),
  ])
  func `a capacity line names no account and no machine`(_ line: Masking) {
    let quoted = makeDoor().admit(
      LogText(line.text, kind: .line), limit: .evidence, isAccess: false)
    #expect(quoted.text == line.becomes)
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
