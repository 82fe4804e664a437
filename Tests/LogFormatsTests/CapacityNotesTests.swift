import IncidentModel
import Testing

@testable import LogFormats

struct CapacityNotesTests {
  private func read(_ lines: String..., date: Instant? = nil) -> CapacityReading {
    CapacityReading(Notes.self, lines, date: date)
  }

  @Test(arguments: [
    ("2018-07-16 19:05 looking", "2018-07-16T19:05:00Z", 60),
    ("[2018-07-16 19:05] alice: looking", "2018-07-16T19:05:00Z", 60),
    ("- 2018-07-16 19:05:07 - looking", "2018-07-16T19:05:07Z", 1),
    ("* **2018-07-16 21:05 +0200** looking", "2018-07-16T19:05:00Z", 60),
    ("2018-07-16T19:05:07Z looking", "2018-07-16T19:05:07Z", 1),
    ("2018-07-16T21:05:07+02:00 <alice> looking", "2018-07-16T19:05:07Z", 1),
    ("2018/07/16 7:05 PM Alice Example: looking", "2018-07-16T19:05:00Z", 60),
    ("2018-07-16 19:05 UTC: looking", "2018-07-16T19:05:00Z", 60),
    (#"{"ts":"1531767907.000200","user":"U0","text":"looking"}"#, "2018-07-16T19:05:07.0002Z", 1),
  ])
  func reads(line: String, time: String, precision: Int) {
    let reading = read(line)
    #expect(reading.kinds == [.note])
    #expect(reading.texts == ["looking"])
    #expect(reading.events.first?.time == moment(time))
    #expect(reading.events.first?.precisionSeconds == precision)
    #expect(reading.events.first?.lacksDate == false)
    #expect(isUnmistakable(Notes.self, line))
  }

  @Test func `a heading or the file's name gives the day, and midnight begins the next`() {
    let reading = read("# Outage of 2018-07-16", "", "- 23:58 first", "- 00:03 second")
    #expect(
      reading.events.map(\.time) == [
        moment("2018-07-16T23:58:00Z"), moment("2018-07-17T00:03:00Z"),
      ])
    let named = read("18:24 first", date: moment("2018-07-16T00:00:00Z"))
    #expect(named.events.first?.time == moment("2018-07-16T18:24:00Z"))
    let bare = read("18:24 first")
    #expect(bare.events.first?.lacksDate == true)
    #expect(bare.events.first?.time == Instant(seconds: 66_240))
  }

  @Test func `a line without a time continues the note before it`() {
    let reading = read("18:24 first", "  goes on", "18:30 second")
    #expect(reading.texts == ["first goes on", "second"])
    #expect(reading.events.map(\.position.line) == [1, 3])
    #expect(read("words", "18:24 first").reasons.count == 1)
  }

  @Test func `a copied chat has its words under its head`() {
    let reading = read(
      "# 2018-07-16", "alice  5:46 PM", "Looking at scavenging hardware", "and so on")
    #expect(reading.texts == ["Looking at scavenging hardware and so on"])
    #expect(reading.events.first?.time == moment("2018-07-16T17:46:00Z"))
  }

  @Test func `a table of notes is read by its header`() {
    let reading = read("time,text,author", #"2018-07-16T18:24:00Z,"out of capacity, still",alice"#)
    #expect(reading.texts == ["out of capacity, still", "out of capacity, still"])
    #expect(reading.kinds == [.note, .launchFailed(.insufficientCapacity)])
    #expect(reading.ignored == 1)
  }

  @Test(arguments: [
    (
      "Currently out of capacity for scaling",
      CapacityEvent.Kind.launchFailed(.insufficientCapacity)
    ),
    ("shop-web is at max 15, waiting", .limitReached(limit: 15, wanted: nil)),
    ("max size reached: 15", .limitReached(limit: 15, wanted: nil)),
    ("group maxed out", .limitReached(limit: nil, wanted: nil)),
    ("seeing VcpuLimitExceeded everywhere", .launchFailed(.quota)),
    ("SubnetIsFull in us-east-1a", .launchFailed(.addressSpace)),
    ("can't scale, out of capacity", .launchFailed(.insufficientCapacity)),
  ])
  func `words about capacity are a person's claim beside the note`(
    words: String, kind: CapacityEvent.Kind
  ) {
    let reading = read("2018-07-16 18:24 \(words)")
    #expect(reading.kinds == [.note, kind])
    #expect(reading.events.map(\.isHumanClaim) == [false, true])
    #expect(Set(reading.events.map(\.key)).count == 2)
  }

  @Test(arguments: [
    "no longer out of capacity", "are we out of capacity?", "we are not at max yet",
    "many timeouts at checkout", "new LaunchTemplate deployed", "health check failed twice",
  ])
  func `denials, questions and words of other things claim nothing`(words: String) {
    #expect(read("2018-07-16 18:24 \(words)").kinds == [.note])
  }

  @Test(arguments: [
    ("18:24 Update: half of it is back", "Update: half of it is back"),
    ("18:24 bob: half", "half"), ("18:24 https://example.com/a", "https://example.com/a"),
    ("18:24 ratio 3: 4", "ratio 3: 4"),
  ])
  func `only a name before a colon is taken off`(line: String, words: String) {
    #expect(read(line).texts == [words])
  }

  @Test(arguments: [
    "2018-07-16 18:24:05,123 something", "2018-07-16 18:24:05 INFO something",
    "2018-07-16 18:24:05 192.0.2.1 GET /a - 80", "2018-07-16T18:24:05.1Z something",
    "2018/07/16 18:24:05 [error] 31#31: *46 no live upstreams while connecting to upstream",
    "2018-07-16T18:24:05+01:00 nas sshd[2197]: authentication failure",
    "2018/07/16 18:24:05 ...web/auth/auth.go:200:SignIn() [I] refused",
    "[2018-07-16 18:24:05] local.ERROR: Target class does not exist",
    "2018-07-16T18:24:05Z [AUTH] WARN: wrong password",
  ])
  func `a program's line is no note`(line: String) {
    #expect(read(line).reasons == ["a program wrote this line, not a person@0"])
  }
}

struct NoteOfPersonTests {
  @Test(arguments: [
    "2018-07-16 18:24:05 alice: error rate is at 5 %",
    "2018-07-16 18:24:05 page 12: we are at max (15), waiting",
    "[2018-07-16 18:24:05] bob: see INFO from support",
    "2018-07-16 18:24:05 warning lights everywhere",
  ])
  func `a person may write of errors, too`(line: String) {
    #expect(CapacityReading(Notes.self, [line]).reasons.isEmpty)
  }
}

struct CapacityTableTests {
  @Test func `a table of requests is none of capacity, changes or alerts`() {
    for header in [
      "type,time,elb,elb_status_code,request_url", "TimeGenerated,Category,httpStatus,kind",
      "time,service,status_code", "time,severity,clientIP",
    ] {
      #expect(CapacityTable.header(Array(header.utf8).span) == nil)
    }
  }

