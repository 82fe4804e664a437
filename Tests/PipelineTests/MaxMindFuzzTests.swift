import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import Pipeline

/// Databases of wrong bytes, and a machine without the library.
struct MaxMindFuzzTests {
  private static func whole() -> [UInt8] {
    var writer = MaxMindWriter(type: "GeoIP2-ISP")
    writer.add(
      (198, 51, 100, 0), 24,
      .map([
        ("traits", .map([("is_hosting_provider", .flag(true)), ("list", .array([.number(7)]))])),
        ("autonomous_system_number", .number(64500)), ("isp", .text("Example Carrier")),
      ]))
    writer.add((203, 0, 113, 0), 26, .map([("isp", .text("Example Hosting"))]))
    writer.add(six: [0x20, 0x01, 0x0d, 0xb8], 32, .pointer(0))
    return writer.file
  }

  private static let addresses =
    ["198.51.100.7", "203.0.113.9", "203.0.113.200", "192.0.2.1", "2001:db8::1", "2001:db9::1"]
    .compactMap { AddressListText.network($0.contains(":") ? $0 + "/64" : $0)?.0 }

  private func lookUp(_ bytes: [UInt8], _ folder: borrowing TemporaryFolder) throws -> AddressList {
    let path = try folder.write(bytes, to: "some.mmdb")
    let database = try MaxMindDatabase(path: path, library: MaxMindLibrary())
    try AddressLookup.check(database)
    return try AddressLookup.list(database, name: path, addresses: Self.addresses)
  }

  @Test(.enabled(if: MaxMindWriter.isReadable))
  func `networks of both kinds keep their length and their owner`() throws {
    let folder = try TemporaryFolder()
    let list = try lookUp(Self.whole(), folder)
    #expect(
      list.prefixes.map { "\(String($0.network.bits, radix: 16))/\($0.length) \($0.label)" } == [
        "c633640000000000/24 0", "cb00710000000000/26 1", "20010db800000000/32 0",
      ])
    #expect(list.labels == ["AS64500 Example Carrier", "Example Hosting"])
    #expect(list.neutral == [1])
    #expect(list.database == .init(type: "GeoIP2-ISP", addresses: 6, found: 3))
  }

  @Test(.enabled(if: MaxMindWriter.isReadable))
  func `what follows a pointer to a map is read`() throws {
    let folder = try TemporaryFolder()
    var writer = MaxMindWriter(type: "GeoIP2-Enterprise")
    writer.add((192, 0, 2, 0), 24, .map([("isp", .text("Example")), ("a", .array([]))]))
    writer.add(
      (198, 51, 100, 0), 24,
      .map([("traits", .pointer(0)), ("autonomous_system_number", .number(64501))]))
    let list = try lookUp(writer.file, folder)
    #expect(Set(list.labels) == ["Example", "AS64501 Example"])
  }

  @Test(.enabled(if: MaxMindWriter.isReadable))
  func `a database that is cut at any byte is refused`() throws {
    let folder = try TemporaryFolder()
    let whole = Self.whole()
    for end in 0..<whole.count {
      #expect(throws: AddressListProblem.self, "\(end) of \(whole.count)") {
        try lookUp(Array(whole[..<end]), folder)
      }
    }
  }

  @Test(.enabled(if: MaxMindWriter.isReadable))
  func `a mutated database is read or refused`() throws {
    let folder = try TemporaryFolder()
    let whole = Self.whole()
    let rounds = FuzzRounds("maxmind", count: 500)
    var numbers = FuzzNumbers(seed: rounds.seed)
    for round in 0..<rounds.count {
      var bytes = ByteMutation.mutated(whole, with: whole, &numbers)
      if round % 2 == 0, !whole.isEmpty {
        bytes = whole
        bytes[numbers.below(bytes.count)] = UInt8(truncatingIfNeeded: numbers.next())
      }
      rounds.keep(bytes)
      guard let list = try? lookUp(bytes, folder) else { continue }
      for prefix in list.prefixes {
        #expect(prefix.length <= prefix.network.limit, "\(rounds.words)")
        #expect(list.labels.indices.contains(prefix.label), "\(rounds.words)")
      }
    }
  }

  @Test(.enabled(if: MaxMindWriter.isReadable))
  func `a count of nodes that overflows is no tree`() throws {
    let folder = try TemporaryFolder()
    let whole = Self.whole()
    let key = Array("node_count".utf8)
    let place = try #require(
      whole.indices.first { whole[$0...].starts(with: key) }.map { $0 + key.count + 1 })
    for count in [UInt32.max, 0x2aaa_aaab, 0x2aaa_aab0, 0x5555_5556, 1, 0] {
      var bytes = whole
      for index in 0..<4 {
        bytes[place + index] = UInt8(truncatingIfNeeded: count >> UInt32(24 - 8 * index))
      }
      #expect(throws: AddressListProblem.self, "\(count)") { try lookUp(bytes, folder) }
    }
  }

  @Test func `a machine without the library is told its name`() throws {
    #expect(MaxMindLibrary(names: ["libnone-of-this-name.so.0"]) == nil)
    #expect(throws: AddressListProblem.missingLibrary) {
      _ = try MaxMindDatabase(path: "some.mmdb", library: nil).type
    }
  }
}
