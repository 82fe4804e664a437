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
