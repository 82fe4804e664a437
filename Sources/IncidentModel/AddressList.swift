/// A client's address as far as networks are told from it: 32 bits of IPv4 or the leading 64 of IPv6, both at the left end.
package struct AddressBits: Hashable, Sendable {
  package var isSix: Bool
  package var bits: UInt64

  package init(isSix: Bool, bits: UInt64) {
    self.isSix = isSix
    self.bits = bits
  }

  /// The longest prefix that can be told: 32 or 64.
  package var limit: Int { isSix ? 64 : 32 }

  /// The network of so many leading bits, 0 to 64.
  package func masked(_ length: Int) -> AddressBits {
    AddressBits(
      isSix: isSix, bits: length <= 0 ? 0 : bits & ~UInt64(0) << UInt64(64 - min(64, length)))
  }
}

/// Whose networks are known: prefixes with labels from one file that the user named.
package struct AddressList: Hashable, Sendable {
  /// One network and the number of its label.
  package struct Prefix: Hashable, Sendable {
    package var network: AddressBits
    package var length: Int
    package var label: Int

    package init(network: AddressBits, length: Int, label: Int) {
      self.network = network
      self.length = length
      self.label = label
    }
  }

  /// The file's name as the user typed it.
  package var name: String
  /// Hex SHA-256 of its bytes.
  package var sha256: String
  package var labels: [String]
  package var prefixes: [Prefix]
  /// Lines or values that hold no prefix, or one that is longer than 64 bits.
  package var rejected: Int
  /// Numbers of the labels that tell whose a network is, and nothing of whether machines or people are there.
  package var neutral: Set<Int> = []
  /// Where the list is what a database told of some addresses.
  package var database: Database?

  /// A database in which addresses were looked up.
  package struct Database: Hashable, Sendable {
    /// What it calls itself: `GeoLite2-ASN`.
    package var type: String
    /// How many addresses were looked up, and of how many it told the owner.
    package var addresses: Int
    package var found: Int

    package init(type: String, addresses: Int, found: Int) {
      self.type = type
      self.addresses = addresses
      self.found = found
    }
  }

  package init(
    name: String, sha256: String = "", labels: [String] = [], prefixes: [Prefix] = [],
    rejected: Int = 0
  ) {
    self.name = name
    self.sha256 = sha256
    self.labels = labels
    self.prefixes = prefixes
    self.rejected = rejected
  }
}
