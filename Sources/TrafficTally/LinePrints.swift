internal import IncidentModel

/// Hashes of a few lines of each input, by which lines that stand in two inputs are noticed (METHODS §1).
///
/// Which lines are kept depends on the lines alone, so inputs that share lines share what is kept of them. A line is looked at where a hash of its stamp, client and length
/// says so, one in 16, and kept while the hash of its bytes is under a threshold that is halved until what is kept of its input fits.
struct LinePrints: Sendable {
  /// A kept line.
  struct Print: Sendable {
    /// When the request arrived, in seconds as ``TallyTime`` counts them.
    var time: UInt64
    /// A hash of the client and what it asked for. A health check's lines are many of one shape.
    var shape: UInt32
    /// The same line stands in the input again: it proves nothing.
    var isRepeated = false
  }

  /// What is kept of one input.
  struct Sample: Sendable {
    /// Hashes from 2^(64 − level) on are dropped.
    fileprivate(set) var level = 0
    fileprivate(set) var prints: [UInt64: Print] = [:]

    @inline(__always)
    fileprivate func takes(_ hash: UInt64) -> Bool { hash.leadingZeroBitCount >= level }

    fileprivate mutating func add(_ hash: UInt64, _ print: Print) {
      guard takes(hash) else { return }
      if prints[hash] == nil {
        prints[hash] = print
      } else {
        prints[hash]?.isRepeated = true
      }
    }

    /// Halves until no more than so many are left.
    fileprivate mutating func fit(_ room: Int) {
      while prints.count > room, level < 63 {
        level += 1
        let least = level
        prints = prints.filter { $0.key.leadingZeroBitCount >= least }
      }
    }
  }

  /// Prints kept of one input where there are few, and of all together.
  static let room = 4_096
  static let wholeRoom = 131_072

  private(set) var samples: [Int: Sample] = [:]
  /// The room of each that all were last fitted to.
  private var fittedRoom = room

  /// Whether a line is looked at.
  @inline(__always)
  static func looks(at stamp: Instant, client: UInt64, length: Int) -> Bool {
    let key = UInt64(bitPattern: stamp.microseconds) &* Mixer.golden ^ client
    return Mixer.avalanche(key &+ UInt64(truncatingIfNeeded: length)) >> 60 == 0
  }

  /// Takes a line that is looked at.
  mutating func add(_ line: Span<UInt8>, _ print: Print, input: Int) {
    samples[input, default: Sample()].add(Mixer.hash(line), print)
    if (samples[input]?.prints.count ?? 0) > Self.room { samples[input]?.fit(Self.room) }
  }

  /// Takes the line of a request, whose client has this hash, if it is looked at; `time` in seconds as ``TallyTime`` counts them.
  @inline(__always)
  mutating func note(
    _ record: borrowing AccessRecord, client: UInt64, _ time: UInt64, _ line: Span<UInt8>,
    _ scratch: Span<UInt8>, input: Int
  ) {
    guard Self.looks(at: record.stamp, client: client, length: line.count) else { return }
    keep(record, client, time, line, scratch, input)
  }

  @inline(never)
  private mutating func keep(
    _ record: borrowing AccessRecord, _ client: UInt64, _ time: UInt64, _ line: Span<UInt8>,
    _ scratch: Span<UInt8>, _ input: Int
  ) {
    let target = record.target.bytes(line: line, scratch: scratch)
    let shape = UInt32(truncatingIfNeeded: Mixer.hash(target, seed: client))
    add(line, Print(time: time, shape: shape), input: input)
  }

  mutating func removeAll() { samples.removeAll(keepingCapacity: true) }

  mutating func merge(_ other: borrowing LinePrints) {
    for (input, theirs) in other.samples {
      var mine = samples.removeValue(forKey: input) ?? Sample()
      if theirs.level > mine.level {
        mine.level = theirs.level
        mine.prints = mine.prints.filter { mine.takes($0.key) }
      }
      for (hash, print) in theirs.prints {
        mine.add(hash, print)
        if print.isRepeated { mine.prints[hash]?.isRepeated = true }
      }
      samples[input] = mine
    }
    fit(other.samples.keys)
  }

  /// The room is shared by the inputs, whose number only grows: what is left does not depend on the order.
  private mutating func fit(_ changed: Dictionary<Int, Sample>.Keys) {
    var room = Self.room
    while room > 1, room * samples.count > Self.wholeRoom { room /= 2 }
    // While the room stays as it is, the inputs that nothing was added to still fit.
    if room == fittedRoom {
      for input in changed { samples[input]?.fit(room) }
    } else {
      for (input, sample) in samples where sample.prints.count > room { samples[input]?.fit(room) }
      fittedRoom = room
    }
  }
}

