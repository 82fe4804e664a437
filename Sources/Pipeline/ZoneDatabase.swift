internal import Foundation
package import IncidentModel

/// The system's time zone database, turned into values once, at the start of a run.
package enum ZoneDatabase {
  /// The years for which changes of offset are looked up: those whose stamps are plausible (METHODS §2).
  static let years = 1995...2100

  /// The offsets of a zone such as `America/Los_Angeles`, `UTC` or `+02:00`; nil where there is no such zone.
  package static func zone(named name: String) -> ZoneOffsets? {
    if let seconds = fixedOffset(name) {
      return ZoneOffsets(name: name, first: seconds, transitions: [])
    }
    guard TimeZone.knownTimeZoneIdentifiers.contains(name) || name == "UTC" || name == "GMT",
      let zone = TimeZone(identifier: name)
    else { return nil }
    let first = CivilTime(year: years.lowerBound, month: 1, day: 1).instant()
    let last = CivilTime(year: years.upperBound, month: 12, day: 31).instant()
    var date = Date(timeIntervalSince1970: Double(first.seconds))
    let initial = zone.secondsFromGMT(for: date)
    var transitions: [ZoneOffsets.Transition] = []
    while let next = zone.nextDaylightSavingTimeTransition(after: date),
      next.timeIntervalSince1970 < Double(last.seconds), transitions.count < 1_000
    {
      transitions.append(
        .init(
          start: Instant(seconds: Int64(next.timeIntervalSince1970.rounded())),
          seconds: zone.secondsFromGMT(for: next)))
      date = next
    }
    return ZoneOffsets(name: name, first: initial, transitions: transitions)
  }

  /// Names near a misspelt one, for the error message.
  package static func suggestions(for name: String) -> [String] {
    let wanted = name.lowercased()
    let city = wanted.split(separator: "/").last.map(String.init) ?? wanted
    return TimeZone.knownTimeZoneIdentifiers
      .filter { !city.isEmpty && $0.lowercased().contains(city) }.sorted().prefix(3).map { $0 }
  }

  /// `+02:00`, `-0700`, `Z`: seconds east of Greenwich.
  static func fixedOffset(_ text: String) -> Int? {
    if text == "Z" || text == "UTC" { return 0 }
    guard let match = text.wholeMatch(of: /([+-])(\d\d):?(\d\d)/), let hours = Int(match.2),
      let minutes = Int(match.3), hours <= 15, minutes <= 59
    else { return nil }
    return (match.1 == "-" ? -1 : 1) * (hours * 3_600 + minutes * 60)
  }
}
