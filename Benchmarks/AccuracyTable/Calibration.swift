internal import FloodmarkTestSupport
internal import IncidentModel

/// Whether likelihoods are what they say: leading causes by how sure they were told, and how often they were the planted one.
struct Calibration {
  /// Lower bounds of the bins; the last reaches to 1.
  static let bounds = [0.55, 0.7, 0.8, 0.9, 0.95]

  struct Bin: Hashable {
    var low: Double
    var told = 0
    var right = 0
    /// Sum of the likelihoods, for their mean.
    var sum = 0.0
  }

  private(set) var bins: [Bin] = bounds.map { Bin(low: $0) }
  private(set) var confidentlyWrong = 0
  private(set) var all = 0

  init(_ outcomes: [TrialOutcome]) {
    for outcome in outcomes {
      all += 1
      if outcome.isConfidentlyWrong { confidentlyWrong += 1 }
      guard let value = outcome.likelihood,
        let index = bins.lastIndex(where: { value >= $0.low - 1e-9 })
      else { continue }
      bins[index].told += 1
      bins[index].sum += value
      if outcome.leading == outcome.trial.scenario.cause { bins[index].right += 1 }
    }
  }

  var text: String {
    var lines = [
      "| said with | told | mean said | right | share right |", "|---|---:|---:|---:|---:|",
    ]
    for (index, bin) in bins.enumerated() where bin.told > 0 {
      let high = index + 1 < bins.count ? "\(bins[index + 1].low)" : "1"
      let share = Double(bin.right) / Double(bin.told)
      let mean = bin.sum / Double(bin.told)
      lines.append(
        "| \(bin.low)–\(high) | \(bin.told) | \(Self.two(mean)) | \(bin.right) | \(Self.two(share)) |"
      )
    }
    let share = all > 0 ? Double(confidentlyWrong) / Double(all) : 0
    lines.append("")
    lines.append(
      "Confidently wrong (.80 or more): \(confidentlyWrong) of \(all) archives,"
        + " \(Self.two(100 * share)) %.")
    return lines.joined(separator: "\n")
  }

  private static func two(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