/// Two inputs with lines in common though neither is a copy or the beginning of the other.
struct SharedLines: Hashable, Sendable {
  /// The input of which more is shared, and the other one.
  var input: Int
  var other: Int
  /// Which share of the input's lines stand in the other one too, 0 to 1: estimated.
  var share: Double

  /// Common lines of different shapes that there must be in the samples, and their least share of the smaller sample where both inputs tell of the time.
  ///
  /// Lines of one shape count once: a probe that asks two hosts the same thing in the same second writes the same line to both, over and over.
  static let leastCommon = 20
  static let leastShare = 0.2
  /// A line that stands in more inputs than this is compared in the first of them.
  private static let mostInputs = 32

  private struct Pair: Hashable {
    var left: Int
    var right: Int
  }

  /// All pairs of inputs that share lines, in the order of the given inputs: their numbers may follow that of reading.
  static func pairs(_ prints: LinePrints, among order: [Int]) -> [SharedLines] {
    var holders: [UInt64: [Int]] = [:]
    for (place, input) in order.enumerated() {
      for (hash, print) in prints.samples[input]?.prints ?? [:] where !print.isRepeated {
        holders[hash, default: []].append(place)
      }
    }
    var common: [Pair: (lines: Int, shapes: Set<UInt32>)] = [:]
    for (hash, places) in holders where places.count > 1 {
      guard let shape = prints.samples[order[places[0]]]?.prints[hash]?.shape else { continue }
      let places = places.prefix(mostInputs)
      for (index, left) in places.enumerated() {
        for right in places.dropFirst(index + 1) {
          common[Pair(left: left, right: right), default: (0, [])].lines += 1
          common[Pair(left: left, right: right), default: (0, [])].shapes.insert(shape)
        }
      }
    }
    return common.filter { $0.value.shapes.count >= leastCommon }
      .sorted { ($0.key.left, $0.key.right) < ($1.key.left, $1.key.right) }
      .compactMap { pair, found in
        shared(
          Pair(left: order[pair.left], right: order[pair.right]), found.lines,
          shapes: found.shapes.count, prints)
      }
  }

  private static func shared(
    _ pair: Pair, _ lines: Int, shapes: Int, _ prints: LinePrints
  ) -> SharedLines? {
    guard let left = prints.samples[pair.left], let right = prints.samples[pair.right] else {
      return nil
    }
    // What one sample has given up speaks neither way.
    let level = max(left.level, right.level)
    let kept = [left, right].map { sample in
      sample.prints.filter { $0.key.leadingZeroBitCount >= level && !$0.value.isRepeated }.values
    }
    guard let start = kept.compactMap({ $0.map(\.time).min() }).max(),
      let end = kept.compactMap({ $0.map(\.time).max() }).min()
    else { return nil }
    let together = kept.map { prints in
      Set(prints.filter { start <= $0.time && $0.time <= end }.map(\.shape)).count
    }
    guard Double(shapes) >= leastShare * Double(together.min() ?? 0) else { return nil }
    // Of two that share as much the later one repeats the earlier.
    let isLeft = kept[0].count < kept[1].count
    return SharedLines(
      input: isLeft ? pair.left : pair.right, other: isLeft ? pair.right : pair.left,
      share: Double(lines) / Double(max(1, kept[isLeft ? 0 : 1].count)))
  }
}

extension LinePrints: TallySection {
  func encode(into file: inout TallyEncoder) {
    let order = samples.map { (input: file.input($0.key), sample: $0.value) }
      .sorted { $0.input < $1.input }
    file.count(order.count)
    for (input, sample) in order {
      file.count(input)
      file.count(sample.level)
      file.count(sample.prints.count)
      for (hash, print) in sample.prints.sorted(by: { $0.key < $1.key }) {
        file.word(hash)
        file.unsigned(print.time)
        file.unsigned(UInt64(print.shape))
        file.flag(print.isRepeated)
      }
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> LinePrints {
    var store = LinePrints()
    for _ in 0..<(try file.length(least: 3)) {
      let input = try file.input()
      var sample = Sample()
      sample.level = try file.level(below: 64)
      for _ in 0..<(try file.length(least: 11)) {
        let hash = try file.word()
        let time = try file.unsigned(upTo: UInt64(TallyTime.limit), "a moment")
        let print = Print(time: time, shape: try file.number(), isRepeated: try file.flag())
        guard sample.takes(hash), sample.prints.updateValue(print, forKey: hash) == nil else {
          throw file.damage("a line's hash that does not belong there")
        }
      }
      guard store.samples.updateValue(sample, forKey: input) == nil else {
        throw file.damage("an input that stands twice")
      }
    }
    return store
  }
}
