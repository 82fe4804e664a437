internal import IncidentModel

/// Masks what names persons and opens doors, in a fixed order of classes, and counts what it masked (REPORT §7).
///
/// Masking by pattern is not complete, and reports say so.
struct Redactor {
  /// Redacted text: bytes of the log and masks of Floodmark's own.
  enum Piece: Equatable {
    case bytes([UInt8])
    case mask(String)
  }

  let settings: RedactionSettings
  /// Names of services and groups, which are shown although they may look like private hosts.
  var ownNames: Set<String> = []
  private let patterns: [UserPattern]
  private var labels = ClientLabels()
  private var counts: [MaskClass: Int] = [:]

  init(settings: RedactionSettings) {
    self.settings = settings
    patterns = settings.patterns.compactMap(UserPattern.init)
  }

  /// How many were masked, by class; addresses and users count once each.
  func count(_ kind: MaskClass) -> Int {
    switch kind {
    case .client: labels.clientCount
    case .internal: labels.machineCount
    case .user: labels.userCount
    default: counts[kind] ?? 0
    }
  }

  /// The text without what must not be shown.
  mutating func pieces(of text: LogText, isAccess: Bool) -> [Piece] {
    guard settings.isOn else { return [.bytes(text.bytes)] }
    switch text.kind {
    case .file: return [.bytes(text.bytes)]
    case .network: return network(text.bytes)
    case .address: return address(text.bytes)
    default: break
    }
    var scan = Scannable(text.bytes)
    for pattern in patterns { mask(.pattern, pattern.hits(in: text.bytes), in: &scan) }
    apply(.urlCredentials, QueryScanners.urlCredentials, to: &scan)
    for (kind, scanner) in TokenScanners.all { apply(kind, scanner, to: &scan) }
    apply(.card, ContactScanners.card, to: &scan)
    apply(.pathSession, QueryScanners.pathSession, to: &scan)
    apply(.email, ContactScanners.email, to: &scan)
    apply(.sensitiveValue, QueryScanners.sensitiveValue, to: &scan)
    mask(.queryValue, QueryScanners.queryValues(scan), in: &scan)
    apply(.phone, ContactScanners.phone, to: &scan)
    apply(.arn, CloudScanners.arn, to: &scan)
    apply(.uuid, ContactScanners.uuid, to: &scan)
    apply(.hex, ContactScanners.hex, to: &scan)
    if text.kind != .name { apply(.highEntropy, ContactScanners.highEntropy, to: &scan) }
    apply(.principal, PrincipalScanners.principal, to: &scan)
    if isAccess && text.kind == .line { maskClientFields(&scan) }
    if !isAccess || [.message, .note, .name].contains(text.kind) { maskCloud(text, &scan) }
    maskAddresses(&scan, isClient: text.kind == .name ? false : isAccess)
    return scan.pieces
  }

  private mutating func maskCloud(_ text: LogText, _ scan: inout Scannable) {
    apply(.account, CloudScanners.account, to: &scan)
    apply(.account, PrincipalScanners.account, to: &scan)
    apply(.project, CloudScanners.project, to: &scan)
    apply(.project, PrincipalScanners.project, to: &scan)
    let isOwn = text.kind == .name && ownNames.contains(String(decoding: text.bytes, as: UTF8.self))
    if !isOwn { apply(.host, CloudScanners.host, to: &scan) }
  }

  /// Runs one scanner over the whole text; what it hits is taken whole and counted.
  private mutating func apply(
    _ kind: MaskClass, _ scanner: TokenScanners.Scanner, to scan: inout Scannable
  ) {
    var ranges: [Range<Int>] = []
    var index = 0
    while index < scan.count {
      if let range = scanner(scan, index), !range.isEmpty,
        range.lowerBound >= ranges.last?.upperBound ?? 0
      {
        ranges.append(range)
        index = max(index + 1, range.upperBound)
      } else {
        index += 1
      }
    }
    mask(kind, ranges, in: &scan)
  }

  private mutating func mask(
    _ kind: MaskClass, _ ranges: [Range<Int>], in scan: inout Scannable
  ) {
    counts[kind, default: 0] += ranges.count
    scan.replace(ranges.map { Scannable.Hit(range: $0, mask: kind.mask) })
  }

  private mutating func maskAddresses(_ scan: inout Scannable, isClient: Bool) {
    var hits: [Scannable.Hit] = []
    var index = 0
    while index < scan.count {
      guard let (range, address) = AddressScanner.address(scan, index) else {
        index += 1
        continue
      }
      if let label = labels.label(address, isClient: isClient, settings: settings) {
        hits.append(Scannable.Hit(range: range, mask: label))
      }
      index = range.upperBound
    }
    scan.replace(hits)
  }

  /// Client and user of a line in the shape `client ident user [16/Jul/2018:…`.
  private mutating func maskClientFields(_ scan: inout Scannable) {
    guard let bracket = Self.stampStart(scan) else { return }
    var words: [Range<Int>] = []
    var end = bracket - 1
    while words.count < 3, end > 0 {
      var start = end
      while start > 0, scan.byte(start - 1) != 0x20 { start -= 1 }
      words.append(start..<end)
      end = start - 1
    }
    guard words.count == 3 else { return }
    var hits: [Scannable.Hit] = []
    let client = scan.bytes(words[2])
    if !client.isEmpty, client != [0x2d], NetworkAddress(client) == nil,
      !words[2].contains(where: scan.isMask)
    {
      hits.append(Scannable.Hit(range: words[2], mask: labels.label(host: client)))
    }
    let user = scan.bytes(words[0])
    if !user.isEmpty, user != [0x2d] {
      hits.append(Scannable.Hit(range: words[0], mask: labels.label(user: user)))
    }
    scan.replace(hits)
  }

  /// Where ` [16/Jul/2018:` has its bracket.
  private static func stampStart(_ scan: Scannable) -> Int? {
    (1..<max(1, min(scan.count, 512))).first { index in
      scan.byte(index) == UInt8(ascii: "[") && scan.byte(index - 1) == 0x20
        && scan.byte(index + 1)?.isDigit == true && scan.byte(index + 3) == UInt8(ascii: "/")
        && scan.byte(index + 7) == UInt8(ascii: "/")
    }
  }

  private mutating func address(_ bytes: [UInt8]) -> [Piece] {
    guard let address = NetworkAddress(bytes) else { return [.mask(labels.label(host: bytes))] }
    return labels.label(address, isClient: true, settings: settings)
      .map { [.mask($0)] } ?? [.bytes(bytes)]
  }

  /// A network is shown at the first width that enough clients share.
  private mutating func network(_ bytes: [UInt8]) -> [Piece] {
    let parts = bytes.split(separator: UInt8(ascii: "/"))
    if let first = parts.first, let address = NetworkAddress(Array(first)) {
      if address.isInternal && settings.keepPrivate { return [.bytes(bytes)] }
      if let kept = settings.keptNetwork(of: address) { return [.mask(kept)] }
    }
    counts[.network, default: 0] += 1
    return [.mask(MaskClass.network.mask)]
  }
}
