internal import Crypto
internal import Foundation
internal import IncidentModel
internal import ReportWriting
internal import TrafficTally

/// A file that the user names with `--address-list`: networks that were read, or a database in which addresses are looked up.
enum AddressListFile: Sendable {
  case list(AddressList)
  case database(path: String, sha256: String)

  static let mostBytes = 64 << 20
  /// The greatest that MaxMind sells has a tenth of it.
  static let mostDatabaseBytes = 4 << 30

  /// The files in the order in which they were named; throws ``RunError/unusableAddressList(path:problem:)``.
  static func open(_ paths: [String]) throws(RunError) -> [AddressListFile] {
    var files: [AddressListFile] = []
    for path in paths {
      do {
        files.append(try open(path))
      } catch {
        throw .unusableAddressList(path: path, problem: error)
      }
    }
    return files
  }

  /// The lists of some files for one archive's addresses.
  static func lists(
    _ files: [AddressListFile], for view: TrafficView
  ) throws(RunError) -> [AddressList] {
    var lists: [AddressList] = []
    var addresses: [AddressBits]?
    for file in files {
      switch file {
      case .list(let list): lists.append(list)
      case .database(let path, let sha256):
        let wanted = addresses ?? AddressLookup.addresses(of: view)
        addresses = wanted
        do {
          let database = try MaxMindDatabase(path: path, library: MaxMindLibrary())
          var list = try AddressLookup.list(database, name: path, addresses: wanted)
          list.sha256 = sha256
          lists.append(list)
        } catch {
          throw .unusableAddressList(path: path, problem: error)
        }
      }
    }
    return lists
  }

  private static func open(_ path: String) throws(AddressListProblem) -> AddressListFile {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular,
      let size = (attributes?[.size] as? NSNumber)?.intValue
    else { throw .unreadable }
    if try isDatabase(path, size) {
      guard size <= mostDatabaseBytes else { throw .tooLarge }
      let database = try MaxMindDatabase(path: path, library: MaxMindLibrary())
      try AddressLookup.check(database)
      return .database(path: path, sha256: try digest(path))
    }
    guard !path.lowercased().hasSuffix(".mmdb") else {
      throw .brokenDatabase(.noMetadata)
    }
    guard size <= mostBytes else { throw .tooLarge }
    guard let bytes = FileManager.default.contents(atPath: path).map({ Array($0) }) else {
      throw .unreadable
    }
    guard var list = AddressListText.list(bytes, name: path), !list.prefixes.isEmpty else {
      throw .noNetworks
    }
    list.sha256 = HumanSections.digest(of: bytes)
    return .list(list)
  }

  /// A MaxMind database has its metadata within the last 128 KiB, behind a mark (https://maxmind.github.io/MaxMind-DB/).
  private static func isDatabase(_ path: String, _ size: Int) throws(AddressListProblem) -> Bool {
    let mark = Data([0xab, 0xcd, 0xef]) + Data("MaxMind.com".utf8)
    guard let file = FileHandle(forReadingAtPath: path) else { throw .unreadable }
    do {
      try file.seek(toOffset: UInt64(max(0, size - (128 << 10) - mark.count)))
      let tail = try file.readToEnd() ?? Data()
      return tail.range(of: mark) != nil
    } catch {
      throw .unreadable
    }
  }

  private static func digest(_ path: String) throws(AddressListProblem) -> String {
    var hash = SHA256()
    do {
      guard let file = FileHandle(forReadingAtPath: path) else {
        throw AddressListProblem.unreadable
      }
      while let part = try file.read(upToCount: 1 << 20), !part.isEmpty { hash.update(data: part) }
    } catch {
      throw .unreadable
    }
    return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// Why a file is no list of networks.
package enum AddressListProblem: Error, Hashable, Sendable {
  case unreadable, tooLarge, noNetworks
  /// A MaxMind database, and no libmaxminddb.
  case missingLibrary
  /// A MaxMind database that can't be read.
  case brokenDatabase(DatabaseDamage)
  /// A MaxMind database of which no record tells whose a network is, perhaps where it is.
  case noOwners(type: String, tellsPlace: Bool)
}

/// What is wrong with a MaxMind database.
package enum DatabaseDamage: Hashable, Sendable {
  /// What libmaxminddb itself says.
  case refused(String)
  case noMetadata, treeTooLarge, lostBranch, deepRecord
  case longRecord(most: Int)
}
