internal import FoundationEssentials
internal import IncidentModel
internal import ReportWriting

/// A list of networks that the user names with `--address-list`.
enum AddressListFile {
  static let mostBytes = 64 << 20

  /// The lists of some files, in the order in which they were named; throws ``RunError/unusableAddressList(path:problem:)``.
  static func read(_ paths: [String]) throws(RunError) -> [AddressList] {
    var lists: [AddressList] = []
    for path in paths { lists.append(try read(path)) }
    return lists
  }

  private static func read(_ path: String) throws(RunError) -> AddressList {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular,
      let bytes = FileManager.default.contents(atPath: path).map({ Array($0) })
    else { throw .unusableAddressList(path: path, problem: .unreadable) }
    guard bytes.count <= mostBytes else {
      throw .unusableAddressList(path: path, problem: .tooLarge)
    }
    guard var list = AddressListText.list(bytes, name: path), !list.prefixes.isEmpty else {
      throw .unusableAddressList(path: path, problem: .noNetworks)
    }
    list.sha256 = HumanSections.digest(of: bytes)
    return list
  }
}

/// Why a file is no list of networks.
package enum AddressListProblem: Hashable, Sendable {
  case unreadable, tooLarge, noNetworks
}
