/// A structure of a tally that has a section of its own in a tally file.
///
/// What is written depends on what the structure holds alone, not on how it came about, so that equal tallies are equal files.
protocol TallySection {
  func encode(into file: inout TallyEncoder)
  /// Reads what ``encode(into:)`` wrote and checks each number of it, so that no later step can fail on it.
  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> Self
}

/// The layout of a tally file.
///
/// The magic, the format's version in two bytes (the lower first), the sections in the order of their numbers, an end mark and the SHA-256 of all that stands before it.
/// A section is its number in one byte, its length in eight (the lowest first) and its bytes.
package enum TallyFormat {
  /// Stands at the beginning of every tally file, of whatever version.
  package static let magic: [UInt8] = Array("floodmark tally\n".utf8)
  package static let version: UInt16 = 1
  /// The number of the end mark, which has no length.
  package static let end: UInt8 = 255

  /// The sections, every one of which a file has.
  package enum Section: UInt8, CaseIterable, Sendable {
    case settings = 1
    case inputs, services, names, series, latency, sample, exemplars, clients, trails, backends
    case events, manifest, prints
  }

  /// A hash over the tables by which texts become numbers: tallies that were made with others don't go together.
  package static let catalogue: UInt64 = {
    var text: [UInt8] = []
    for row in AgentFamily.rows {
      for needle in row.needles + [row.name, row.version ?? "", "\(row.kind)"] {
        text += needle.utf8
        text.append(0)
      }
    }
    for high in LatencyBounds.highs { text += "\(high),".utf8 }
    for grains in [Ladder.series, Ladder.strata, Ladder.clients, Ladder.inputs] {
      for grain in grains { text += "\(grain.seconds)/\(grain.clientShift)/\(grain.allShift)".utf8 }
    }
    return Mixer.hash(text.span)
  }()
}
