import IncidentModel
import Testing

@testable import LogFormats

/// Reads a whole text with one of the cursor's readers; nil where it refuses or leaves a rest.
private func read(
  _ text: String, zone: ZoneOffsets = .utc,
  with reader: (inout LineCursor, inout StampClock) throws -> Instant
) -> Int64? {
  let bytes = Array(text.utf8)
  var cursor = LineCursor(bytes.span)
  var clock = StampClock(zone: zone)
  guard let moment = try? reader(&cursor, &clock), cursor.isAtEnd else { return nil }
  return moment.microseconds
}

@Suite struct LogTimeTests {
  @Test(arguments: [
    ("10/Oct/2000:13:55:36 -0700", 971_211_336_000_000),
    ("01/Jan/1995:00:00:00 +0000", 788_918_400_000_000),
    ("29/Feb/2024:23:59:59 +0545", 1_709_230_499_000_000),
    ("29/Aug/2023 22:02:58", 1_693_346_578_000_000),
    ("31/Dec/2016:23:59:60 +0000", 1_483_228_799_999_000),
    ("05/mar/2024:14:03:22.123 +0000", 1_709_647_402_123_000),
  ]) func commonLogTime(_ text: String, _ microseconds: Int64) {
    #expect(
      read(text) { (cursor, clock) in try cursor.commonLogTime(&clock) } == microseconds)
  }

  @Test(arguments: [
    "30/Feb/2024:00:00:00 +0000", "10/Oct/1970:00:00:00 +0000", "10/Okt/2000:13:55:36 +0000",
    "10/Oct/2000:24:00:00 +0000", "10/Oct/2000:13:61:36 +0000", "10/Oct/2000:13:55:61 +0000",
    "10-Oct-2000:13:55:36 +0000", "10/Oct/2000:13:55", "", "99999999999999999999999999",
  ]) func `a stamp that is none is refused`(_ text: String) {
    #expect(read(text) { (cursor, clock) in try cursor.commonLogTime(&clock) } == nil)
  }

  @Test(arguments: [
    ("2018-11-30T22:23:00.186641Z", 1_543_616_580_186_641),
    ("2018-11-30 22:23:00,186", 1_543_616_580_186_000),
    ("2018-11-30T22:23:00.1866419999+01:00", 1_543_612_980_186_641),
    ("2018-11-30T22:23:00-0330", 1_543_629_180_000_000),
    ("2018-11-30T22:23:00 UTC", 1_543_616_580_000_000),
    ("2018-11-30T22:23:00 +0000", 1_543_616_580_000_000),
    ("2018-11-30T22:23:00+02", 1_543_609_380_000_000),
    ("2016-12-31T23:59:60Z", 1_483_228_799_999_000),
    ("2018/11/30 22:23:00", 1_543_616_580_000_000),
  ]) func isoTime(_ text: String, _ microseconds: Int64) {
    #expect(read(text) { (cursor, clock) in try cursor.isoTime(&clock) } == microseconds)
  }

  @Test(arguments: [
    ("1531763160", 1_531_763_160_000_000), ("1531763160.0002", 1_531_763_160_000_200),
    ("1531763160000", 1_531_763_160_000_000), ("1531763160000.25", 1_531_763_160_000_250),
    ("1531763160000200", 1_531_763_160_000_200),
    ("1531763160000200999", 1_531_763_160_000_200),
    ("1.5317631600002e9", 1_531_763_160_000_200), ("1.531763160E+12", 1_531_763_160_000_000),
  ]) func epochTime(_ text: String, _ microseconds: Int64) {
    #expect(read(text) { (cursor, _) in try cursor.epochTime() } == microseconds)
  }

  @Test(arguments: ["0", "1", "", "-1", "99999999999", "1e99", "1e", "123456789012345678901234"])
  func `an epoch outside of 1995 to 2100 is refused`(_ text: String) {
    #expect(read(text) { (cursor, _) in try cursor.epochTime() } == nil)
  }

  @Test func `a stamp without a zone takes the clock's`() {
    let zone = ZoneOffsets(name: "Test/East", first: 7_200, transitions: [])
    let moment = read("2018-11-30T22:23:00", zone: zone) { (cursor, clock) in
      try cursor.isoTime(&clock)
    }
    #expect(moment == 1_543_609_380_000_000)
  }

  @Test func `the remembered minute never changes what a stamp means`() throws {
    var generator = SplitMix(seed: 11)
    var clock = StampClock()
    let names = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    var moment = Instant(seconds: 1_700_000_000)
    for _ in 0..<20_000 {
      // Mostly small steps, so that the memory is used, and a jump now and then.
      let step = generator.below(50) == 0 ? generator.below(40_000_000) : generator.below(4)
      moment = Instant(seconds: 1_500_000_000 + (moment.seconds + Int64(step)) % 1_000_000_000)
      let offset = [0, 3_600, -25_200, 20_700][generator.below(4)]
      let civil = CivilTime(moment, offsetSeconds: offset)
      let clockFace = "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second))"
      let sign = offset < 0 ? "-" : "+"
      let zone = "\(two(abs(offset) / 3_600))\(two(abs(offset) / 60 % 60))"
      let common =
        "\(two(civil.day))/\(names[civil.month - 1])/\(civil.year):\(clockFace) \(sign)\(zone)"
      let iso = "\(civil.year)-\(two(civil.month))-\(two(civil.day))T\(clockFace)\(sign)\(zone)"
      let commonBytes = Array(common.utf8)
      let isoBytes = Array(iso.utf8)
      var first = LineCursor(commonBytes.span)
      var second = LineCursor(isoBytes.span)
      let read = try (first.commonLogTime(&clock), second.isoTime(&clock))
      #expect(read.0 == moment, "\(common)")
      #expect(read.1 == moment, "\(iso)")
    }
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A small generator with a seed that a failing test can print.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
