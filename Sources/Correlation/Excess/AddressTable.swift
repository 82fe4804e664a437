internal import IncidentModel

/// Whose network an address belongs to: the longest prefix among the lists that the user gave.
///
/// What only names an owner, as a database of autonomous systems does of every address, gives way to what tells of machines or people.
struct AddressTable: Sendable {
  /// Label of an owner, and whether requests from there are a sign of machines; those of an office or a carrier are not.
  struct Owner: Hashable, Sendable {
    var label: String
    var isSign: Bool
  }

  private struct Prefixes {
    struct Key: Hashable {
      var network: AddressBits
      var length: Int
    }

    var owners: [Key: Int] = [:]
    var lengths: [Int] = []
    var lengthsSix: [Int] = []

    mutating func finish() {
      lengths = Set(owners.keys.filter { !$0.network.isSix }.map(\.length)).sorted(by: >)
      lengthsSix = Set(owners.keys.filter(\.network.isSix).map(\.length)).sorted(by: >)
    }

    func owner(of address: AddressBits) -> Int? {
      for length in address.isSix ? lengthsSix : lengths {
        if let found = owners[Key(network: address.masked(length), length: length)] {
          return found
        }
      }
      return nil
    }
  }

  private(set) var owners: [Owner] = []
  private var telling = Prefixes()
  private var naming = Prefixes()

  var isEmpty: Bool { owners.isEmpty }

  /// Labels of a list that begin with this stand for people.
  static let peoplePrefix = "people:"

  /// Where two lists name the same prefix the list that stands first in the command wins.
  init(_ lists: [AddressList]) {
    var numbers: [Owner: Int] = [:]
    for list in lists {
      for prefix in list.prefixes where list.labels.indices.contains(prefix.label) {
        let owner = Self.owner(prefix.label, of: list)
        let number = numbers[owner] ?? owners.count
        if number == owners.count {
          numbers[owner] = number
          owners.append(owner)
        }
        let key = Prefixes.Key(
          network: prefix.network.masked(prefix.length), length: prefix.length)
        if list.neutral.contains(prefix.label) {
          if naming.owners[key] == nil { naming.owners[key] = number }
        } else if telling.owners[key] == nil {
          telling.owners[key] = number
        }
      }
    }
    telling.finish()
    naming.finish()
  }

  private static func owner(_ label: Int, of list: AddressList) -> Owner {
    let text = list.labels[label]
    // A company may be called as it likes.
    guard list.database == nil, text.hasPrefix(peoplePrefix) else {
      return Owner(label: text, isSign: !list.neutral.contains(label))
    }
    return Owner(label: String(text.dropFirst(peoplePrefix.count)), isSign: false)
  }

  /// The number of the owner of the longest prefix that holds an address.
  func owner(of address: AddressBits) -> Int? {
    telling.owner(of: address) ?? naming.owner(of: address)
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
