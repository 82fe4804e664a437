package import IncidentModel

/// Turns stamps into instants: knows the zone of stamps that name none, and remembers the last minute.
///
/// Neighbouring lines share their minute nearly always, and comparing sixteen bytes costs less than a calendar.
package struct StampClock: Sendable {
  /// The zone of stamps without one (`--input-time-zone`).
  package let zone: ZoneOffsets
  /// The bytes of the last stamp up to its minute, and of its zone.
  var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
  /// The start of that minute, in microseconds since the epoch.
  var minute: Int64 = 0
  /// The bytes of the last ISO stamp up to its minute, and that minute as if it were UTC.
  var isoWords: (UInt64, UInt64) = (0, 0)
  var isoMinute: Int64 = 0
  /// The bytes of the last stamp without a zone up to its minute, and the moment at which that began.
  var localWords: (UInt64, UInt64, UInt8) = (0, 0, 0)
  var localMinute: Int64 = 0

  package init(zone: ZoneOffsets = .utc) {
    self.zone = zone
  }

  /// The moment of a clock's face: `civil` as if it were UTC, and its offset; nil: the clock's zone.
  @inline(__always)
  func instant(civil: Int64, offsetSeconds: Int?) -> Instant {
    if let offsetSeconds {
      return Instant(microseconds: civil &- Int64(offsetSeconds) &* 1_000_000)
    }
    return localInstant(civil: civil)
  }

  @inline(never)
  private func localInstant(civil: Int64) -> Instant {
    if zone.transitions.isEmpty {
      return Instant(microseconds: civil &- Int64(zone.first) &* 1_000_000)
    }
    return zone.instant(of: CivilTime(Instant(microseconds: civil)))
  }
}

/// Stamps outside 1995 … 2100 are a clock's fault: they are refused with their reason (FORMATS §5).
enum PlausibleTime {
  /// 1995-01-01T00:00:00Z in microseconds.
  static let first: Int64 = 788_918_400_000_000
  /// 2101-01-01T00:00:00Z in microseconds.
  static let end: Int64 = 4_133_980_800_000_000

  @inline(__always)
  static func check(_ moment: Instant, at column: Int) throws(LineError) -> Instant {
    if moment.microseconds < first || moment.microseconds >= end {
      throw LineError("the time lies outside 1995 to 2100", at: column)
    }
    return moment
  }
}
