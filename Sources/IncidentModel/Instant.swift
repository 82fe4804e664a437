/// A moment on the one clock of a report: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Instant: Hashable, Comparable, Sendable {
  package var microseconds: Int64

  @inlinable
  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The moment `seconds` after the epoch.
  @inlinable
  package init(seconds: Int64) {
    self.microseconds = seconds * 1_000_000
  }

  @inlinable
  package static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  /// Whole seconds since the epoch, rounded towards the past.
  @inlinable
  package var seconds: Int64 { floorDivide(microseconds, 1_000_000) }

  /// The seconds from `earlier` to this moment; negative where `earlier` is later.
  @inlinable
  package func seconds(since earlier: Instant) -> Double {
    Double(microseconds - earlier.microseconds) / 1_000_000
  }

  /// The moment `seconds` later, to the microsecond.
  @inlinable
  package func advanced(bySeconds seconds: Double) -> Instant {
    Instant(microseconds: microseconds + Int64((seconds * 1_000_000).rounded()))
  }

  /// The start of the bucket of `width` seconds, aligned to the epoch, that holds this moment.
  @inlinable
  package func bucketStart(width: Int64) -> Instant {
    Instant(seconds: floorDivide(seconds, width) * width)
  }
}

/// The quotient rounded towards minus infinity, so that moments before 1970 fall into the right bucket.
@inlinable
package func floorDivide(_ dividend: Int64, _ divisor: Int64) -> Int64 {
  let quotient = dividend / divisor
  return dividend % divisor < 0 ? quotient - 1 : quotient
}

/// A half-open stretch of time, `start` included, `end` not.
package struct TimeSpan: Hashable, Sendable {
  package var start: Instant
  package var end: Instant

  package init(start: Instant, end: Instant) {
    self.start = start
    self.end = end
  }

  package var seconds: Double { end.seconds(since: start) }

  /// Whether a moment lies inside: the start does, the end does not.
  @inlinable
  package func contains(_ moment: Instant) -> Bool { start <= moment && moment < end }

  /// Whether the two share a moment.
  @inlinable
  package func overlaps(_ other: TimeSpan) -> Bool { start < other.end && other.start < end }
}
