internal import CMaxMind
internal import IncidentModel

/// libmaxminddb, opened at run time where the machine has it.
struct MaxMindLibrary {
  /// Under these names the loader finds it, Debian's first.
  static let names = ["libmaxminddb.so.0", "libmaxminddb.0.dylib"]

  // A table of C functions, filled before it is stored and never changed.
  fileprivate var table: maxmind_library

  /// nil: none of the names leads to the library.
  init?(names: [String] = Self.names) {
    var table = maxmind_library()
    // `names` are lent as C strings for the call, and so is the table.
    guard names.contains(where: { name in unsafe maxmind_load(name, &table) }) else { return nil }
    self.table = table
  }
}

/// A MaxMind database (https://maxmind.github.io/MaxMind-DB/) that stays mapped until its owner goes.
///
/// The library decodes one value at a time and never descends by itself: how deep and how long a record may be is settled here.
@safe
struct MaxMindDatabase: ~Copyable {
  // Both live as long as this value; the library keeps pointers to the second.
  private let functions: UnsafeMutablePointer<maxmind_library>
  private let database: UnsafeMutablePointer<MMDB_s>
  /// What the database calls itself: `GeoLite2-ASN`.
  let type: String

  /// Values of one record that are looked at; the richest of MaxMind's have some hundred.
  static let mostValues = 4096
  static let deepest = 16
  static let longestText = 256

  /// Maps a file; throws why it can not be used.
  init(path: String, library found: MaxMindLibrary?) throws(AddressListProblem) {
    guard let found else { throw .missingLibrary }
    let functions = UnsafeMutablePointer<maxmind_library>.allocate(capacity: 1)
    unsafe functions.initialize(to: found.table)
    let database = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
    unsafe database.initialize(to: MMDB_s())
    // 1 is MMDB_MODE_MMAP. Both pointers are valid, and the path is lent for the call.
    let error = unsafe functions.pointee.open(path, 1, database)
    var problem: DatabaseDamage? = unsafe error == 0 ? nil : Self.damage(error, functions)
    if problem == nil, unsafe !Self.holdsTree(database.pointee) {
      unsafe functions.pointee.close(database)
      problem = .treeTooLarge
    }
    if let problem {
      unsafe database.deallocate()
      unsafe functions.deallocate()
      throw .brokenDatabase(problem)
    }
    // A C string of the library's own, if the metadata has one.
    let type = unsafe database.pointee.metadata.database_type
    self.type = unsafe type.map { unsafe String(decoding: Self.text($0), as: UTF8.self) } ?? ""
    unsafe self.functions = unsafe functions
    unsafe self.database = unsafe database
  }

  /// The library computes the tree's size in 32 bits.
  private static func holdsTree(_ database: MMDB_s) -> Bool {
    let (size, isTooLarge) = unsafe UInt64(database.metadata.node_count)
      .multipliedReportingOverflow(by: UInt64(database.full_record_byte_size))
    return unsafe !isTooLarge && size > 0 && size < UInt64(max(0, database.file_size))
  }

  deinit {
    // Opened in `init`, closed once.
    unsafe functions.pointee.close(database)
    unsafe database.deallocate()
    unsafe functions.deallocate()
  }

  private static func damage(
    _ error: Int32, _ functions: UnsafeMutablePointer<maxmind_library>
  ) -> DatabaseDamage {
    // The library's words for an error are constants.
    guard let words = unsafe functions.pointee.words(error) else {
      return .refused("error \(error)")
    }
    return unsafe .refused(String(cString: words))
  }

  private static func text(_ start: UnsafePointer<CChar>) -> [UInt8] {
    // Ends with a NUL, as the library promises of what it copied.
    var bytes: [UInt8] = []
    while bytes.count < longestText, case let byte = unsafe start[bytes.count], byte != 0 {
      bytes.append(UInt8(bitPattern: byte))
    }
    return bytes
  }

  // MARK: The tree

  /// Where the record of an address stands, and of how many leading bits; nil where it has none.
  func place(
    of address: AddressBits
  ) throws(AddressListProblem) -> (record: UInt32, length: Int)? {
    // The pointers live as long as this value.
    let found = unsafe maxmind_find(functions, database, address.bits, address.isSix)
    if found.error == Int32(maxmind_six_in_four) { return nil }
    guard found.error == 0 else {
      throw unsafe .brokenDatabase(Self.damage(found.error, functions))
    }
    guard found.found else { return nil }
    // In a tree of IPv6 the addresses of IPv4 stand below ::/96.
    let isWide = unsafe database.pointee.depth == 128
    let above = !address.isSix && isWide ? 96 : 0
    return (found.offset, max(0, min(address.limit, Int(found.length) - above)))
  }

