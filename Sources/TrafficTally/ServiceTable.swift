internal import IncidentModel

/// The services of a tally and their numbers.
///
/// A name that the server's side set and the same name in a client's Host header are two services here, since they are folded by different rules; a view adds them up.
struct ServiceTable: Sendable {
  static let standard = 0
  static let other = 1
  static let clientTag: UInt8 = 0
  static let serverTag: UInt8 = 1
  private static let reservedTag: UInt8 = 2
  /// Services fit into this many bits of a packed key.
  static let bits: UInt64 = 24

  private(set) var names = NameTable()

  init() {
    _ = names.intern("default".utf8.span, tag: Self.reservedTag)
    _ = names.intern("other".utf8.span, tag: Self.reservedTag)
  }

  var count: Int { names.count }

  func name(_ id: Int) -> String { names.string(id) }

  mutating func intern(_ id: Int, of other: borrowing ServiceTable) -> Int {
    names.intern(id, of: other.names)
  }

  /// Takes a name as it is; false where it is known.
  mutating func add(_ name: [UInt8], tag: UInt8) -> Bool {
    let known = count
    return names.intern(name.span, tag: tag) == known
  }

  mutating func compact(keeping isUsed: [Bool]) -> [Int32] {
    var marks = isUsed
    marks[Self.standard] = true
    marks[Self.other] = true
    return names.compact(keeping: marks)
  }

  /// The service under which a structure of this grain keeps a service.
  @inline(__always)
  func folded(_ id: Int, _ grain: Grain) -> Int {
    if grain.clientShift == 0 && grain.allShift == 0 || id <= Self.other { return id }
    let isServerSet = names.tags[id] == Self.serverTag
    let shift = isServerSet ? grain.allShift : grain.clientShift
    return Ladder.isKept(names.hashes[id], shift: shift) ? id : Self.other
  }

  /// The service that a line's host, load balancer or upstream names: lower case, without port and final dot.
  ///
  /// A name that a client may have made up is `other` where it is no host name or an address (RFC 952, RFC 1123; underscores are met in the wild).
  mutating func intern(raw: Span<UInt8>, isServerSet: Bool) -> Int {
    let name = normalised(raw)
    if name.isEmpty || name == [UInt8(ascii: "-")] { return Self.standard }
    if isServerSet { return names.intern(name.span, tag: Self.serverTag) }
    return isHostName(name) ? names.intern(name.span, tag: Self.clientTag) : Self.other
  }

  private func normalised(_ raw: Span<UInt8>) -> [UInt8] {
    var name: [UInt8] = []
    for index in 0..<min(raw.count, 260) {
      let byte = raw[index]
      name.append(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)
    }
    if let colon = name.lastIndex(of: UInt8(ascii: ":")), isPort(name, after: colon) {
      name.removeSubrange(colon...)
    }
    if name.last == UInt8(ascii: ".") { name.removeLast() }
    return name
  }

  /// Digits follow the colon to the end, and what stands before is no bare IPv6 address.
  private func isPort(_ name: [UInt8], after colon: Int) -> Bool {
    for byte in name[(colon + 1)...] where byte < 0x30 || byte > 0x39 { return false }
    let before = name[..<colon]
    return !before.contains(UInt8(ascii: ":")) || before.last == UInt8(ascii: "]")
  }

  private func isHostName(_ name: [UInt8]) -> Bool {
    guard name.count <= 253 else { return false }
    var label = 0
    var hasLetter = false
    for byte in name {
      switch byte {
      case UInt8(ascii: "."):
        if label == 0 { return false }
        label = 0
        hasLetter = false
        continue
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): hasLetter = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): break
      case UInt8(ascii: "-"): if label == 0 { return false }
      default: return false
      }
      label += 1
      if label > 63 { return false }
    }
    // A last label of digits alone is an address, whole or in part.
    return label > 0 && hasLetter
  }
}
