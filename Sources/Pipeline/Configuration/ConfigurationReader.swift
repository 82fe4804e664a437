internal import Foundation
internal import IncidentModel
internal import Yams

/// Takes the nodes of a YAML document for settings, and says of what does not fit where it stands.
struct ConfigurationReader {
  /// Entries of one list or map.
  static let mostEntries = 1_000
  /// The keys of the file, in the order of the manual.
  static let keys = [
    "log-formats", "input-time-zone", "clock", "service-by", "groups", "slo", "baseline",
    "address-lists", "ticket", "redact",
  ]

  let path: String
  /// The file came with an archive: it may name nothing outside of its folder.
  let isOwn: Bool

  /// An empty document is a configuration that says nothing.
  func settings(_ root: Node?) throws(RunError) -> Configuration {
    var settings = Configuration()
    guard let root, !isNull(root) else { return settings }
    guard let mapping = root.mapping else {
      throw failure(root, .wrongType(key: "the file", expected: "keys with values, 'slo: 99.9'"))
    }
    for (node, value) in mapping {
      let key = try text(node, key: "the file", expected: "a key")
      try take(key, node, value, into: &settings)
    }
    return settings
  }

  private func take(
    _ key: String, _ node: Node, _ value: Node, into settings: inout Configuration
  ) throws(RunError) {
    switch key {
    case "log-formats":
      for entry in try list(value, key) { settings.logFormats.append(try format(entry)) }
    case "input-time-zone": settings.inputTimeZone = try zone(value)
    case "clock":
      for (file, seconds) in try map(value, key, "a map, such as 'web-3.log.gz: 3600'") {
        settings.clock.append(try clock(file, seconds))
      }
    case "service-by":
      let word = try text(value, key: key, expected: "host, member or none")
      guard let rule = ServiceRule(rawValue: word) else {
        throw failure(value, .wrongType(key: key, expected: "host, member or none"))
      }
      settings.serviceBy = rule
    case "groups":
      for (group, services) in try map(value, key, "a map, such as 'shop-asg: shop.example.com'") {
        settings.groups.append(try self.group(group, services))
      }
    case "slo": settings.slo = try objective(value)
    case "baseline": settings.baseline = try paths(value, key)
    case "address-lists": settings.addressLists = try paths(value, key)
    case "ticket":
      settings.ticket = try text(value, key: key, expected: "text, such as 'github:OWNER/REPO#12'")
    case "redact":
      for entry in try list(value, key) {
        let pattern = try text(entry, key: key, expected: "a list of regular expressions")
        guard isPattern(pattern) else { throw failure(entry, .notAPattern(pattern)) }
        settings.redact.append(pattern)
      }
    default: throw failure(node, .unknownKey(key, known: Self.keys))
    }
  }

  // MARK: Entries

  private func format(_ node: Node) throws(RunError) -> ForcedFormat {
    let expected = "entries such as {path: 'access/*.gz', format: combined}"
    if node.scalar != nil {
      let option = try text(node, key: "log-formats", expected: expected)
      guard let format = ForcedFormat(option: option) else {
        throw failure(node, .wrongType(key: "log-formats", expected: expected))
      }
      return format
    }
    var format = ForcedFormat(pattern: nil, format: "")
    for (key, value) in try map(node, "log-formats", expected) {
      let word = try text(key, key: "log-formats", expected: expected)
      let said = try text(value, key: word, expected: "text")
      switch word {
      case "path": format.pattern = said
      case "format": format.format = said
      case "name": format.name = said
      default: throw failure(key, .unknownKey(word, known: ["path", "format", "name"]))
      }
    }
    guard !format.format.isEmpty else {
      throw failure(node, .wrongType(key: "log-formats", expected: expected))
    }
    return format
  }

  private func zone(_ node: Node) throws(RunError) -> ZoneOffsets {
    let name = try text(node, key: "input-time-zone", expected: "a zone, such as Europe/Berlin")
    guard let zone = ZoneDatabase.zone(named: name) else {
      throw failure(node, .unknownZone(name, near: ZoneDatabase.suggestions(for: name)))
    }
    return zone
  }

  private func clock(_ file: Node, _ seconds: Node) throws(RunError) -> ClockOffset {
    let pattern = try text(file, key: "clock", expected: "the name of a file")
    guard let number = seconds.scalar.flatMap({ Double($0.string) }),
      abs(number) <= ClockOffset.mostSeconds
    else {
      throw failure(seconds, .wrongType(key: "clock", expected: "seconds, such as +3600"))
    }
    return ClockOffset(pattern: pattern, seconds: number)
  }

  private func group(_ name: Node, _ services: Node) throws(RunError) -> ConfiguredGroup {
    let expected = "a service or a list of services"
    let group = try text(name, key: "groups", expected: "the name of a group")
    if services.scalar != nil {
      return ConfiguredGroup(
        group: group, services: [try text(services, key: group, expected: expected)])
    }
    var names: [String] = []
    for entry in try list(services, group, expected) {
      names.append(try text(entry, key: group, expected: expected))
    }
    return ConfiguredGroup(group: group, services: names)
  }

  private func objective(_ node: Node) throws(RunError) -> Double {
    guard let slo = node.scalar.flatMap({ Double($0.string) }), slo > 0, slo < 100 else {
      throw failure(
        node, .wrongType(key: "slo", expected: "a percentage between 0 and 100, such as 99.9"))
    }
    return slo
  }

  /// Paths as they can be opened; of an archive's own file only such as stay below its folder, links followed.
  private func paths(_ node: Node, _ key: String) throws(RunError) -> [String] {
    var paths: [String] = []
    let folder = URL(filePath: path).deletingLastPathComponent()
    let entries = node.scalar == nil ? try list(node, key) : [node]
    for entry in entries {
      let name = try text(entry, key: key, expected: "a list of paths")
      let place = name.hasPrefix("/") ? URL(filePath: name) : folder.appending(path: name)
      if isOwn {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let root = folder.resolvingSymlinksInPath().path
        guard !name.hasPrefix("/"), !parts.contains(".."), !name.utf8.contains(0),
          place.resolvingSymlinksInPath().path.hasPrefix(root + "/")
        else { throw failure(entry, .outsidePath(key: key, path: name)) }
      }
      paths.append(place.path)
    }
    return paths
  }

  // MARK: Nodes

  private func text(_ node: Node, key: String, expected: String) throws(RunError) -> String {
    guard let scalar = node.scalar, !isNull(node), !scalar.string.isEmpty else {
      throw failure(node, .wrongType(key: key, expected: expected))
    }
    return scalar.string
  }

  private func list(
    _ node: Node, _ key: String, _ expected: String = "a list"
  ) throws(RunError) -> [Node] {
    guard let entries = node.sequence else {
      throw failure(node, .wrongType(key: key, expected: expected))
    }
    guard entries.count <= Self.mostEntries else {
      throw failure(node, .tooMany(key: key, most: Self.mostEntries))
    }
    return Array(entries)
  }

  private func map(
    _ node: Node, _ key: String, _ expected: String
  ) throws(RunError) -> [(Node, Node)] {
    guard let entries = node.mapping else {
      throw failure(node, .wrongType(key: key, expected: expected))
    }
    guard entries.count <= Self.mostEntries else {
      throw failure(node, .tooMany(key: key, most: Self.mostEntries))
    }
    return entries.map { ($0.key, $0.value) }
  }

  private func isNull(_ node: Node) -> Bool {
    guard let scalar = node.scalar, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private func failure(_ node: Node, _ problem: ConfigurationProblem) -> RunError {
    .unusableConfiguration(path: path, line: node.mark?.line, problem: problem)
  }
}
