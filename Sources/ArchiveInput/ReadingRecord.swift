internal import IncidentModel

/// What the layers of one reader have to tell about the member that is being read.
final class ReadingRecord {
  /// Of each kind this many problems are told one by one.
  static let maxPerKind = 8

  private(set) var problems: [InputProblem] = []
  private var counts: [InputProblem.Kind: Int] = [:]
  /// The decompressed byte at which the input broke off.
  var truncatedAt: Int?

  func add(_ kind: InputProblem.Kind, _ detail: Sentence, offset: Int? = nil) {
    counts[kind, default: 0] += 1
    if counts[kind, default: 0] <= Self.maxPerKind {
      problems.append(InputProblem(kind: kind, detail: detail, offset: offset))
    }
  }

  /// The problems, each kind that had more than ``maxPerKind`` followed by how many more.
  var summary: [InputProblem] {
    let overflowing = counts.filter { $0.value > Self.maxPerKind }
    return problems
      + overflowing.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, count in
        InputProblem(
          kind: kind, detail: "\(count: count - Self.maxPerKind) more problems of this kind")
      }
  }

  func startOver() {
    problems = []
    counts = [:]
    truncatedAt = nil
  }
}
