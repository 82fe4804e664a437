internal import IncidentModel

/// How many served requests are asked again, by cell, with one group of clients left out (METHODS §7).
struct RepeatControls {
  private let group: Int?
  /// Of the whole service.
  let pace: Double
  let goingOn: Double
  private var cells: [(usual: Double, goingOn: Double)] = []

  init(_ grid: RepeatGrid, without group: Int?) {
    self.group = group
    let all = grid.whole.sum(RepeatGrid.all, without: group)
    let service = all.served > 0 ? all.servedAgain / all.served : 0
    pace = Self.shrunk(all, to: service)
    goingOn = Self.goingOn(grid.whole.sum(RepeatGrid.insideAll, without: group), beside: 1)
    cells = (0..<grid.inside.rows).map { [goingOn] cell in
      let inside = grid.inside.sum(cell, without: group)
      let outside = grid.outside.sum(cell, without: group)
      return (
        usual: Self.shrunk(inside, to: Self.shrunk(outside, to: service)),
        goingOn: Self.goingOn(inside, beside: goingOn)
      )
    }
  }

  private static func shrunk(_ counts: RepeatCounts, to wider: Double) -> Double {
    let pseudo = ClientParameters.pseudoEvents
    return (counts.servedAgain + pseudo * wider) / (counts.served + pseudo)
  }

  /// How much of what is asked again as a matter of course goes on after a failure, never above 1.
  ///
  /// Of browsing as much goes on as the share of failed requests that something else follows, over that of served ones; browsing are those of the served requests that are asked again which something else follows as well.
  private static func goingOn(_ counts: RepeatCounts, beside wider: Double) -> Double {
    let pseudo = ClientParameters.pseudoEvents
    let served = (counts.servedOther + 1) / (counts.served + 1)
    let failed = (counts.failedOther + pseudo * wider * served) / (counts.failed + pseudo)
    guard served > 0 else { return 1 }
    // What only ever asks for one thing, a poller or a machine that tries passwords, does not browse, and does not stop at a failure.
    let browsing =
      (counts.servedBoth + pseudo * served) / (counts.servedAgain + pseudo)
    return 1 - min(1, browsing) * (1 - min(1, failed / served))
  }

  /// Repeats among what followed some requests of a cell in a block of 300 s.
  func repeats(_ counts: RepeatCounts, inBlockOf cell: Int) -> Double {
    counts.repeats(
      control: min(Self.shrunk(counts, to: cells[cell].usual), 0.95), goingOn: cells[cell].goingOn)
  }

  /// The same of any requests of a cell.
  func repeats(_ counts: RepeatCounts, of cell: Int) -> Double {
    counts.repeats(control: min(cells[cell].usual, 0.95), goingOn: cells[cell].goingOn)
  }

  /// Repeats for each failed request of some trials within the spans; 0 where nothing failed.
  func share(of places: [Int], _ trials: [RepeatTrial], _ grid: RepeatGrid) -> Double {
    var counts = [RepeatCounts](repeating: RepeatCounts(), count: cells.count)
    for place in places where trials[place].isInside && grid.horizon(of: place) > 0 {
      counts[grid.cell(of: place)].add(trials[place], horizon: grid.horizon(of: place))
    }
    var sum = (repeats: 0.0, failed: 0.0)
    for (cell, count) in counts.enumerated() where count.failed > 0 {
      sum.repeats += repeats(count, of: cell)
      sum.failed += count.failed
    }
    return sum.failed > 0 ? sum.repeats / sum.failed : 0
  }
}
