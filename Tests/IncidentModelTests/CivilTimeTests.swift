import FoundationEssentials
import IncidentModel
import Testing

@Test func `every day of four centuries survives the way to days and back`() {
  var expected = CivilTime.daysSinceEpoch(year: 1800, month: 1, day: 1)
  for year in 1800..<2200 {
    for month in 1...12 {
      for day in 1...CivilTime.length(ofMonth: month, year: year) {
        let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
        guard days == expected, CivilTime.date(daysSinceEpoch: days) == (year, month, day) else {
          Issue.record("\(year)-\(month)-\(day) became \(days)")
          return
        }
        expected += 1
      }
    }
  }
}

@Test func `moments agree with another calendar`() throws {
  var calendar = Calendar(identifier: .gregorian)
  calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
  for seconds in stride(from: Int64(-2_000_000_000), to: 4_000_000_000, by: 12_345_677) {
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second],
      from: Date(timeIntervalSince1970: Double(seconds)))
    let civil = CivilTime(Instant(seconds: seconds))
    #expect(civil.year == parts.year && civil.month == parts.month && civil.day == parts.day)
    #expect(
      civil.hour == parts.hour && civil.minute == parts.minute && civil.second == parts.second)
    #expect(civil.instant() == Instant(seconds: seconds))
  }
}

@Test func `an offset moves the clock and not the moment`() {
  let civil = CivilTime(year: 2018, month: 7, day: 16, hour: 11, minute: 0, second: 55)
  let moment = civil.instant(offsetSeconds: -25_200)
  #expect(moment == CivilTime(year: 2018, month: 7, day: 16, hour: 18, second: 55).instant())
  #expect(CivilTime(moment, offsetSeconds: -25_200) == civil)
}

@Test func `a leap second is the last millisecond before it`() {
  let leap = CivilTime(year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60)
  #expect(leap.isValid)
  #expect(leap.instant().microseconds == 1_483_228_799_999_000)
  #expect(!CivilTime(year: 2016, month: 12, day: 31, hour: 23, minute: 58, second: 60).isValid)
}

@Test(arguments: [(2023, 2, 29), (2024, 13, 1), (2024, 4, 31), (2024, 0, 1), (1900, 2, 29)])
func aDayThatDoesNotExistIsNotValid(date: (Int, Int, Int)) {
  #expect(!CivilTime(year: date.0, month: date.1, day: date.2).isValid)
}

@Test func `a zone tells its offset on both sides of a change`() {
  let spring = CivilTime(year: 2018, month: 3, day: 11, hour: 10).instant()
  let autumn = CivilTime(year: 2018, month: 11, day: 4, hour: 9).instant()
  let zone = ZoneOffsets(
    name: "America/Los_Angeles", first: -28_800,
    transitions: [.init(start: spring, seconds: -25_200), .init(start: autumn, seconds: -28_800)])
  #expect(zone.offset(at: spring.advanced(bySeconds: -1)) == -28_800)
  #expect(zone.offset(at: spring) == -25_200)
  #expect(zone.offset(at: autumn) == -28_800)
  let noon = CivilTime(year: 2018, month: 7, day: 16, hour: 12)
  #expect(zone.instant(of: noon) == noon.instant(offsetSeconds: -25_200))
  let twice = CivilTime(year: 2018, month: 11, day: 4, hour: 1, minute: 30)
  #expect(zone.instant(of: twice) == twice.instant(offsetSeconds: -25_200))
}

@Test func `buckets before the epoch begin at their start`() {
  #expect(Instant(seconds: -1).bucketStart(width: 60) == Instant(seconds: -60))
  #expect(Instant(microseconds: -1).seconds == -1)
  #expect(Instant(seconds: 59).bucketStart(width: 60) == Instant(seconds: 0))
}
