internal import IncidentModel
internal import TrafficTally

/// How much more of the same a client asks for after a failure than after an answer, within the same 100 s (METHODS §7).
///
/// Whoever asks often of his own accord, an office behind one address, a proxy or a program, asks as often after the one as after the other, whatever his pace: only repeats make a
/// difference D of all that follows within H, and each failed request of which the share f fails again is followed by D = r + r·f·r + … = r ÷ (1 − r·f) of them, so r = D ÷ (1 + f·D).
/// Where repeats sustain themselves (r·f near 1) there is no such sum, and r comes out too small.
struct PairContrast {
  /// r, and its standard error: the greater of what chance makes of the marks within the stretches, and of the scatter among them.
  let share: Double
  let deviation: Double

  /// The same request of one client in a stretch of time.
  private struct Stretch: Hashable {
    var client: Int32
    var cell: Int
    var start: Int64
  }

  private struct Sums {
    var failed = 0.0
    var served = 0.0
    var afterFailed = 0.0
    var afterServed = 0.0
    var squares = 0.0

    var all: Double { failed + served }
    var weight: Double { failed * served / all }
    var difference: Double { afterFailed / failed - afterServed / served }
    /// Of the number that follows one request.
    var variance: Double {
      let sum = afterFailed + afterServed
      return max(0, squares - sum * sum / all) / max(1, all - 1)
    }
  }

  /// nil: too few stretches with a failed and an answered request.
  init?(_ places: [Int], of trials: [RepeatTrial], _ grid: RepeatGrid, _ trails: ServiceTrails) {
    var numbers: [Stretch: Int] = [:]
    var stretches: [Sums] = []
    var following = FollowingRequests(trails)
    for place in places where trials[place].isInside {
      let trial = trials[place]
      let width = ClientParameters.contrastSeconds
      let stretch = Stretch(
        client: trial.client, cell: grid.cell(of: place),
        start: trial.arrival.bucketStart(width: width).seconds)
      let number = numbers[stretch] ?? stretches.count
      if number == stretches.count {
        numbers[stretch] = number
        stretches.append(Sums())
      }
      let horizon = grid.horizon(of: place)
      let count = Double(following.count(after: trial, within: horizon > 0 ? horizon : 5))
      stretches[number].squares += count * count
      if trial.isFailed {
        stretches[number].failed += 1
        stretches[number].afterFailed += count
      } else {
        stretches[number].served += 1
        stretches[number].afterServed += count
      }
    }
    self.init(stretches.filter { $0.failed > 0 && $0.served > 0 })
  }

  private init?(_ stretches: [Sums]) {
    guard stretches.count >= ClientParameters.leastStretches else { return nil }
    let weight = stretches.reduce(0) { $0 + $1.weight }
    let mean = stretches.reduce(0) { $0 + $1.weight * $1.difference } / weight
    let failing = stretches.reduce(0) { $0 + $1.weight * $1.failed / $1.all } / weight
    let chance = stretches.reduce(0) { $0 + $1.weight * $1.variance }
    let scatter = stretches.reduce(0) { sum, one in
      let off = one.weight * (one.difference - mean)
      return sum + off * off
    }
    // A difference far below none is chance, and would turn the sum's sign.
    let sustained = 1 + failing * max(mean, -0.5)
    share = mean / sustained
    deviation = max(chance, scatter).squareRoot() / weight / (sustained * sustained)
  }
}

/// The same client's further requests for the same.
struct FollowingRequests {
  private let trails: ServiceTrails
  private var client: Int32 = -1
  private var arrivals: [UInt64: [Instant]] = [:]

  init(_ trails: ServiceTrails) { self.trails = trails }

  /// How many come after a request's answer; cheapest where requests of one client follow each other.
  mutating func count(after trial: RepeatTrial, within horizon: Double) -> Int {
    if trial.client != client {
      client = trial.client
      arrivals = [:]
      for event in trails.clients[Int(client)].events {
        arrivals[event.key, default: []].append(event.arrival)
      }
    }
    guard let all = arrivals[trial.key] else { return 0 }
    func place(_ moment: Instant) -> Int {
      var (low, high) = (0, all.count)
      while low < high {
        let middle = (low + high) / 2
        if all[middle] > moment { high = middle } else { low = middle + 1 }
      }
      return low
    }
    return max(0, place(trial.answered.advanced(bySeconds: horizon)) - place(trial.answered))
  }
}
