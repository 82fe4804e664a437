/// What a key of a JSON access log means (FORMATS §1.3); the raw value is its place in ``JSONMembers``.
enum JSONMeaning: Int, CaseIterable {
  case time, end, date, status, client, forwarded, request, method, target, query, host, serverName
  case bytes, duration, upstreamAddress, upstreamTime, upstreamStatus, retries, cache, agent
  case referrer, identity, user, tls, zone
  /// What only this format's lines have: a logger's name, a category.
  case sign
  /// Why the request ended as it did: flags, details, an error's name.
  case detail
  /// As ``detail``, from a second key.
  case reason

  /// How many places a line has.
  static let count = 28
}

/// The unit that a key's number has.
enum JSONUnit: UInt8 {
  /// Neither key nor format tells.
  case unknown
  case seconds, milliseconds, microseconds, nanoseconds
}

/// A key that is known: what it means, and its rank among those with the same meaning.
struct JSONKey {
  var meaning: JSONMeaning
  /// The lowest rank wins.
  var rank: UInt8 = 0
  var unit = JSONUnit.unknown
}

/// One row of a format's keys: a key with its meaning, or an object to look into.
struct JSONKeyRow {
  var name: StaticString
  var key: JSONKey?
  var inside: [JSONKeyRow] = []

  /// A key, in lower case with `_` for `-` and `.`.
  init(_ name: StaticString, _ meaning: JSONMeaning, _ rank: UInt8 = 0, unit: JSONUnit = .unknown) {
    self.name = name
    key = JSONKey(meaning: meaning, rank: rank, unit: unit)
  }

  /// An object with keys of its own; where it is a scalar instead, it may have a meaning itself.
  init(_ name: StaticString, _ meaning: JSONMeaning? = nil, inside: [JSONKeyRow]) {
    self.name = name
    key = meaning.map { JSONKey(meaning: $0) }
    self.inside = inside
  }

  /// The same rows for an object of lower standing: what stands at the top goes before what stands inside.
  static func lowered(_ rows: [JSONKeyRow]) -> [JSONKeyRow] {
    rows.map { row in
      var row = row
      row.key?.rank += 64
      row.inside = lowered(row.inside)
      return row
    }
  }
}
