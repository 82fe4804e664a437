internal import IncidentModel

/// What followed requests, of one cell and block or of many.
struct RepeatCounts {
  var failed = 0.0
  var again = 0.0
  var served = 0.0
  var servedAgain = 0.0
  /// How many of the failed and of the served are followed by something else.
  var failedOther = 0.0
  var servedOther = 0.0
  /// How many of the served are followed by both: they are asked again on the way through the site, not by a clock.
  var servedBoth = 0.0
  /// Served requests within H of a failure, by the part of H that was left, and those of them that are asked again.
  var after = 0.0
  var afterAgain = 0.0

  mutating func add(_ trial: RepeatTrial, horizon: Double) {
    let isAgain = trial.next <= horizon
    if trial.isFailed {
      failed += 1
      if isAgain { again += 1 }
      if trial.other <= horizon { failedOther += 1 }
    } else if trial.sinceFailure <= horizon {
      after += 1 - trial.sinceFailure / horizon
      if trial.sinceFailure + trial.next <= horizon { afterAgain += 1 }
    } else {
      served += 1
      if isAgain { servedAgain += 1 }
      if trial.other <= horizon { servedOther += 1 }
      if isAgain && trial.other <= horizon { servedBoth += 1 }
    }
  }

  /// How many repeats of the failed requests there were, where `control` of the served ones are asked again and `goingOn` of the usual browsing goes on after a failure.
  func repeats(control: Double, goingOn: Double) -> Double {
    let natural = control * goingOn
    return (again - failed * natural) / (1 - natural) + afterAgain - after * control
  }

  static func += (left: inout RepeatCounts, right: RepeatCounts) {
    left.failed += right.failed
    left.again += right.again
    left.served += right.served
    left.servedAgain += right.servedAgain
    left.failedOther += right.failedOther
    left.servedOther += right.servedOther
    left.servedBoth += right.servedBoth
    left.after += right.after
    left.afterAgain += right.afterAgain
  }
}

/// Counts apart for each group of clients, so that the jackknife can leave one out without a second look at the trials.
struct GroupedCounts {
  private var counts: [RepeatCounts] = []

  /// How many rows there are.
  var rows: Int { counts.count / ClientParameters.groups }

  /// Adds a row without counts; returns its number.
  mutating func addRow() -> Int {
    counts.append(
      contentsOf: repeatElement(RepeatCounts(), count: ClientParameters.groups))
    return rows - 1
  }

  mutating func add(_ trial: RepeatTrial, horizon: Double, to row: Int) {
    counts[row * ClientParameters.groups + trial.group].add(trial, horizon: horizon)
  }

  /// A row over all groups but one; always summed in their order, so that it rounds alike on every run.
  func sum(_ row: Int, without left: Int?) -> RepeatCounts {
    var sum = RepeatCounts()
    for group in 0..<ClientParameters.groups where group != left {
      sum += counts[row * ClientParameters.groups + group]
    }
    return sum
  }
}