  /// The first records of the tree, from left to right.
  func firstRecords(_ most: Int) throws(AddressListProblem) -> [UInt32] {
    var found: [UInt32] = []
    var open: [UInt32] = [0]
    var visits = 0
    while let number = open.popLast(), found.count < most, visits < 100_000 {
      visits += 1
      // The pointers live as long as this value.
      let node = unsafe maxmind_branch(functions, database, number)
      guard node.error == 0 else {
        throw unsafe .brokenDatabase(Self.damage(node.error, functions))
      }
      for record in [node.right, node.left] {
        switch Int(record.type) {
        case maxmind_search_node:
          if let next = UInt32(exactly: record.number) { open.append(next) }
        case maxmind_data: found.append(record.offset)
        case maxmind_empty: break
        default: throw .brokenDatabase(.lostBranch)
        }
      }
    }
    return found
  }

  // MARK: Records

  /// The plain values of a record and of the maps right inside it, by their keys; `outer.inner` of the latter.
  func fields(at record: UInt32) throws(AddressListProblem) -> [String: Field] {
    var fields: [String: Field] = [:]
    var left = Self.mostValues
    try readMap(at: record, prefix: "", &fields, &left)
    return fields
  }

  enum Field: Hashable, Sendable {
    case text(String)
    case number(UInt64)
    case flag(Bool)
  }

  private func value(
    at offset: UInt32, _ left: inout Int
  ) throws(AddressListProblem) -> maxmind_value {
    left -= 1
    guard left > 0 else {
      throw .brokenDatabase(.longRecord(most: Self.mostValues))
    }
    // The pointers live as long as this value, and so does what the answer points to.
    let value = unsafe maxmind_read(functions, database, offset)
    guard unsafe value.error == 0 else {
      throw unsafe .brokenDatabase(Self.damage(value.error, functions))
    }
    return unsafe value
  }

  private func readMap(
    at offset: UInt32, prefix: String, _ fields: inout [String: Field], _ left: inout Int
  ) throws(AddressListProblem) {
    let map = unsafe try value(at: offset, &left)
    guard unsafe map.type == UInt32(maxmind_map) else { return }
    var next = unsafe map.inner
    for _ in 0..<(unsafe map.size) {
      let key = unsafe try value(at: next, &left)
      let name = unsafe prefix + (Self.string(key) ?? "")
      let place = unsafe key.next
      let field = unsafe try value(at: place, &left)
      if let plain = unsafe Self.plain(field) { fields[name] = plain }
      if unsafe prefix.isEmpty && field.type == UInt32(maxmind_map) {
        try readMap(at: place, prefix: name + ".", &fields, &left)
      }
      next = try end(of: place, depth: 0, &left)
    }
  }

  /// Where what follows a value stands.
  private func end(
    of offset: UInt32, depth: Int, _ left: inout Int
  ) throws(AddressListProblem) -> UInt32 {
    guard depth < Self.deepest else { throw .brokenDatabase(.deepRecord) }
    let value = unsafe try value(at: offset, &left)
    let isMap = unsafe value.type == UInt32(maxmind_map)
    let isArray = unsafe value.type == UInt32(maxmind_array)
    // What stands behind a pointer is not passed over.
    guard isMap || isArray, unsafe !value.is_behind_pointer else { return unsafe value.next }
    var next = unsafe value.inner
    for _ in 0..<(unsafe value.size) {
      next = try end(of: next, depth: depth + 1, &left)
      if isMap { next = try end(of: next, depth: depth + 1, &left) }
    }
    return next
  }

  private static func plain(_ value: maxmind_value) -> Field? {
    switch unsafe Int(value.type) {
    case maxmind_string: unsafe string(value).map { .text($0) }
    case maxmind_boolean: unsafe .flag(value.number != 0)
    case 5, 6, 9: unsafe .number(value.number)
    default: nil
    }
  }

  private static func string(_ value: maxmind_value) -> String? {
    guard unsafe value.type == UInt32(maxmind_string), let start = unsafe value.text else {
      return nil
    }
    // The library checked that `size` bytes stand there.
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(min(value.size, 256)))
    return unsafe String(decoding: bytes, as: UTF8.self)
  }
}
