internal import CMaxMind

/// Writes a MaxMind database (https://maxmind.github.io/MaxMind-DB/): a tree of 24-bit records over IPv6, the data, the metadata.
package struct MaxMindWriter {
  /// What a record can hold, of the format's types as many as tests need.
  package indirect enum Value: Sendable {
    case text(String)
    case number(UInt32)
    case short(UInt16)
    case long(UInt64)
    case flag(Bool)
    case map([(String, Value)])
    case array([Value])
    /// The value that stands so many bytes behind the data's begin.
    case pointer(Int)
  }

  private enum Branch {
    case empty
    case node(Int)
    case data(Int)
  }

  private var nodes: [(Branch, Branch)] = [(.empty, .empty)]
  private var data: [UInt8] = []
  private let type: String

  /// The machine can read databases.
  package static var isReadable: Bool {
    var library = maxmind_library()
    // The name and the table are lent for the call.
    return unsafe maxmind_load("libmaxminddb.so.0", &library)
  }

  package init(type: String) { self.type = type }

  /// Adds a record of a network of IPv4, `198.51.100.0/24`.
  package mutating func add(_ four: (UInt8, UInt8, UInt8, UInt8), _ length: Int, _ record: Value) {
    add(
      bits: [Bool](repeating: false, count: 96)
        + Self.bits([four.0, four.1, four.2, four.3]).prefix(length), record)
  }

  /// Adds a record of a network of IPv6 whose leading bytes are given.
  package mutating func add(six: [UInt8], _ length: Int, _ record: Value) {
    let bits = Self.bits(six) + [Bool](repeating: false, count: 128)
    add(bits: Array(bits.prefix(length)), record)
  }

  private static func bits(_ bytes: [UInt8]) -> [Bool] {
    bytes.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 == 1 } }
  }

  private mutating func add(bits: [Bool], _ record: Value) {
    let place = data.count
    data += Self.bytes(record)
    var node = 0
    for (index, bit) in bits.enumerated() {
      let isLast = index == bits.count - 1
      var next = Branch.data(place)
      if !isLast {
        let known = bit ? nodes[node].1 : nodes[node].0
        if case .node = known { next = known } else { next = .node(nodes.count) }
      }
      if bit { nodes[node].1 = next } else { nodes[node].0 = next }
      if case .node(let number) = next {
        if number == nodes.count { nodes.append((.empty, .empty)) }
        node = number
      }
    }
  }

  private static func bytes(_ value: Value) -> [UInt8] {
    func control(_ type: UInt8, _ size: Int) -> [UInt8] {
      let small: UInt8
      var more: [UInt8] = []
      switch size {
      case ..<29: small = UInt8(size)
      case ..<285: (small, more) = (29, [UInt8(size - 29)])
      default:
        let rest = size - 285
        (small, more) = (30, [UInt8(rest >> 8 & 255), UInt8(rest & 255)])
      }
      // Types above 7 stand in a byte of their own.
      return (type > 7 ? [small, type - 7] : [type << 5 | small]) + more
    }
    switch value {
    case .text(let text): return control(2, text.utf8.count) + Array(text.utf8)
    case .number(let number):
      return control(6, 4)
        + (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    case .short(let number):
      return control(5, 2) + [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
    case .long(let number):
      return control(9, 8)
        + (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    case .flag(let flag): return control(14, flag ? 1 : 0)
    case .map(let pairs):
      return control(7, pairs.count) + pairs.flatMap { bytes(.text($0.0)) + bytes($0.1) }
    case .array(let values): return control(11, values.count) + values.flatMap(bytes)
    case .pointer(let place):
      return [1 << 5 | 3 << 3] + (0..<4).map { UInt8(truncatingIfNeeded: place >> (24 - 8 * $0)) }
    }
  }

  /// The whole file.
  package var file: [UInt8] {
    var bytes: [UInt8] = []
    for node in nodes {
      for branch in [node.0, node.1] {
        let number =
          switch branch {
          case .empty: nodes.count
          case .node(let number): number
          case .data(let place): nodes.count + 16 + place
          }
        bytes += [16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
      }
    }
    let metadata = Value.map([
      ("node_count", .number(UInt32(nodes.count))), ("record_size", .short(24)),
      ("ip_version", .short(6)), ("database_type", .text(type)),
      ("languages", .array([.text("en")])), ("binary_format_major_version", .short(2)),
      ("binary_format_minor_version", .short(0)), ("build_epoch", .long(1_531_699_200)),
      ("description", .map([("en", .text("written by a test"))])),
    ])
    return bytes + [UInt8](repeating: 0, count: 16) + data + [0xab, 0xcd, 0xef]
      + Array("MaxMind.com".utf8) + Self.bytes(metadata)
  }
}
