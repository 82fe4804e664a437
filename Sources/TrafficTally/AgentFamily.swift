/// The software behind a user agent, by a short ordered table of substrings: the first row that fits names it.
///
/// It tells populations apart; it is no proof of who asked, since the text is the client's own.
package enum AgentFamily {
  /// What a family is to the question whether people or machines ask.
  package enum Kind: UInt8, Sendable {
    case browser, app, tool, crawler, healthCheck, headless, unknown
  }

  struct Row: Sendable {
    var needles: [String]
    var name: String
    var kind: Kind
    /// What the major version follows; nil where no version is read.
    var version: String?

    init(_ needles: String..., name: String, _ kind: Kind, version: String? = nil) {
      self.needles = needles
      self.name = name
      self.kind = kind
      self.version = version
    }
  }

  static let rows: [Row] = [
    Row(name: "", .unknown),
    Row(name: "other", .unknown),
    Row("ELB-HealthChecker", name: "ELB-HealthChecker", .healthCheck),
    Row("kube-probe", name: "kube-probe", .healthCheck),
    Row("GoogleHC", name: "GoogleHC", .healthCheck),
    Row("HealthCheck", name: "health check", .healthCheck),
    Row("UptimeRobot", name: "UptimeRobot", .healthCheck),
    Row("Pingdom", name: "Pingdom", .healthCheck),
    Row("Googlebot", name: "Googlebot", .crawler),
    Row("bingbot", name: "bingbot", .crawler),
    Row("YandexBot", name: "YandexBot", .crawler),
    Row("Baiduspider", name: "Baiduspider", .crawler),
    Row("DuckDuckBot", name: "DuckDuckBot", .crawler),
    Row("Applebot", name: "Applebot", .crawler),
    Row("AhrefsBot", name: "AhrefsBot", .crawler),
    Row("SemrushBot", name: "SemrushBot", .crawler),
    Row("MJ12bot", name: "MJ12bot", .crawler),
    Row("PetalBot", name: "PetalBot", .crawler),
    Row("GPTBot", name: "GPTBot", .crawler),
    Row("ClaudeBot", name: "ClaudeBot", .crawler),
    Row("Bytespider", name: "Bytespider", .crawler),
    Row("Amazonbot", name: "Amazonbot", .crawler),
    Row("facebookexternalhit", name: "facebookexternalhit", .crawler),
    Row("meta-externalagent", name: "meta-externalagent", .crawler),
    Row("HeadlessChrome", name: "HeadlessChrome", .headless, version: "HeadlessChrome/"),
    Row("PhantomJS", name: "PhantomJS", .headless),
    Row("curl/", name: "curl", .tool),
    Row("Wget", name: "Wget", .tool),
    Row("python-requests", name: "python-requests", .tool),
    Row("Python-urllib", name: "Python-urllib", .tool),
    Row("aiohttp", name: "aiohttp", .tool),
    Row("python-httpx", name: "python-httpx", .tool),
    Row("Scrapy", name: "Scrapy", .tool),
    Row("Go-http-client", name: "Go-http-client", .tool),
    Row("Apache-HttpClient", name: "Apache-HttpClient", .tool),
    Row("Java/", name: "Java", .tool),
    Row("node-fetch", name: "node-fetch", .tool),
    Row("axios/", name: "axios", .tool),
    Row("PostmanRuntime", name: "PostmanRuntime", .tool),
    Row("libwww-perl", name: "libwww-perl", .tool),
    Row("ApacheBench", name: "ApacheBench", .tool),
    Row("Grafana k6", name: "k6", .tool),
    Row("k6/", name: "k6", .tool),
    Row("Prometheus", name: "Prometheus", .tool),
    Row("okhttp", name: "okhttp", .app),
    Row("Alamofire", name: "Alamofire", .app),
    Row("CFNetwork", name: "CFNetwork", .app),
    Row("Dart/", name: "Dart", .app),
    Row("Edg", name: "Edge", .browser, version: "Edg/"),
    Row("OPR/", name: "Opera", .browser, version: "OPR/"),
    Row("SamsungBrowser/", name: "Samsung Internet", .browser, version: "SamsungBrowser/"),
    Row("FxiOS/", name: "Firefox", .browser, version: "FxiOS/"),
    Row("Firefox/", name: "Firefox", .browser, version: "Firefox/"),
    Row("CriOS/", name: "Mobile Chrome", .browser, version: "CriOS/"),
    Row("Chrome/", "Mobile", name: "Mobile Chrome", .browser, version: "Chrome/"),
    Row("Chrome/", name: "Chrome", .browser, version: "Chrome/"),
    Row("Safari/", "Mobile", name: "Mobile Safari", .browser, version: "Version/"),
    Row("Safari/", name: "Safari", .browser, version: "Version/"),
    Row("MSIE ", name: "Internet Explorer", .browser, version: "MSIE "),
    Row("Trident/", name: "Internet Explorer", .browser, version: "rv:"),
    Row("bot", name: "other crawler", .crawler),
    Row("crawler", name: "other crawler", .crawler),
    Row("spider", name: "other crawler", .crawler),
  ]

  /// What kind of software a family's name stands for.
  package static func kind(of name: String) -> Kind {
    rows.first { $0.name == name }?.kind ?? .unknown
  }

  static func name(ofRow row: UInt8) -> String {
    Int(row) < rows.count ? rows[Int(row)].name : ""
  }

  /// The row of an agent, and the major version it states, -1 for none.
  static func classify(_ agent: Span<UInt8>) -> (row: UInt8, major: Int16) {
    if agent.isEmpty || agent.count == 1 && agent[0] == UInt8(ascii: "-") { return (0, -1) }
    for index in 2..<rows.count
    where rows[index].needles.allSatisfy({ find($0.utf8.span, in: agent) != nil }) {
      let version = rows[index].version.map { major(after: $0.utf8.span, in: agent) } ?? -1
      return (UInt8(truncatingIfNeeded: index), version)
    }
    return (1, -1)
  }

  /// Where the bytes after a needle begin.
  private static func find(_ needle: Span<UInt8>, in text: Span<UInt8>) -> Int? {
    guard needle.count <= text.count else { return nil }
    for start in 0...(text.count - needle.count) where text[start] == needle[0] {
      var length = 1
      while length < needle.count, text[start + length] == needle[length] { length += 1 }
      if length == needle.count { return start + length }
    }
    return nil
  }

  private static func major(after needle: Span<UInt8>, in text: Span<UInt8>) -> Int16 {
    guard var index = find(needle, in: text) else { return -1 }
    var value: Int16 = -1
    while index < text.count, text[index] >= 0x30, text[index] <= 0x39, value < 1000 {
      value = max(value, 0) * 10 + Int16(text[index] - 0x30)
      index += 1
    }
    return value
  }
}
