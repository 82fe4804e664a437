internal import IncidentModel

/// Whose network an address belongs to: the longest prefix among the lists that the user gave.
struct AddressTable: Sendable {
  /// Label of an owner, and whether it stands for people: an office, a carrier.
  struct Owner: Hashable, Sendable {
    var label: String
    var isPeople: Bool
  }

  private struct Key: Hashable {
    var network: AddressBits
    var length: Int
  }

  private(set) var owners: [Owner] = []
  private var prefixes: [Key: Int] = [:]
  private var lengths: [Int] = []
  private var lengthsSix: [Int] = []

  var isEmpty: Bool { prefixes.isEmpty }

  /// Labels that begin with this stand for people.
  static let peoplePrefix = "people:"

  /// Where two lists name the same prefix the list that stands first in the command wins.
  init(_ lists: [AddressList]) {
    var numbers: [String: Int] = [:]
    for list in lists {
      for prefix in list.prefixes where list.labels.indices.contains(prefix.label) {
        let label = list.labels[prefix.label]
        let isPeople = label.hasPrefix(Self.peoplePrefix)
        let number = numbers[label] ?? owners.count
        if number == owners.count {
          numbers[label] = number
          let name = isPeople ? String(label.dropFirst(Self.peoplePrefix.count)) : label
          owners.append(Owner(label: name, isPeople: isPeople))
        }
        let key = Key(network: prefix.network.masked(prefix.length), length: prefix.length)
        if prefixes[key] == nil { prefixes[key] = number }
      }
    }
    lengths = Set(prefixes.keys.filter { !$0.network.isSix }.map(\.length)).sorted(by: >)
    lengthsSix = Set(prefixes.keys.filter(\.network.isSix).map(\.length)).sorted(by: >)
  }

  /// The number of the owner of the longest prefix that holds an address.
  func owner(of address: AddressBits) -> Int? {
    for length in address.isSix ? lengthsSix : lengths {
      if let found = prefixes[Key(network: address.masked(length), length: length)] {
        return found
      }
    }
    return nil
  }

  /// Owners whose label names a crawler's operator as the crawler's agent does: `googlebot` for Googlebot.
  func owners(named name: String) -> Set<Int> {
    let word = Self.letters(name)
    guard word.count >= 4 else { return [] }
    return Set(owners.indices.filter { Self.letters(owners[$0].label).contains(word) })
  }

  private static func letters(_ text: String) -> String {
    text.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
