internal import IncidentModel

/// Reads what a trail keeps of a request.
struct TrailReader: Sendable {
  struct Route: Sendable {
    var url: UInt64
    var template: UInt64
    var isAsset: Bool
  }

  /// Targets seen of late. Forgetting costs time only.
  private var routes: [Route] = []
  private var table = SlotTable()

  private static let remembered = 16_384
  /// Parameters that only keep caches away (METHODS §7).
  private static let ignored = ["_", "t", "ts", "cb", "nonce"]

  /// What a method and a target mean for a trail.
  mutating func route(_ method: Span<UInt8>, _ target: Span<UInt8>) -> Route {
    if target.isEmpty || target.count == 1 && target[0] == UInt8(ascii: "-") {
      return Route(url: 0, template: 0, isAsset: false)
    }
    let seed = Self.seed(of: method)
    let key = Mixer.hash(target, seed: seed) | SlotTable.mark
    let found = table.slot(of: key)
    if found >= 0 { return routes[found] }
    if routes.count >= Self.remembered {
      routes.removeAll(keepingCapacity: true)
      table.removeAll()
    }
    let template = PathTemplate.bytes(of: target)
    // A balancer writes whole URLs, the server behind it paths: both mean the same request.
    let start = PathTemplate.pathStart(target)
    var url = Self.withoutIgnored(target.extracting(start..<target.count))
    if start > 0, url.first != UInt8(ascii: "/") { url.insert(UInt8(ascii: "/"), at: 0) }
    let route = Route(
      url: max(1, Mixer.hash(url.span, seed: seed)),
      template: PathTemplate.signature(of: template.span), isAsset: PathTemplate.isAsset(template))
    table.insert(key, slot: routes.count)
    routes.append(route)
    return route
  }

  /// Tells the methods that are in use apart without a hash.
  private static func seed(of method: Span<UInt8>) -> UInt64 {
    guard method.count > 1 else { return UInt64(method.count) }
    return UInt64(method.count) << 16 | UInt64(method[0]) << 8 | UInt64(method[1])
  }

  /// The target without the parameters of ``ignored``.
  static func withoutIgnored(_ target: Span<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    while start < target.count, target[start] != UInt8(ascii: "?") { start += 1 }
    result.append(target.extracting(0..<start))
    var separator = UInt8(ascii: "?")
    start += 1
    while start < target.count {
      var end = start
      while end < target.count, target[end] != UInt8(ascii: "&") { end += 1 }
      let parameter = target.extracting(start..<end)
      if !isIgnored(parameter) {
        result.append(separator)
        result.append(parameter)
        separator = UInt8(ascii: "&")
      }
      start = end + 1
    }
    return result
  }

  private static func isIgnored(_ parameter: Span<UInt8>) -> Bool {
    var length = 0
    while length < parameter.count, parameter[length] != UInt8(ascii: "=") { length += 1 }
    guard length <= 5 else { return false }
    return ignored.contains { equal($0.utf8.span, parameter.extracting(0..<length)) }
  }
}

extension PathTemplate {
  /// The hash under which trails know a template such as `/orders/{n}`; 0 for none.
  static func signature(of template: Span<UInt8>) -> UInt64 {
    template.isEmpty ? 0 : max(1, Mixer.hash(template))
  }
}

extension SampledRequest {
  /// The template as ``TrailEvent/template`` has it.
  package var templateSignature: UInt64 { PathTemplate.signature(of: template.utf8.span) }
}
