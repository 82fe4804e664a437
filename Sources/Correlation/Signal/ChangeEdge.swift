internal import Glibc

/// Where a rise begins and how long it takes: flat–line–flat by Poisson likelihood over φ (METHODS §4).
///
/// λ(t) = a before the foot f, a + (b − a)·(j + (1 − j)·(t − f)/r) for r seconds, b after. j = 0 is a ramp, r = 0 a step, and 0 < j < 1 a step that keeps growing, as repeats of failed requests make it.
/// a and b are the means of their flats; every further parameter of the shape costs 3 of log-likelihood (½·ln n of the data in use), so a step is called a ramp only on evidence.
/// The interval holds every foot whose best shape is within 2 of the best. The end of a rise is the same fit on the cells in reverse.
/// The best split into two flats would put a ramp's onset into its middle.
package struct ChangeEdge: Sendable {
  /// Index of the first cell that is above the level before.
  package var foot: Int
  /// Cells from the foot to the full height.
  package var rise: Int
  /// Part of the height that is there at once; 1 for a step.
  package var jump: Double
  /// Mean count per cell before and after.
  package var before: Double
  package var after: Double
  /// First and last foot within the likelihood interval.
  package var low: Int
  package var high: Int

  /// x·ln(x/n) − x: the log-likelihood of `sum` over `cells` equal cells at their mean, without the constant.
  package static func flat(_ sum: Int, over cells: Int) -> Double {
    guard sum > 0, cells > 0 else { return 0 }
    return Double(sum) * log(Double(sum) / Double(cells)) - Double(sum)
  }

  /// The share of the height at `cells` cells after the foot, middle of the cell.
  package static func shape(_ cells: Int, rise: Int, jump: Double) -> Double {
    cells >= rise ? 1 : jump + (1 - jump) * (Double(cells) + 0.5) / Double(rise)
  }

  /// The best foot among `feet`, with the rises (in cells) and jumps that may be; nil where no shape rises.
  ///
  /// - Complexity: O(feet · Σ rises · jumps).
  package static func fit(
    _ counts: [Int], feet: Range<Int>, rises: [Int], jumps: [Double], dispersion: Double
  ) -> ChangeEdge? {
    var sums = [0]
    sums.reserveCapacity(counts.count + 1)
    for count in counts { sums.append(sums[sums.count - 1] + count) }
    var best: (score: Double, edge: ChangeEdge)?
    var scores: [(foot: Int, score: Double)] = []
    for foot in feet.clamped(to: 2..<max(2, counts.count - 2)) {
      guard
        let found = bestShape(
          counts, sums, foot: foot, rises: rises, jumps: jumps, dispersion: max(1, dispersion))
      else { continue }
      scores.append((foot, found.score))
      if found.score > best?.score ?? -.infinity { best = found }
    }
    guard let best else { return nil }
    var edge = best.edge
    let near = scores.filter { $0.score >= best.score - Parameters.Spike.likelihoodInterval }
    edge.low = near.first?.foot ?? edge.foot
    edge.high = near.last?.foot ?? edge.foot
    return edge
  }

  private static func bestShape(
    _ counts: [Int], _ sums: [Int], foot: Int, rises: [Int], jumps: [Double], dispersion: Double
  ) -> (score: Double, edge: ChangeEdge)? {
    let left = sums[foot]
    let total = sums[counts.count]
    let before = Double(left) / Double(foot)
    var best: (score: Double, edge: ChangeEdge)?
    func offer(_ likelihood: Double, penalty: Double, rise: Int, jump: Double, after: Double) {
      let score = likelihood / dispersion - penalty
      guard score > best?.score ?? -.infinity else { return }
      best = (
        score,
        ChangeEdge(
          foot: foot, rise: rise, jump: jump, before: before, after: after, low: foot, high: foot)
      )
    }
    let flatBefore = flat(left, over: foot)
    let step = Double(total - left) / Double(counts.count - foot)
    if step > before {
      offer(
        flatBefore + flat(total - left, over: counts.count - foot), penalty: 0, rise: 0, jump: 1,
        after: step)
    }
    for rise in rises where foot + rise <= counts.count - 3 {
      let top = foot + rise
      let after = Double(total - sums[top]) / Double(counts.count - top)
      guard after > before else { continue }
      let flats = flatBefore + flat(total - sums[top], over: counts.count - top)
      for jump in jumps {
        var line = 0.0
        for cell in foot..<top {
          let part = shape(cell - foot, rise: rise, jump: jump)
          let mean = before + (after - before) * part
          line += Double(counts[cell]) * log(mean) - mean
        }
        let cost = Parameters.Spike.shapePenalty * (jump > 0 ? 2 : 1)
        offer(flats + line, penalty: cost, rise: rise, jump: jump, after: after)
      }
    }
    return best
  }

  /// The edge with a jump where the cells near the foot show one that the whole shape had to smooth away.
  ///
  /// A step that holds for a minute and then grows looks like a ramp with an early foot when seen from its top. Near the foot two shapes are compared by least squares over φ·a:
  /// a line that starts from the level before, and one that starts anywhere. The second needs a gain over the penalty and a jump of a tenth of the height.
  /// - Complexity: O(feet · cells near).
  package func sharpened(_ counts: [Int], reach: Int, dispersion: Double) -> ChangeEdge {
    guard rise > 0, jump == 0, before > 0 || after > 0 else { return self }
    let end = min(counts.count, foot + max(rise / 2, reach))
    let low = max(1, foot - reach)
    var line: (score: Double, foot: Int)?
    var broken: (score: Double, foot: Int, level: Double)?
    for candidate in low..<max(low, min(end - 3, foot + reach)) {
      let fit = LineFit(counts[candidate..<end], from: before)
      var flat = 0.0
      for index in max(0, low - reach)..<candidate {
        let difference = Double(counts[index]) - before
        flat += difference * difference
      }
      if flat + fit.tied < line?.score ?? .infinity { line = (flat + fit.tied, candidate) }
      if flat + fit.free < broken?.score ?? .infinity {
        broken = (flat + fit.free, candidate, fit.level)
      }
    }
    guard let line, let broken else { return self }
    let scale = 2 * max(1, dispersion) * max(1, (before + after) / 2)
    let part = (broken.level - before) / max(1e-9, after - before)
    guard (line.score - broken.score) / scale > Parameters.Spike.shapePenalty,
      part >= Parameters.Spike.leastJump
    else { return self }
    var edge = self
    edge.foot = broken.foot
    edge.rise = max(1, foot + rise - broken.foot)
    edge.jump = min(1, part)
    edge.low = min(broken.foot, max(low, broken.foot - 1))
    edge.high = broken.foot + 1
    return edge
  }

  /// The foot on finer cells, `scale` of which make one of the fit's.
  ///
  /// The levels stay those of the coarse fit; `centre` is the coarse foot as an index into `fine`.
  /// - Complexity: O(window²) for a ramp, O(window) for a step.
  package func refined(
    _ fine: [Int], scale: Int, centre: Int, dispersion: Double
  ) -> (foot: Int, low: Int, high: Int)? {
    guard scale > 1, !fine.isEmpty else { return nil }
    let low = before / Double(scale)
    let high = after / Double(scale)
    let rise = self.rise * scale
    let reach = 3 * scale
    var best: (foot: Int, score: Double)?
    var scores: [(foot: Int, score: Double)] = []
    for foot in max(0, centre - reach)...max(0, min(fine.count - 1, centre + reach)) {
      var score = 0.0
      for cell in fine.indices {
        // A ramp's top stays where the coarse fit put it; only the foot moves.
        let length = max(0, rise + centre - foot)
        let part = cell < foot ? 0 : Self.shape(cell - foot, rise: length, jump: jump)
        let mean = max(1e-6, low + (high - low) * part)
        score += Double(fine[cell]) * log(mean) - mean
      }
      scores.append((foot, score))
      if score > best?.score ?? -.infinity { best = (foot, score) }
    }
    guard let best else { return nil }
    let width = Parameters.Spike.likelihoodInterval * max(1, dispersion)
    let near = scores.filter { $0.score >= best.score - width }
    return (best.foot, near.first?.foot ?? best.foot, near.last?.foot ?? best.foot)
  }
}

/// A straight line through counts by least squares, free or tied to a level at its beginning.
struct LineFit {
  /// Sums of squared residuals.
  private(set) var free: Double
  private(set) var tied: Double
  /// The free line's value at the beginning of the first cell.
  private(set) var level: Double

  init(_ counts: ArraySlice<Int>, from base: Double) {
    var sums = (x: 0.0, y: 0.0, xx: 0.0, xy: 0.0, yy: 0.0)
    var x = 0.5
    for count in counts {
      let y = Double(count) - base
      sums.x += x
      sums.y += y
      sums.xx += x * x
      sums.xy += x * y
      sums.yy += y * y
      x += 1
    }
    let n = Double(max(1, counts.count))
    let determinant = n * sums.xx - sums.x * sums.x
    let slope = determinant > 0 ? (n * sums.xy - sums.x * sums.y) / determinant : 0
    let start = (sums.y - slope * sums.x) / n
    free = sums.yy - start * sums.y - slope * sums.xy
    tied = sums.xx > 0 ? sums.yy - sums.xy * sums.xy / sums.xx : sums.yy
    level = base + start
  }
}
