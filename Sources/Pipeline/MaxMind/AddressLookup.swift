internal import IncidentModel
internal import TrafficTally

/// What a MaxMind database tells of the addresses that a report looks at.
enum AddressLookup {
  /// Records by which a database is judged before anything is read.
  private static let probes = 256

  /// Stops a run that named a database of no use: broken, or telling nothing of owners.
  static func check(_ database: borrowing MaxMindDatabase) throws(AddressListProblem) {
    let records = try database.firstRecords(probes)
    guard !records.isEmpty else { throw .noNetworks }
    var tellsPlace = false
    for record in Set(records) {
      let fields = try database.fields(at: record)
      if NetworkOwner(fields) != nil { return }
      tellsPlace = tellsPlace || NetworkOwner.tellsPlace(fields)
    }
    throw .noOwners(type: database.type, tellsPlace: tellsPlace)
  }

  /// The addresses of the request sample, each once, in their order: no other can become part of a composition.
  static func addresses(of view: TrafficView) -> [AddressBits] {
    var found: Set<AddressBits> = []
    var seen: Set<String> = []
    for service in view.services {
      for stratum in service.sample {
        for request in stratum.requests where seen.insert(request.client).inserted {
          if let bits = ClientAddress.bits(request.client) { found.insert(bits) }
        }
      }
    }
    return found.sorted { left, right in
      left.isSix == right.isSix ? left.bits < right.bits : !left.isSix
    }
  }

  /// The networks of some addresses with their owners.
  static func list(
    _ database: borrowing MaxMindDatabase, name: String, addresses: [AddressBits]
  ) throws(AddressListProblem) -> AddressList {
    var list = AddressList(name: name)
    var numbers: [NetworkOwner: Int] = [:]
    /// By its record, of which many networks share one.
    var owners: [UInt32: Int] = [:]
    var found = 0
    for address in addresses {
      guard let place = try database.place(of: address) else { continue }
      if owners[place.record] == nil {
        let owner = NetworkOwner(try database.fields(at: place.record))
        owners[place.record] = owner.map { number(of: $0, &numbers, &list) } ?? -1
      }
      guard let label = owners[place.record], label >= 0 else { continue }
      found += 1
      let network = address.masked(place.length)
      if let last = list.prefixes.last, last.network == network, last.length == place.length {
        continue
      }
      list.prefixes.append(
        AddressList.Prefix(network: network, length: place.length, label: label))
    }
    list.database = AddressList.Database(
      type: database.type, addresses: addresses.count, found: found)
    return list
  }

  private static func number(
    of owner: NetworkOwner, _ numbers: inout [NetworkOwner: Int], _ list: inout AddressList
  ) -> Int {
    if let known = numbers[owner] { return known }
    let number = list.labels.count
    numbers[owner] = number
    list.labels.append(String(owner.label.prefix(AddressListText.longestLabel)))
    if !owner.isHosting { list.neutral.insert(number) }
    return number
  }
}
