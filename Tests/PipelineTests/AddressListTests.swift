import IncidentModel
import Testing

@testable import Pipeline

/// Lists of networks in every form in which they are published.
struct AddressListTests {
  private func list(_ text: String, name: String = "lists/clouds.txt") -> AddressList? {
    AddressListText.list(Array(text.utf8), name: name)
  }

  private func told(_ list: AddressList?) -> [String] {
    (list?.prefixes ?? []).map { prefix in
      "\(String(prefix.network.bits, radix: 16))/\(prefix.length) \(list?.labels[prefix.label] ?? "")"
    }
  }

  @Test func `lines hold a prefix with or without a label`() {
    let text = """
      prefix,label
      # ours
      192.0.2.0/24, "build farm"
      198.51.100.7
      2001:db8:5::/48,people:office # upstairs
      nonsense
      2001:db8::1/128,too narrow
      203.0.113.0/33,no such length

      """
    let found = list(text)
    #expect(
      told(found) == [
        "c000020000000000/24 build farm", "c633640700000000/32 clouds",
        "20010db800050000/48 people:office",
      ])
    #expect(found?.rejected == 3)
  }

  @Test func `the lists of AWS, Google, Cloudflare, Azure and GitHub are understood`() {
    let aws = """
      {"syncToken":"1","prefixes":[{"ip_prefix":"192.0.2.0/24","region":"x","service":"EC2"},
      {"ip_prefix":"192.0.2.0/24","region":"x","service":"AMAZON"},
      {"ip_prefix":"198.51.100.0/24","service":"AMAZON"}],
      "ipv6_prefixes":[{"ipv6_prefix":"2001:db8::/32","service":"S3"}]}
      """
    #expect(
      told(list(aws, name: "ip-ranges.json")) == [
        "c000020000000000/24 ip-ranges EC2", "c633640000000000/24 ip-ranges AMAZON",
        "20010db800000000/32 ip-ranges S3",
      ])
    let google = """
      {"creationTime":"2024","prefixes":[{"ipv6Prefix":"2001:db8:1::/64"},{"ipv4Prefix":"192.0.2.0/27"}]}
      """
    #expect(
      told(list(google, name: "googlebot.json")) == [
        "20010db800010000/64 googlebot", "c000020000000000/27 googlebot",
      ])
    let cloudflare = """
      {"result":{"ipv4_cidrs":["192.0.2.0/24"],"ipv6_cidrs":["2001:db8::/32"],"etag":"a/b"}}
      """
    #expect(told(list(cloudflare, name: "cf.json")).count == 2)
    let azure = """
      {"values":[{"name":"Bots","properties":{"addressPrefixes":["192.0.2.0/24"]}}]}
      """
    #expect(told(list(azure, name: "az.json")) == ["c000020000000000/24 az Bots"])
    #expect(told(list(#"{"hooks":["192.0.2.0/24"]}"#, name: "gh.json")).count == 1)
    #expect(list(#"{"prefixes":[{"ip_prefix":"#, name: "x.json") == nil)
  }

  /// Whatever the bytes: no crash, and nothing but networks.
  @Test func `bytes of any kind are read or refused`() {
    for seed in UInt64(1)...400 {
      var state = seed &* 0x9E37_79B9_7F4A_7C15
      func word() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
      }
      let alphabet = Array("{}[]\",:/0123456789.abf \n\\u#\u{0}\"ip_prefix\"".utf8) + [0xff, 0xc3]
      let bytes = (0..<Int(word() % 200)).map { _ in alphabet[Int(word() % UInt64(alphabet.count))]
      }
      guard let list = AddressListText.list(bytes, name: "fuzz") else { continue }
      for prefix in list.prefixes {
        #expect(prefix.length <= prefix.network.limit, "seed \(seed)")
        #expect(prefix.network == prefix.network.masked(prefix.length), "seed \(seed)")
        #expect(list.labels.indices.contains(prefix.label), "seed \(seed)")
      }
    }
  }
}
