internal import IncidentModel

/// Requests that may enter the sample, with their lines copied and their dimensions not yet looked at.
///
/// Most of those that enter a filling stratum are pushed out again, so names, templates and families are computed for what is left at the end of a block.
struct SampleCandidates: Sendable {
  struct Candidate: Sendable {
    var hash: UInt64
    var record: AccessRecord
    var arrival: Int64
    var number: Int
    var offset: Int
    /// Where the copies of line and scratch begin in ``SampleCandidates/texts``, and how long they are.
    var start: Int
    var lineCount: Int
    var scratchCount: Int
  }

  private let size: Int
  /// Candidates of each stratum, in the numbers of the store's strata.
  private(set) var strata: [[Candidate]] = []
  /// Requests of a higher rank can't enter.
  private var thresholds: [UInt64] = []
  private(set) var texts: [UInt8] = []

  init(_ budgets: TallyBudgets) {
    size = max(1, budgets.sampleSize)
  }

  /// Beyond this the copies are turned into entries.
  var isLarge: Bool { texts.count > 1 << 20 }

  @inline(__always)
  func takes(_ hash: UInt64, slot: Int, below storeThreshold: UInt64) -> Bool {
    hash <= storeThreshold && (slot >= thresholds.count || hash <= thresholds[slot])
  }

  mutating func add(
    _ record: borrowing AccessRecord, hash: UInt64, arrival: Int64, line: Span<UInt8>,
    scratch: Span<UInt8>, number: Int, offset: Int, slot: Int
  ) {
    while strata.count <= slot {
      strata.append([])
      thresholds.append(.max)
    }
    let lineCount = min(line.count, SampleLimits.look)
    let scratchCount = min(scratch.count, SampleLimits.look)
    strata[slot].append(
      Candidate(
        hash: hash, record: copy record, arrival: arrival, number: number, offset: offset,
        start: texts.count, lineCount: lineCount, scratchCount: scratchCount))
    texts.append(line.extracting(0..<lineCount))
    texts.append(scratch.extracting(0..<scratchCount))
    if strata[slot].count >= 2 * size { prune(slot) }
  }

  /// Keeps the requests of smallest rank.
  private mutating func prune(_ slot: Int) {
    var ranks = strata[slot].map(\.hash)
    let threshold = smallest(&ranks, size)
    thresholds[slot] = threshold
    strata[slot].removeAll { $0.hash > threshold }
  }

  mutating func removeAll() {
    strata.removeAll(keepingCapacity: true)
    thresholds.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
  }
}

/// The n-th smallest of some words, n from 1 (Hoare: Find, CACM 1961).
func smallest(_ words: inout [UInt64], _ n: Int) -> UInt64 {
  var low = 0
  var high = words.count - 1
  let wanted = n - 1
  while low < high {
    let pivot = words[low + (high - low) / 2]
    var left = low
    var right = high
    while left <= right {
      while words[left] < pivot { left += 1 }
      while words[right] > pivot { right -= 1 }
      if left <= right {
        words.swapAt(left, right)
        left += 1
        right -= 1
      }
    }
    if wanted <= right { high = right } else if wanted >= left { low = left } else { break }
  }
  return words[wanted]
}
