/// Requests per minute of one server's log, without its first and last minute, which lines may reach only in part.
struct ServerCourse {
  /// Minutes since the epoch of the first count.
  var first: Int
  var counts: [Double]

  var range: Range<Int> { first..<first + counts.count }

  /// The sum of several over the minutes that all of them have; nil without any.
  static func sum(_ courses: [ServerCourse]) -> ServerCourse? {
    guard let low = courses.map(\.range.lowerBound).max(),
      let high = courses.map(\.range.upperBound).min(), low < high
    else { return nil }
    var counts = [Double](repeating: 0, count: high - low)
    for course in courses {
      let offset = low - course.first
      for index in counts.indices { counts[index] += course.counts[index + offset] }
    }
    return ServerCourse(first: low, counts: counts)
  }

  /// Without dips of a few minutes to under three quarters: a restart, which says nothing of clocks, however many servers in turn have one.
  var withoutDips: ServerCourse {
    let reach = CourseShift.dipMinutes
    let highest = Self.extremes(counts, reach, max)
    let closed = Self.extremes(highest, reach, min)
    var course = self
    for (index, level) in closed.enumerated()
    where counts[index] < CourseShift.dip * level && level - counts[index] > 4 * level.squareRoot()
    {
      course.counts[index] = level
    }
    return course
  }

  /// The greatest, or least, of the values up to so many places before and behind each.
  private static func extremes(
    _ values: [Double], _ reach: Int, _ choose: (Double, Double) -> Double
  ) -> [Double] {
    values.indices.map { index in
      values[max(0, index - reach)...min(values.count - 1, index + reach)]
        .reduce(values[index], choose)
    }
  }

  func mean(over minutes: Range<Int>) -> Double {
    let range = minutes.clamped(to: range)
    guard !range.isEmpty else { return 0 }
    return counts[(range.lowerBound - first)..<(range.upperBound - first)].reduce(0, +)
      / Double(range.count)
  }
}

/// By how much one server's clock stands apart from its peers', read from how its requests rise and fall beside theirs (METHODS §2).
///
/// Each minute's count x is held against s·P(t − d): P is the peers' sum, straight between minutes, s the server's part of it, learnt hour by hour and for each d anew, so that neither uneven balancing nor a slow drift counts.
/// r² = (x − sP)² ÷ (m·(1 + cs) + (.02 m)² + 1), m = max(x, sP), c what is left of the variance between two minutes; φ is the largest of 1 and the medians of r², at the best shift and of one half of the peers beside the other, over that of χ² with one degree.
/// A shift d of ± 75 s … 29 min is told where
/// 1. its gain Σ(r₀² − r_d²) is 100 φ at least, four fifths of the misfit beyond chance and half of all misfit;
/// 2. the gain is 40 φ and a tenth without the stretch of 15 min and twice the shift in which it is greatest: one outage of one server is no clock;
/// 3. it is alone: no shift half of it away has .85 of the gain, none all of it away a half, none a fifth of it and over a minute away is within 9 φ, for what repeats every quarter of an hour fits every quarter; nor has a lag that fades .85;
/// 4. each half of the peers says so by itself, and the halves, and more than half of the peers one by one, fit one another as they stand.
enum CourseShift {
  static let leastSeconds = 75
  static let mostSeconds = 1_740
  /// Rivals are looked for this far.
  static let farSeconds = 3_720
  static let leastMinutes = 40
  static let shareMinutes = 60
  static let explained = 0.8
  static let explainedOfAll = 0.5
  static let leastGain = 100.0
  static let leastRest = 40.0
  static let restShare = 0.1
  static let restMinutes = 15
  static let rival = 0.85
  static let farRival = 0.5
  /// χ² within which two shifts fit equally well: three standard errors, and two for a rounder one.
  static let same = 9.0
  static let rounder = 4.0
  static let fadeSeconds = [75, 90, 120, 150, 180, 240, 300, 420, 600, 900]
  /// Half of the length of a dip that is no evidence, and the part of what surrounds it that it stays under.
  static let dipMinutes = 3
  static let dip = 0.75
  /// A peer with a smaller part of the server's requests, or of its time, says little.
  static let leastPeer = 0.2
  static let coverage = 0.8
  /// How much of the server's misfit its peers may have between them.
  static let quarrel = 0.15

