package import IncidentModel

/// Everything that is kept of the inputs: bounded, and the same in whatever order and pieces they were read (METHODS §1).
///
/// Workers fill a ``MemberTally`` each and hand over under one lock with ``MemberTally/merge(into:)``.
package struct Tally: Sendable {
  package let options: TallyOptions
  var sums: PartTally
  /// What the reader of the inputs knows of each.
  var described: [Int: InputSummary] = [:]
  /// How the counted members begin, as far as that was asked for.
  var beginnings: [Int: MemberBeginning] = [:]
  /// Where inputs that are baseline alone end; their requests are told from the others' by their arrival.
  package var baselineEnd: Instant?

  package init(options: TallyOptions) {
    self.options = options
    sums = PartTally(options.budgets)
  }

  /// Adds what one worker has tallied; the order of the calls does not matter.
  mutating func merge(_ part: borrowing PartTally) {
    sums.merge(part, options.budgets)
  }

  /// Adds another tally of the same options and run of inputs.
  package mutating func merge(_ other: borrowing Tally) {
    sums.merge(other.sums, options.budgets)
    for (input, summary) in other.described { described[input] = summary }
    for (input, beginning) in other.beginnings { beginnings[input] = beginning }
  }

  /// The start of the minute in which the first request arrived; nil without requests.
  ///
  /// - Complexity: O(buckets).
  package var firstMinute: Instant? {
    sums.series.keys.map { TallyTime.epochSeconds(SeriesStore.time(of: $0)) }.min().map {
      Instant(seconds: floorDivide($0, 60) * 60)
    }
  }

  /// Takes name, kind, format, sizes and problems of an input; the view adds the counts.
  package mutating func describe(input: Int, _ summary: InputSummary) {
    described[input] = summary
  }

  /// Takes how a counted member begins, by which another tally that holds it too is known.
  package mutating func note(_ beginning: MemberBeginning, of input: Int) {
    beginnings[input] = beginning
  }

  /// The inputs in the order of their names, with what was counted of each.
  package func summaries() -> [InputSummary] { inputs(InputPlaces(self)) }
}
