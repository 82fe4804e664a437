/// Whose a network is, as the record of a MaxMind database tells it.
///
/// The fields are those of GeoLite2-ASN, GeoIP2-ISP, -Anonymous-IP, -Connection-Type and -Enterprise (dev.maxmind.com/geoip/docs/databases), the last under `traits`, and of the databases in the same format that IPinfo and DB-IP publish.
struct NetworkOwner: Hashable, Sendable {
  var label: String
  /// Programs run there: a data centre.
  var isHosting: Bool

  /// nil: the record does not tell whose the network is.
  init?(_ fields: [String: MaxMindDatabase.Field]) {
    func field(_ names: String...) -> MaxMindDatabase.Field? {
      for name in names {
        if let found = fields[name] ?? fields["traits." + name] { return found }
      }
      return nil
    }
    func text(_ names: String...) -> String? {
      for name in names {
        if case .text(let text)? = field(name), !text.isEmpty { return text }
      }
      return nil
    }
    func holds(_ name: String) -> Bool {
      switch field(name) {
      case .flag(let flag): flag
      case .text(let text): text == "true"
      default: false
      }
    }
    isHosting =
      holds("is_hosting_provider") || holds("hosting") || text("user_type") == "hosting"
    var parts: [String] = []
    switch field("autonomous_system_number", "asn") {
    case .number(let number)?: parts.append("AS\(number)")
    case .text(let text)?: parts.append(text)
    default: break
    }
    let name = text("autonomous_system_organization", "as_name", "isp", "organization")
    if let name { parts.append(name) }
    if parts.isEmpty {
      let kinds = [
        ("is_tor_exit_node", "Tor exits"), ("is_residential_proxy", "residential proxies"),
        ("is_public_proxy", "public proxies"), ("is_anonymous_vpn", "VPNs"),
        ("is_anonymous", "anonymisers"),
      ]
      if isHosting {
        parts = ["data centres"]
      } else if let kind = kinds.first(where: { holds($0.0) }) {
        parts = [kind.1]
      } else if let connection = text("connection_type") {
        parts = [connection]
      }
    }
    guard !parts.isEmpty else { return nil }
    label = parts.joined(separator: " ")
  }

  /// The record tells where an address is.
  static func tellsPlace(_ fields: [String: MaxMindDatabase.Field]) -> Bool {
    fields.keys.contains { key in
      key.hasPrefix("country.") || key.hasPrefix("registered_country.")
        || key.hasPrefix("continent.") || key.hasPrefix("location.") || key == "country"
        || key == "country_code" || key == "iso_code"
    }
  }
}
