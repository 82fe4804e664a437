package import IncidentModel
internal import LogFormats
internal import TrafficTally

/// Reads lists of networks as text, CSV or JSON (METHODS §7).
///
/// Text: one prefix a line, `#` begins a comment. CSV: `prefix,label`. JSON: what AWS (`ip_prefix` and `service` of `ip-ranges.json`, docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html), Google (`ipv4Prefix` of `goog.json`, `cloud.json`, `googlebot.json`), Cloudflare (`result.ipv4_cidrs` of api.cloudflare.com/client/v4/ips), Azure (`addressPrefixes` of the service tags) and GitHub (api.github.com/meta) publish: whatever the keys, a text that is a network is one.
/// Without a label of its own a network has the file's name. Of one network that stands twice the later label counts, but `AMAZON`, which names all of AWS, gives way.
package struct AddressListText {
  private struct Key: Hashable {
    var network: AddressBits
    var length: Int
  }

  static let mostPrefixes = 1_000_000
  static let mostLabels = 20_000
  static let longestLabel = 80

  private var list: AddressList
  private let base: String
  private var labels: [String: Int] = [:]
  private var places: [Key: Int] = [:]

  private init(name: String) {
    list = AddressList(name: name)
    let file = name.split(separator: "/").last.map(String.init) ?? name
    let stem = file.split(separator: ".").first.map(String.init) ?? file
    base = String(stem.prefix(Self.longestLabel))
  }

  /// The networks of a file's bytes; nil where a JSON text is broken.
  package static func list(_ bytes: [UInt8], name: String) -> AddressList? {
    var reader = AddressListText(name: name)
    let first = bytes.first { ![0x20, 0x0a, 0x0d, 0x09, 0xef, 0xbb, 0xbf].contains($0) }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      let start = bytes.firstIndex { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") } ?? 0
      guard reader.readJSON(bytes.span.extracting(start..<bytes.count)) else { return nil }
    } else {
      reader.readLines(bytes)
    }
    return reader.list
  }

  // MARK: Lines

  private mutating func readLines(_ bytes: [UInt8]) {
    let breaks: Set<UInt8> = [0x0a, 0x0d]
    var isFirst = true
    for line in bytes.split(whereSeparator: { breaks.contains($0) }) {
      let text = String(decoding: line.prefix(512), as: UTF8.self)
      let content = text.split(separator: "#", omittingEmptySubsequences: false).first ?? ""
      let fields = content.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        .map(Self.trimmed)
      guard let prefix = fields.first, !prefix.isEmpty else { continue }
      let isHeader = isFirst && !prefix.contains(where: \.isNumber)
      isFirst = false
      if isHeader { continue }
      let label = fields.count > 1 && !fields[1].isEmpty ? fields[1] : base
      if !add(prefix, label) { list.rejected += 1 }
    }
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let noise: Set<Character> = [" ", "\t", "\"", "\u{feff}"]
    return String(
      text.drop { noise.contains($0) }.reversed().drop { noise.contains($0) }.reversed())
  }

  // MARK: JSON

  private mutating func readJSON(_ text: Span<UInt8>) -> Bool {
    var cursor = JSONCursor(text)
    do {
      try readValue(&cursor, label: nil)
      return true
    } catch {
      return false
    }
  }

  /// A name that an object gives what stands in it.
  private static let labelKeys: Set<String> = ["service", "label", "name", "scope"]

  private mutating func readValue(
    _ cursor: inout JSONCursor, label: String?
  ) throws(LineError) {
    switch cursor.peek() {
    case UInt8(ascii: "{"): try readObject(&cursor, label: label)
    case UInt8(ascii: "["):
      try cursor.enterArray()
      while try cursor.nextElement() { try readValue(&cursor, label: label) }
    default:
      guard case .string(let text) = try cursor.value() else { return }
      addNetwork(Self.string(text, cursor), label)
    }
  }

  private mutating func readObject(
    _ cursor: inout JSONCursor, label: String?
  ) throws(LineError) {
    try cursor.enterObject()
    var own = label
    var waiting: [String] = []
    while let key = try cursor.nextKey() {
      let name = Self.string(key, cursor)
      switch cursor.peek() {
      case UInt8(ascii: "{"), UInt8(ascii: "["): try readValue(&cursor, label: own)
      default:
        guard case .string(let text) = try cursor.value() else { continue }
        let value = Self.string(text, cursor)
        if Self.labelKeys.contains(name) { own = value } else { waiting.append(value) }
      }
    }
    // The service of AWS stands behind its prefix.
    for value in waiting { addNetwork(value, own) }
  }

  private static func string(_ text: JSONText, _ cursor: borrowing JSONCursor) -> String {
    var bytes: [UInt8] = []
    cursor.unescape(text, into: &bytes)
    return String(decoding: bytes.prefix(256), as: UTF8.self)
  }

  /// In JSON only what is written as a network counts; other texts are no mistakes.
  private mutating func addNetwork(_ text: String, _ label: String?) {
    guard text.utf8.contains(UInt8(ascii: "/")) else { return }
    _ = add(text, label.map { "\(base) \($0)" } ?? base)
  }

  // MARK: Both

  /// false: the text is no network, or one too narrow to be told.
  private mutating func add(_ text: String, _ label: String) -> Bool {
    guard let (network, length) = Self.network(text), list.prefixes.count < Self.mostPrefixes
    else { return false }
    let key = Key(network: network, length: length)
    let number = number(of: String(label.prefix(Self.longestLabel)))
    if let place = places[key] {
      if !list.labels[number].hasSuffix(" AMAZON") { list.prefixes[place].label = number }
      return true
    }
    places[key] = list.prefixes.count
    list.prefixes.append(AddressList.Prefix(network: network, length: length, label: number))
    return true
  }

  private mutating func number(of label: String) -> Int {
    if let known = labels[label] { return known }
    let kept = labels.count < Self.mostLabels ? label : base
    if let known = labels[kept] { return known }
    labels[kept] = list.labels.count
    list.labels.append(kept)
    return list.labels.count - 1
  }

  /// `203.0.113.0/24`, `2001:db8::/32`, or one address of IPv4.
  static func network(_ text: String) -> (AddressBits, Int)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = ClientAddress.bits(String(parts[0])) else { return nil }
    guard parts.count == 2 else { return address.isSix ? nil : (address, 32) }
    guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(parts[1]), length <= address.limit
    else { return nil }
    return (address.masked(length), length)
  }
}