  /// Seconds by which the clock of the server at `place` is ahead of the others'; nil: nothing tells.
  static func seconds(of place: Int, among courses: [ServerCourse]) -> Int? {
    let own = courses[place]
    let peers = peers(of: place, among: courses)
    guard peers.count >= 2, own.counts.count >= leastMinutes else { return nil }
    let halves = [0, 1].compactMap { side in
      ServerCourse.sum(peers.enumerated().filter { $0.offset % 2 == side }.map(\.element))
    }
    guard halves.count == 2, let all = ServerCourse.sum(peers),
      all.counts.count >= leastMinutes
    else { return nil }
    let plain = CourseFit(own, beside: all)
    let agreement = CourseFit(halves[0], beside: halves[1])
    // Servers of different services agree at no shift, and there may be many: no minute that a search leaves out takes more than one from the misfit.
    guard plain.misfit > leastGain,
      agreement.misfit <= quarrel * (plain.misfit + Double(own.counts.count)),
      let (best, others) = plain.search()
    else { return nil }
    let noise = max(1, plain.noise(at: best.shift), agreement.noise(at: 0))
    guard plain.isShift(best, beside: others, noise: noise),
      agreement.misfit <= quarrel * best.misfit,
      agreement.search().map({ !agreement.isGain($0.best, noise: noise) }) ?? true,
      isMajority(peers, misfit: best.misfit)
    else { return nil }
    for half in halves {
      let fit = CourseFit(own, beside: half)
      guard let found = fit.search()?.best, found.gain >= leastRest * noise,
        abs(found.shift - best.shift) <= max(60, abs(best.shift) / 4)
      else { return nil }
    }
    let seconds = plain.refined(best, noise: noise)
    return abs(seconds) >= leastSeconds ? seconds : nil
  }

  /// More than half of the peers fit all the others as they stand.
  private static func isMajority(_ peers: [ServerCourse], misfit: Double) -> Bool {
    let agreeing = peers.indices.count { index in
      let others = peers.indices.filter { $0 != index }.map { peers[$0] }
      guard let sum = ServerCourse.sum(others) else { return false }
      return CourseFit(peers[index], beside: sum).misfit <= quarrel * misfit
    }
    return agreeing >= 2 && agreeing * 2 > peers.count
  }

  /// Those that were there nearly all the time that the server was, most requests first.
  private static func peers(of place: Int, among courses: [ServerCourse]) -> [ServerCourse] {
    let own = courses[place]
    let mean = own.mean(over: own.range)
    return courses.enumerated().filter { index, other in
      let both = other.range.clamped(to: own.range)
      return index != place && Double(both.count) >= coverage * Double(own.counts.count)
        && other.mean(over: both) >= leastPeer * mean
    }.map { (place: $0.offset, course: $0.element, mean: $0.element.mean(over: own.range)) }
      .sorted { ($0.mean, $1.place) > ($1.mean, $0.place) }.map(\.course)
  }
}

/// One course held against another at any shift.
struct CourseFit {
  struct Best {
    /// Seconds by which the course lags.
    var shift: Int
    var gain: Double
    /// Misfit beyond chance without the shift, over the same minutes.
    var misfit: Double
  }

  private let own: ServerCourse
  private let other: ServerCourse
  private let plain: [Double?]
  /// Σ(r² − 1) as both stand.
  let misfit: Double

  init(_ own: ServerCourse, beside other: ServerCourse) {
    self.own = own
    self.other = other
    plain = Self.residuals(own, other, 0)
    misfit = plain.reduce(0) { $0 + ($1.map { $0 - 1 } ?? 0) }
  }

  /// The squared residual of each minute of the server at a shift; nil where the peers have none.
  private static func residuals(
    _ own: ServerCourse, _ other: ServerCourse, _ shift: Int
  ) -> [Double?] {
    let whole = shift >= 0 ? shift / 60 : -((59 - shift) / 60)
    let part = Double(shift - whole * 60) / 60
    // A mean of two minutes varies less than one.
    let smoothed = (1 - part) * (1 - part) + part * part
    let count = other.counts.count
    let expected: [Double?] = own.counts.indices.map { index in
      let place = own.first + index - whole - other.first
      guard place >= 1, place < count else {
        return part == 0 && place == 0 && count > 0 ? other.counts[0] : nil
      }
      return (1 - part) * other.counts[place] + part * other.counts[place - 1]
    }
    var found = [Double?](repeating: nil, count: expected.count)
    for low in stride(from: 0, to: expected.count, by: CourseShift.shareMinutes) {
      var high = min(low + CourseShift.shareMinutes, expected.count)
      // A short last hour belongs to the one before it.
      if low > 0, high - low < CourseShift.shareMinutes / 2 { break }
      if expected.count - high < CourseShift.shareMinutes / 2 { high = expected.count }
      var sums = (own: 0.0, other: 0.0)
      for index in low..<high {
        guard let value = expected[index] else { continue }
        sums = (sums.own + own.counts[index], sums.other + value)
      }
      guard sums.other > 0 else { continue }
      let share = sums.own / sums.other
      for index in low..<high {
        guard let value = expected[index] else { continue }
        let mean = share * value
        let more = max(own.counts[index], mean)
        let distance = own.counts[index] - mean
        found[index] =
          distance * distance / (more * (1 + smoothed * share) + (0.02 * more) * (0.02 * more) + 1)
      }
    }
    return found
  }

