import IncidentModel
import Testing

@testable import Correlation

/// Whose an address is where several lists speak of it.
struct AddressTableTests {
  private func list(_ label: String, _ length: Int, neutral: Bool) -> AddressList {
    var list = AddressList(name: "list", labels: [label])
    let network = AddressBits(isSix: false, bits: 0xc633_6400 << 32).masked(length)
    list.prefixes = [.init(network: network, length: length, label: 0)]
    if neutral {
      list.neutral = [0]
      list.database = .init(type: "GeoLite2-ASN", addresses: 1, found: 1)
    }
    return list
  }

  private let address = AddressBits(isSix: false, bits: 0xc633_6407 << 32)

  @Test func `what only names an owner gives way to what tells of machines or people`() {
    let names = list("AS64500 Example", 24, neutral: true)
    for told in [list("cloud", 16, neutral: false), list("people:office", 8, neutral: false)] {
      let table = AddressTable([names, told])
      let owner = table.owner(of: address).map { table.owners[$0] }
      #expect(owner?.label == (told.labels[0] == "cloud" ? "cloud" : "office"))
      #expect(owner?.isSign == (told.labels[0] == "cloud"))
    }
  }

  @Test func `a company may be called as it likes`() {
    let table = AddressTable([list("people: Example", 24, neutral: true)])
    let owner = table.owner(of: address).map { table.owners[$0] }
    #expect(owner == .init(label: "people: Example", isSign: false))
  }
}
