import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import LogFormats

/// Format strings that can't be used, and lines that don't fit one.
struct FormatStringErrorTests {
  private func problem(_ text: String) -> FormatStringError? {
    do throws(FormatStringError) {
      _ = try FormatString(text)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    ("$remote_addr [$time_local] $statsu", "$statsu", "no variable of nginx"),
    ("$remote_addr [$tiem_local] $status", "$tiem", "if it is not '$time_local'"),
    ("${remote_addr [$time_local] $status", "{remote", "brace is never closed"),
    ("log_format main '$remote_addr $status;", "'$rem", "quote is never closed"),
    ("$remote_addr$status [$time_local]", "$status", "nothing between"),
    ("[$time_local] $http_user_agent $status", "$http_user", "may hold blanks"),
    ("$remote_addr $status", "", "time"), ("$remote_addr [$time_local]", "", "status"),
    ("apache:%h %t %>s %{X-Foo}Q", "%{X", "no directive of Apache"),
    ("apache:%h %t %>s %{Referer", "{Ref", "brace is never closed"),
    ("apache:%h %t %>s %{fortnights}T", "%{fort", "knows the units"),
    ("apache:%h %{%d/%Q}t %>s", "%Q", "part of the time"),
    ("apache:%h %t %>s %", "%", "directive is missing"),
    ("%ci:%cp [%tr] %ST %zz", "%zz", "no alias of HAProxy"),
    ("%ci:%cp [%tr] %ST %[capture", "[capture", "bracket is never closed"),
    ("[%START_TIME%] %RESPONSE_CODE% %REQ(:PATH", "(:PATH", "bracket is never closed"),
    ("[%START_TIME%] %RESPONSE_CODE% %NONSENSE%", "%NONSENSE", "no operator of Envoy"),
    ("[%START_TIME%] %RESPONSE_CODE% %DURATION", "%DURATION", "'%' behind this operator"),
    ("%t %s %b", "%t", "put"), ("nginx:", "", "empty"), ("nginx:'' ''", "", "empty"),
  ])
  func whatIsWrongIsToldWithItsPlace(text: String, place: String, words: String) throws {
    let error = try #require(problem(text), "\(text)")
    #expect(error.reason.contains(words), "\(error.reason)")
    let offset =
      place.isEmpty
      ? text.utf8.count
      : text.utf8.distance(
        from: text.startIndex, to: try #require(text.ranges(of: place).last).lowerBound)
    #expect(error.place == offset, "\(error.message)")
  }

  @Test func `variables of the user's own configuration are read over and said`() throws {
    let string = try FormatString(
      "$remote_addr [$time_local] $request_zone \"$request\" $status $my_map $request_zone")
    #expect(string.ownVariables == ["$request_zone", "$my_map"])
    let line = "203.0.113.7 [05/Mar/2024:14:03:22 +0000] eu \"GET / HTTP/1.1\" 503 a eu\n"
    let (end, sink) = readMember(line, options: ReaderOptions(string: string))
    #expect(sink.rejected.isEmpty)
    #expect(sink.told.count == 1)
    #expect(end.problems.contains { $0.kind == .ambiguousFormat })
    let plain = try FormatString("$remote_addr [$time_local] \"$request\" $status $_own")
    #expect(plain.ownVariables.isEmpty)
  }

  @Test func `the caret stands under the place`() throws {
    let text = "log_format main '$remote_addr '\n  '$tiem_local $status';"
    let lines = try #require(problem(text)).message.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1] == "    '$tiem_local $status';")
    #expect(lines[2] == "     ^")
    let long = "$remote_addr " + String(repeating: "x", count: 500) + "$tiem_local \u{1b}[31m"
    let cut = try #require(problem(long)).message
    #expect(!cut.contains("\u{1b}"))
    #expect(cut.split(separator: "\n").allSatisfy { $0.count <= 320 })
  }

  @Test(arguments: [
    ("$remote_addr [$time_local] $status", FormatDialect.nginx),
    (#"%h %l %u %t "%r" %>s %b"#, .apache), ("%a %t %{Host}i %s", .apache),
    ("%ci:%cp [%tr] %ft %ST", .haproxy), (#"%T %ST %{+Q}r"#, .haproxy),
    ("%START_TIME% %RESPONSE_CODE%", .envoy),
    (#"[%START_TIME(%s)%] %REQ(X?Y):9% %RESPONSE_CODE%"#, .envoy),
    ("haproxy:%t %ST", .haproxy), ("apache: %t %s %b", .apache),
    (#"CustomLog "logs/access" "%t %s""#, .apache),
    (#"  log_format  x  escape=none  "$msec"  ' $status' ; "#, .nginx),
    (#"log-format %ci\ [%t]\ %ST"#, .haproxy), (#"'$msec $status'"#, .nginx),
  ])
  func whoseStringItIsIsTold(text: String, dialect: FormatDialect) throws {
    do throws(FormatStringError) {
      #expect(try FormatString(text).dialect == dialect)
    } catch {
      Issue.record("\(error.message)")
    }
  }

  @Test func `a line that does not fit points to the byte and the field`() throws {
    let string = try FormatString(
      #"$remote_addr [$time_local] "$request" $status $body_bytes_sent"#)
    let lines = [
      #"203.0.113.7 [05/Mar/2024:14:03:22 +0000] "GET / HTTP/1.1" 200 12"#,
      #"203.0.113.7 [05/Mar/2024:14:03:22 +0000] "GET / HTTP/1.1" 200 many"#,
      #"203.0.113.7 [05/Mar/2024:25:03:22 +0000] "GET / HTTP/1.1" 200 12"#,
      #"203.0.113.7 [05/Mar/2024:14:03:22 +0000] "GET / HTTP/1.1" 200 12 13"#,
      #"203.0.113.7 [05/Mar/2024:14:03:22 +0000] "GET / HTTP"#,
    ]
    let (end, sink) = readMember(
      lines.joined(separator: "\n") + "\n", options: ReaderOptions(string: string))
    #expect(end.format == "nginx string")
    #expect(end.stampMeaning == .completion)
    let told = sink.rejected.map { "\($0.column) \($0.reason)" }
    #expect(
      told == [
        "62 the byte count is not a number, field 4: body_bytes_sent",
        "25 the time is not one, field 2: time_local",
        "65 the line goes on where the format string ends, field 4: body_bytes_sent",
        "52 the line is cut: it ends early, field 3: request",
      ])
  }

  @Test func `wrappers around the lines are taken off`() throws {
    let string = try FormatString("haproxy:%ci:%cp [%tr] %ft %b/%s %ST %B")
    let line = "203.0.113.7:33317 [05/Mar/2024:14:03:22.655] http-in shop/web-1 200 2750"
    let apache = try FormatString("%h %l %u %t \"%r\" %>s %b")
    let plain = #"203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] "GET / HTTP/1.1" 200 12"#
    for (string, inner) in [(string, line), (apache, plain)] {
      for prefix in [
        "Mar  5 14:03:22 lb-1 web[14389]: ", "2024-03-05T14:03:22.655Z stdout F ",
        "2024-03-05T14:03:22.655Z ", "web-1  | ",
      ] {
        let (_, sink) = readMember(
          String(repeating: prefix + inner + "\n", count: 20),
          options: ReaderOptions(string: string))
        #expect(sink.records == 20, "\(prefix)")
        #expect(sink.rejected.isEmpty, "\(prefix) \(sink.rejected.first?.reason ?? "")")
      }
    }
  }

  @Test func `no mutation of a string or a line ends the program`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = FuzzNumbers(seed: seed)
    for item in FormatStringTests.same {
      let lines = try FormatScript(named: item.fixture).acceptedLines
      for round in 0..<200 {
        var text = Array(item.string.utf8)
        if round % 4 > 0 { text = ByteMutation.mutated(text, with: text, &generator) }
        guard let string = try? FormatString(String(decoding: text, as: UTF8.self)) else {
          continue
        }
        for line in lines.prefix(6) {
          let bytes = ByteMutation.mutated(line, with: text, &generator)
          let (end, sink) = readMember(bytes, options: ReaderOptions(string: string))
          let isWhole = end.lines == sink.records + sink.rejected.count + sink.passed
          #expect(isWhole, "FuzzNumbers(seed: \(seed)), round \(round)")
          #expect(sink.rejected.allSatisfy { $0.column >= 0 && $0.column <= bytes.count })
        }
      }
    }
  }
}