  /// The best gain of a lag that fades instead of a shift: a server that new clients find late, or that is slow to answer, follows the others by e^(−t/τ).
  private func fading() -> Double {
    let smooth = CourseShift.fadeSeconds.map { seconds -> Double in
      let part = min(1, 60 / Double(seconds))
      var course = other
      for index in course.counts.indices.dropFirst() {
        course.counts[index] =
          part * other.counts[index] + (1 - part) * course.counts[index - 1]
      }
      return zip(plain, Self.residuals(own, course, 0)).reduce(0) { sum, pair in
        guard let before = pair.0, let after = pair.1 else { return sum }
        return sum + before - after
      }
    }
    return smooth.max() ?? 0
  }

  /// How much each minute fits better; nil where one of the two says nothing.
  private func gains(_ shift: Int) -> [Double?] {
    zip(plain, Self.residuals(own, other, shift)).map { before, after in
      before.flatMap { before in after.map { before - $0 } }
    }
  }

  private func result(_ shift: Int) -> Best? {
    let gains = gains(shift)
    var sums = (gain: 0.0, misfit: 0.0, count: 0)
    for (gain, before) in zip(gains, plain) {
      guard let gain, let before else { continue }
      sums = (sums.gain + gain, sums.misfit + before - 1, sums.count + 1)
    }
    guard sums.count * 2 >= own.counts.count else { return nil }
    return Best(shift: shift, gain: sums.gain, misfit: sums.misfit)
  }

  /// The shifts by whole minutes.
  private var minutes: [Best] {
    stride(from: -CourseShift.farSeconds, through: CourseShift.farSeconds, by: 60)
      .compactMap { $0 == 0 ? nil : result($0) }
  }

  /// The shift of greatest gain, to half a minute, beside those by whole minutes.
  func search() -> (best: Best, others: [Best])? {
    let minutes = minutes
    guard let near = minutes.max(by: { $0.gain < $1.gain }) else { return nil }
    let halves = [near.shift - 30, near.shift + 30].compactMap(result)
    return (halves.reduce(near) { $1.gain > $0.gain ? $1 : $0 }, minutes)
  }

  /// Pearson's χ² per minute by its median, which a few minutes that fit badly leave alone.
  func noise(at shift: Int) -> Double {
    let values = Self.residuals(own, other, shift).compactMap { $0 }
    return Dispersion.median(values) / 0.4549
  }

  func isGain(_ best: Best, noise: Double) -> Bool {
    best.gain >= CourseShift.leastGain * noise
      && best.gain >= CourseShift.explained * misfit(of: best, noise)
      && best.gain >= CourseShift.explainedOfAll * best.misfit
  }

  private func misfit(of best: Best, _ noise: Double) -> Double {
    // Residuals of chance alone have the noise for their mean.
    best.misfit - (noise - 1) * Double(plain.count)
  }

  /// The first three gates.
  func isShift(_ best: Best, beside others: [Best], noise: Double) -> Bool {
    guard abs(best.shift) <= CourseShift.mostSeconds,
      abs(best.shift) >= CourseShift.leastSeconds - 30,
      isGain(best, noise: noise)
    else { return false }
    let reach = max(90, abs(best.shift) / 2)
    for other in others {
      let distance = abs(other.shift - best.shift)
      if distance > reach, other.gain >= CourseShift.rival * best.gain { return false }
      if distance > abs(best.shift) + 60, other.gain >= CourseShift.farRival * best.gain {
        return false
      }
      if distance > max(60, abs(best.shift) / 5), other.gain >= best.gain - CourseShift.same * noise
      {
        return false
      }
    }
    guard fading() < CourseShift.rival * best.gain else { return false }
    return rest(best) >= max(CourseShift.leastRest * noise, CourseShift.restShare * best.gain)
  }

  /// The gain without the stretch in which it is greatest.
  private func rest(_ best: Best) -> Double {
    let gains = gains(best.shift).map { $0 ?? 0 }
    let length = min(gains.count, CourseShift.restMinutes + 2 * abs(best.shift) / 60)
    var sum = gains[..<length].reduce(0, +)
    var most = sum
    for index in length..<max(length, gains.count) {
      sum += gains[index] - gains[index - length]
      most = max(most, sum)
    }
    return gains.reduce(0, +) - most
  }

  /// To ten seconds; of those that fit equally well the roundest.
  func refined(_ best: Best, noise: Double) -> Int {
    let near = stride(
      from: best.shift - 30, through: best.shift + 30,
      by: 10
    ).compactMap(result)
    let most = near.map(\.gain).max() ?? 0
    let good = near.filter { $0.gain >= most - CourseShift.rounder * noise }
    return good.min { left, right in
      let ranks = [left, right].map { ($0.shift % 60 == 0 ? 0 : $0.shift % 30 == 0 ? 1 : 2) }
      return ranks[0] != ranks[1] ? ranks[0] < ranks[1] : left.gain > right.gain
    }?.shift ?? best.shift
  }
}
