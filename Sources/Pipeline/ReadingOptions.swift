internal import ArchiveInput
package import IncidentModel

/// The options that decide what is read and how it is taken, before any analysis.
package struct ReadingOptions: Sendable {
  /// Files, folders, archives, or `-` for standard input.
  package var paths: [String] = []
  /// Earlier archives, that tell what is normal and nothing else.
  package var baselines: [String] = []
  /// Formats that the user named, first match first.
  package var forcedFormats: [ForcedFormat] = []
  /// The zone of stamps that carry none.
  package var inputZone = ZoneOffsets.utc
  /// Seconds by which an input's clock is ahead, by the file's name or the end of its path.
  package var clockOffsets: [ClockOffset] = []
  package var serviceRule = ServiceRule.host
  /// Members that are read at the same time.
  package var threads = 2
  /// How many bytes one byte on disk may become.
  package var maximumExpansion: Int?

  package init() {}

  /// The bounds of reading, with the user's own where given.
  var limits: InputLimits {
    var limits = InputLimits()
    if let maximumExpansion { limits.maxExpansionRatio = maximumExpansion }
    return limits
  }
}

/// What names a request's service (DESIGN §4).
package enum ServiceRule: String, CaseIterable, Sendable {
  /// The line's own virtual host, load balancer or ingress upstream.
  case host
  /// The input's name.
  case member
  /// All requests are one service.
  case none
}

/// A format for the inputs whose name matches a pattern; without a pattern for all.
package struct ForcedFormat: Hashable, Sendable {
  /// A shell pattern over the name as the report shows it, such as `access/*.gz`.
  package var pattern: String?
  package var format: String

  package init(pattern: String?, format: String) {
    self.pattern = pattern
    self.format = format
  }
}

/// An input whose clock the user knows to be wrong.
package struct ClockOffset: Hashable, Sendable {
  /// A shell pattern over the input's name.
  package var pattern: String
  /// How far its clock is ahead of the true time, in seconds.
  package var seconds: Double

  package init(pattern: String, seconds: Double) {
    self.pattern = pattern
    self.seconds = seconds
  }
}