  private let header = "time;kind;group;from;to;max;reason"

  @Test func `kinds go by name or synonym`() {
    let rows = [
      header, "2018-07-16T18:02:30Z;scale-up;web;10;15;;", "2018-07-16 18:03;max;web;;20;15;",
      "1531764150;failed;web;;;;VcpuLimitExceeded", "2018-07-16T18:05:00Z;in_service;web;;;;",
      "2018-07-16T18:05:00Z;terminate;web;;;;unhealthy", "2018-07-16T18:05:00Z;config;web;;9;15;",
      "2018-07-16T18:05:00Z;deploy;web;;;;", "2018-07-16T18:05:00Z;huh;web;;;;", header,
      "yesterday;launch;web;;;;",
    ]
    let reading = CapacityReading(CapacityCSV.self, rows)
    #expect(
      reading.kinds == [
        .scaleOutDecided(from: 10, to: 15), .limitReached(limit: 15, wanted: 20),
        .launchFailed(.quota), .inService, .terminated(.unhealthy),
        .configChanged(minimum: nil, maximum: 15, desired: 9), .change,
      ])
    #expect(reading.events[1].precisionSeconds == 60)
    #expect(reading.events[0].count == 5 && reading.events[0].group == "web")
    #expect(
      reading.reasons == ["the kind of the row is unknown@0", "the time of the row is not one@0"])
    #expect(reading.ignored == 2)
  }

  @Test func `a series without kinds gives observed sizes`() {
    let reading = CapacityReading(
      CapacityCSV.self, ["time,desired,running,max", "2018-07-16T18:02:00Z,15,10,15"])
    #expect(reading.kinds == [.observed(desired: 15, ready: 10, maximum: 15)])
  }

  @Test func `JSON lines have the same keys and must name what they are`() {
    let reading = CapacityReading(
      CapacityJSONLines.self,
      [
        #"{"time":"2018-07-16T18:02:30Z","kind":"scale_out","group":"web","from":10,"to":15}"#,
        #"{"time":"2018-07-16T18:02:30Z","desired":3,"running":2}"#,
        #"{"time":"2018-07-16T18:02:30Z","message":"hello","level":"info"}"#,
        #"{"time":"2018-07-16T18:02:30Z","kind":"GET","from":"a"}"#,
      ])
    #expect(
      reading.kinds == [
        .scaleOutDecided(from: 10, to: 15), .observed(desired: 3, ready: 2, maximum: nil),
      ])
    #expect(reading.reasons.count == 2)
  }

  @Test func `changes and alerts stand on the timeline with their words`() {
    let changes = CapacityReading(
      Changes.self, ["time,service,text", "2018-07-16T17:40:00Z,shop,cart 4.2"])
    #expect(changes.kinds == [.change])
    #expect(changes.texts == ["cart 4.2"])
    #expect(changes.events.first?.group == "shop")
    let alerts = CapacityReading(
      Alerts.self, [#"{"time":"2018-07-16T18:03:10Z","severity":"page","text":"5xx"}"#])
    #expect(alerts.kinds == [.alert])
  }

  @Test func `a header belongs to one format only`() {
    let headers = [
      ("time,desired,running", "capacity-csv"), ("time,kind,group,text", "capacity-csv"),
      ("time,service,text", "changes"), ("time,kind,text", "changes"),
      ("time,severity,text", "alerts"), ("time,text,author", "notes"),
    ]
    let formats: [any CapacityFormat.Type] = [
      Alerts.self, CapacityCSV.self, Changes.self, Notes.self,
    ]
    for (header, owner) in headers {
      let takers = formats.filter { CapacityReading($0, [header]).ignored == 1 }.map { $0.name }
      #expect(takers == [owner], "\(header)")
    }
  }

  @Test func `quotes keep separators and quotes`() {
    let line = Array(#"a,"b,""c""", d ,"#.utf8)
    let fields = CapacityTable.split(line.span, 0x2C).map { String(decoding: $0, as: UTF8.self) }
    #expect(fields == ["a", #"b,"c""#, "d", ""])
  }
}
