internal import IncidentModel

/// One sampled request with its dimensions as numbers of interned names.
struct SampleEntry: Sendable {
  struct Flags: OptionSet, Sendable {
    let rawValue: UInt8
    static let shed = Flags(rawValue: 1)
    static let asset = Flags(rawValue: 2)
  }

  /// The rank by which the request is kept or dropped.
  var hash: UInt64
  /// A hash of the line, for equal ranks.
  var digest: UInt64
  /// Microseconds since the epoch.
  var arrival: Int64
  var duration: Int64
  var agentSignature: UInt64
  var offset: Int
  var line: Int
  var template: UInt32 = 0
  var method: UInt32 = 0
  var client: UInt32 = 0
  var referrerHost: UInt32 = 0
  var zone: UInt32 = 0
  var backend: UInt32 = 0
  var input: Int32
  var status: UInt16
  var agentMajor: Int16 = -1
  /// Nominal bytes, see ``SampleStore``.
  var weight: UInt16
  var agentRow: UInt8 = 0
  var flags: Flags = []

  /// What orders the requests of a stratum: the hash alone but for content that was read twice.
  struct Rank: Comparable, Sendable {
    var hash: UInt64
    var digest: UInt64
    var offset: Int
    var input: Int32

    static func < (left: Rank, right: Rank) -> Bool {
      if left.hash != right.hash { return left.hash < right.hash }
      return (left.digest, left.offset, left.input) < (right.digest, right.offset, right.input)
    }
  }

  var rank: Rank { Rank(hash: hash, digest: digest, offset: offset, input: input) }

  /// The entry with its names' numbers changed.
  mutating func renameDimensions(_ rename: (Int) -> Int) {
    template = UInt32(rename(Int(template)))
    method = UInt32(rename(Int(method)))
    client = UInt32(rename(Int(client)))
    referrerHost = UInt32(rename(Int(referrerHost)))
    zone = UInt32(rename(Int(zone)))
    backend = UInt32(rename(Int(backend)))
  }

  func markDimensions(_ isUsed: inout [Bool]) {
    isUsed[Int(template)] = true
    isUsed[Int(method)] = true
    isUsed[Int(client)] = true
    isUsed[Int(referrerHost)] = true
    isUsed[Int(zone)] = true
    isUsed[Int(backend)] = true
  }
}

/// How long the texts are that a sampled request may keep, and what it weighs against the budget.
enum SampleLimits {
  static let client = 48
  static let method = 16
  static let referrer = 160
  static let referrerHost = 64
  static let zone = 32
  static let backend = 64
  static let agent = 1024
  /// What is kept of a line.
  static let text = 1024
  /// What is looked at of a line and of its unescaped texts.
  static let look = 4096
  /// What a stratum takes besides its requests.
  static let stratum = 256

  /// Nominal bytes of a request: its row and half of the longest texts that it may bring, since most texts are shared.
  @inline(__always)
  static func weight(_ record: borrowing AccessRecord) -> UInt16 {
    var texts = min(record.target.count, UInt32(PathTemplate.limit))
    texts += min(record.client.count, UInt32(client)) + min(record.method.count, UInt32(method))
    texts += min(record.referrer.count, UInt32(referrerHost))
    texts += min(record.zone.count, UInt32(zone)) + min(record.backend.count, UInt32(backend))
    return 96 + UInt16(truncatingIfNeeded: texts / 2)
  }
}

extension SampleEntry {
  func encode(into file: inout TallyEncoder) {
    file.word(hash)
    file.word(digest)
    file.signed(arrival)
    file.signed(duration)
    file.word(agentSignature)
    file.count(offset)
    file.count(line)
    for name in [template, method, client, referrerHost, zone, backend] {
      file.unsigned(file.name(name))
    }
    file.inputNumber(input)
    file.unsigned(UInt64(status))
    file.signed(Int64(agentMajor))
    file.unsigned(UInt64(weight))
    file.byte(agentRow)
    file.byte(flags.rawValue)
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> SampleEntry {
    let (hash, digest) = (try file.word(), try file.word())
    let (arrival, duration) = (try file.moment(), try file.signed())
    guard duration >= -1, duration <= 1 << 62 else { throw file.damage("a duration that is none") }
    let signature = try file.word()
    let (offset, line) = (try file.count(), try file.count())
    var names = InlineArray<6, UInt32>(repeating: 0)
    for index in names.indices { names[index] = try file.name() }
    var entry = SampleEntry(
      hash: hash, digest: digest, arrival: arrival, duration: duration, agentSignature: signature,
      offset: offset, line: line, template: names[0], method: names[1], client: names[2],
      referrerHost: names[3], zone: names[4], backend: names[5], input: try file.inputNumber(),
      status: try file.number(), weight: 0)
    guard let major = Int16(exactly: try file.signed()) else {
      throw file.damage("a version that is too large")
    }
    entry.agentMajor = major
    entry.weight = try file.number()
    entry.agentRow = try file.agentRow()
    entry.flags = Flags(rawValue: try file.byte())
    return entry
  }
}

extension TallyDecoder {
  /// A row of the table of agents.
  mutating func agentRow() throws(TallyDamage) -> UInt8 {
    let row = try byte()
    guard Int(row) < AgentFamily.rows.count else { throw damage("an agent that there is not") }
    return row
  }
}
