import IncidentModel
import Testing

@testable import LogFormats

/// Format strings: the built-in formats written as strings read the same, and what can't be used says why.
struct FormatStringTests {
  static let names = [
    "time", "arrival", "status", "bytes", "duration_us", "upstream_us", "no_latency", "connection",
    "retries", "shed", "client", "method", "path", "service", "referrer", "agent", "user",
    "backend", "cache", "tls", "id",
  ]

  /// A line's record as words; nil where it is refused.
  static func record(
    _ line: [UInt8], _ format: any AccessFormat.Type, _ string: FormatString? = nil
  ) -> [String]? {
    var context = AccessContext(string: string)
    context.durationUnit.settle()
    var record = AccessRecord()
    let span = line.span
    do throws(LineError) {
      try format.parse(span, in: &context, into: &record)
    } catch {
      return nil
    }
    return names.map { name in
      let value = FormatText.value(
        of: name, in: record, line: span, scratch: context.scratch.span)
      return "\(name)=\(value ?? "?")"
    }
  }

  static func record(_ line: String, by string: String) throws -> [String: String] {
    let string = try FormatString(string)
    guard case .access(let format) = string.dialect.format else { return [:] }
    let words = try #require(record(Array(line.utf8), format, string), "\(line)")
    return Dictionary(
      uniqueKeysWithValues: words.map { word in
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), String(parts[1]))
      })
  }

  struct Same {
    var fixture: String
    var string: String
    /// Lines of the fixture that the string takes at least.
    var least: Int
    /// Fields that only one of the two knows.
    var without: Set<String> = []
  }

  static let combined =
    #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#
  static let envoy =
    #"[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS%"#
  static let envoyTail =
    #"%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%""#

  static let same = [
    Same(fixture: "combined", string: combined, least: 6),
    Same(
      fixture: "combined", string: #"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
      least: 6),
    Same(
      fixture: "vhost-combined",
      string: #"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#, least: 2),
    Same(
      fixture: "nginx-timed",
      string: combined
        + #" rt=$request_time ua="$upstream_addr" urt="$upstream_response_time" us="$upstream_status""#,
      least: 1),
    Same(
      fixture: "ingress-nginx",
      string: combined
        + " $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id",
      least: 5),
    Same(
      fixture: "apache-timed",
      string: #"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i" %T/%D"#, least: 1),
    Same(
      fixture: "haproxy",
      string:
        "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r",
      least: 10),
    Same(
      fixture: "haproxy",
      string: "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq", least: 3),
    Same(fixture: "envoy", string: envoy + " " + envoyTail, least: 12),
    Same(
      fixture: "istio",
      string: envoy
        + #" %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" "#
        + envoyTail
        + " %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%",
      least: 6),
  ]

  @Test(arguments: same.indices)
  func aBuiltInFormatAsAStringReadsTheSame(index: Int) throws {
    let item = Self.same[index]
    let format = try #require(FormatRegistry.access(named: item.fixture))
    let string = try FormatString(item.string)
    guard case .access(let lines) = string.dialect.format else { return }
    var taken = 0
    for line in try FormatScript(named: item.fixture).acceptedLines {
      guard let mine = Self.record(line, lines, string) else { continue }
      let theirs = try #require(Self.record(line, format))
      taken += 1
      for (left, right) in zip(mine, theirs)
      where !item.without.contains(where: { left.hasPrefix($0 + "=") }) {
        #expect(left == right, "\(String(decoding: line, as: UTF8.self))")
      }
    }
    #expect(taken >= item.least, "\(taken) lines")
  }

  // MARK: What the dialects have of their own

  @Test func `nginx's JSON is text around variables`() throws {
    let string =
      #"log_format main escape=json '{"time":"$time_iso8601","status":$status,"uri":"$request_uri",' '"ua":"$http_user_agent","rt":$request_time,"up":"$upstream_addr"}';"#
    let line =
      #"{"time":"2024-03-05T14:03:22+00:00","status":502,"uri":"/a?b=\"c\",x","ua":"a \"b\"","rt":0.250,"up":"192.0.2.1:80, 192.0.2.2:80"}"#
    let record = try Self.record(line, by: string)
    #expect(record["status"] == "502")
    #expect(record["arrival"] == "2024-03-05T14:03:21.750Z")
    #expect(record["path"] == #"/a?b=\"c\",x"#)
    #expect(record["agent"] == #"a \"b\""#)
    #expect(record["backend"] == "192.0.2.2:80")
    #expect(record["retries"] == "1")
    #expect(record["shed"] == "false")
  }

  @Test(arguments: [
    ("%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t", "05/Mar/2024:14:03:22.310 +0100", "13:03:22.310"),
    ("%{sec}t.%{usec_frac}t", "1709647402.123456", "14:03:22.123456"),
    ("%{begin:msec}t", "1709647402123", "14:03:22.123"),
    ("%{%Y-%m-%dT%H:%M:%S%z}t", "2024-03-05T14:03:22+0000", "14:03:22.000"),
    ("%{%F %T}t", "2024-03-05 14:03:22", "14:03:22.000"),
    ("%{%e %B %Y %I:%M:%S %p}t", " 5 March 2024 02:03:22 PM", "14:03:22.000"),
    ("%t %{msec_frac}t", "[05/Mar/2024:14:03:22 +0000] 310", "14:03:22.310"),
    ("%{%s}t", "1709647402", "14:03:22.000"),
  ])
  func apachesTimesAreRead(directive: String, text: String, time: String) throws {
    let record = try Self.record("198.51.100.7 \(text) 200", by: "apache:%h \(directive) %>s")
    #expect(record["time"] == "2024-03-05T\(time)Z")
    #expect(record["client"] == "198.51.100.7")
  }

  @Test(arguments: [
    ("%D", "1500", "1500"), ("%T", "2", "2000000"), ("%{ms}T", "7", "7000"),
    ("%{us}T", "9", "9"), ("%T %D", "2 1999999", "1999999"), ("%{s}T", "-", "-1"),
  ])
  func apachesDurationsHaveUnits(directive: String, text: String, duration: String) throws {
    let record = try Self.record(
      #"198.51.100.7 [05/Mar/2024:14:03:22 +0000] "GET / HTTP/1.1" 200 \#(text)"#,
      by: #"%h %t "%r" %>s \#(directive)"#)
    #expect(record["duration_us"] == duration)
    #expect(record["arrival"] == "2024-03-05T14:03:22.000Z")
  }

  @Test func `the end of a request can be what Apache's time means`() throws {
    let record = try Self.record(
      "198.51.100.7 1709647402 500 1000000", by: "apache:%h %{end:sec}t %>s %D")
    #expect(record["time"] == "2024-03-05T14:03:22.000Z")
    #expect(record["arrival"] == "2024-03-05T14:03:21.000Z")
  }

  @Test func `Apache's modifiers and split requests are read`() throws {
    let record = try Self.record(
      #"198.51.100.7 - - [05/Mar/2024:14:03:22 +0000] "GET /a?b HTTP/1.1" 404 - "-" "x" 200"#,
      by:
        #"LogFormat "%a %l %u %t \"%m %U%q %H\" %>s %b \"%!200,304{Referer}i\" \"%{User-Agent}i\" %<s" mine"#
    )
    #expect(record["method"] == "GET")
    #expect(record["path"] == "/a?b")
    #expect(record["status"] == "404")
    #expect(record["bytes"] == "0")
  }

  @Test func `HAProxy's quotes, captures and expressions are read`() throws {
    let quoted = try Self.record(
      #"203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] "GET /cart HTTP/1.1" 503 2750 "" "" 33317 655 "http-in" "shop" "<NOSRV>" 10 0 -1 -1 109 "SC--" 1 1 1 1 0 0 0 "{a b|c}" "" "#,
      by:
        #"%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %hr %hs"#
    )
    #expect(quoted["time"] == "2024-03-05T14:03:22.655Z")
    #expect(quoted["service"] == "shop")
    #expect(quoted["shed"] == "true")
    #expect(quoted["duration_us"] == "109000")
    let expression = try Self.record(
      #"203.0.113.7:1 [05/Mar/2024:14:03:22.655] fe~ web/w1 200 curl "GET / HTTP/2.0""#,
      by: #"log-format "%ci:%cp [%tr] %ft %b/%s %ST %[capture.req.hdr(0)] %{+Q}r""#)
    #expect(expression["backend"] == "web/w1")
    #expect(expression["path"] == "/")
    #expect(expression["client"] == "203.0.113.7")
  }

  @Test func `Envoy's times, truncation and attempts are read`() throws {
    let record = try Self.record(
      "1709647402.123 GET /a 503 UH 12 - 3 192.0.2.9:1234 outbound|80||web.svc",
      by:
        "%START_TIME(%s.%3f)% %REQ(:METHOD)% %REQ(:PATH):20% %RESPONSE_CODE% %RESPONSE_FLAGS% %DURATION% %UPSTREAM_HOST% %UPSTREAM_REQUEST_ATTEMPT_COUNT% %DOWNSTREAM_REMOTE_ADDRESS% %UPSTREAM_CLUSTER%\n"
    )
    #expect(record["time"] == "2024-03-05T14:03:22.123Z")
    #expect(record["path"] == "/a")
    #expect(record["shed"] == "true")
    #expect(record["retries"] == "2")
    #expect(record["client"] == "192.0.2.9")
    #expect(record["service"] == "web.svc")
  }

  @Test func `a host and its path may touch`() throws {
    let record = try Self.record(
      "1709647402.123 GET https://Shop.example.com/a?b=1 200",
      by: "$msec $request_method $scheme://$host$request_uri $status")
    #expect(record["service"] == "shop.example.com")
    #expect(record["path"] == "/a?b=1")
  }
}
