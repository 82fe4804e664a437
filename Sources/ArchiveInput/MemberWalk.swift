internal import IncidentModel

/// One stream of text inside a file, however deep.
struct FoundMember {
  /// The members on the way to it, joined by `!`; nil where the file itself is the text.
  var name: String?
  /// The containers on the way to it, from the outside in.
  var containers: [ContainerKind]
  /// Nil where nothing could be opened; the record says why.
  var text: PeekableBytes?
  var record: ReadingRecord
}

/// Goes through a file's members from front to back, into nested containers and out again.
final class MemberWalk {
  private struct Level {
    var members: ArchiveMembers
    /// The archive's own name, nil for the file itself.
    var name: String?
    var containers: [ContainerKind]
    var record: ReadingRecord
  }

  /// A container, or a member that was not read: what is to be said of it.
  struct Note {
    var name: String?
    var containers: [ContainerKind]
    var record: ReadingRecord
  }

  let disk: DiskBytes?
  /// The problems of the file itself.
  let record: ReadingRecord
  private let limits: InputLimits
  private let meter: ExpansionMeter?
  /// What its decoders hold to look back into. Where that found no room, nothing that came is of use.
  let claim: WindowClaim
  /// Goes nowhere but to this member.
  private let wanted: String?
  private var levels: [Level] = []
  private var isBegun = false
  private var entryCount = 0
  /// The file itself is an archive: its problems are told by a note of its own.
  private(set) var isArchive = false
  /// An archive was met that can't be looked through without decompressing all of it.
  private(set) var hasStream = false
  private(set) var notes: [Note] = []

  /// `reserved` bytes of the windows' budget were taken for it.
  init(_ input: FoundInput, limits: InputLimits, progress: ReadProgress?, reserved: Int) {
    self.limits = limits
    claim = WindowClaim(limits.windows, reserved: reserved)
    wanted = input.name.member
    let record = ReadingRecord()
    self.record = record
    disk = DiskBytes(input, record: record, progress: progress)
    meter = disk.map { ExpansionMeter(limits, disk: $0) }
  }

  /// The next text, nil after the last; the one before can't be read any more.
  func next() -> FoundMember? {
    if !isBegun {
      isBegun = true
      if let first = begin() { return first }
    }
    while let level = levels.last, !Task.isCancelled, claim.shortage == nil {
      if meter?.isBroken == true {
        giveUp()
        return nil
      }
      switch level.members.next() {
      case .end: close(levels.removeLast())
      case .encrypted(let name):
        guard leads(to: path(level, name)), count() else { continue }
        let record = ReadingRecord()
        record.add(.encrypted, "it is encrypted; decrypt it and name the plain file instead")
        notes.append(
          Note(name: path(level, name), containers: level.containers, record: record))
      case .member(let name):
        guard leads(to: path(level, name)), count() else { continue }
        if let found = enter(level, name) { return found }
      }
    }
    return nil
  }

  private func begin() -> FoundMember? {
    guard let disk else {
      return FoundMember(name: nil, containers: [], text: nil, record: record)
    }
    // Room for a byte more than a small file has shows its end at once. A length of 0 may be that of a file which the kernel makes up.
    let length = disk.length ?? 0
    let bytes = PeekableBytes(
      disk, refillBytes: length > 0 ? min(limits.readBytes, length + 1) : limits.readBytes)
    let found = descend(bytes, name: nil, containers: [], record: record)
    if let found, bytes.offset == 0, bytes.peek(1).isEmpty, record.problems.isEmpty {
      record.add(.empty, "the file is empty")
      return found
    }
    return found
  }

  private func path(_ level: Level, _ name: String) -> String {
    level.name.map { $0 + "!" + name } ?? name
  }

  private func leads(to path: String) -> Bool {
    guard let wanted else { return true }
    return wanted == path || wanted.hasPrefix(path + "!")
  }

  /// Counts an entry; false beyond the limit, and then the walk is over.
  private func count() -> Bool {
    entryCount += 1
    guard entryCount > limits.maxMembers else { return true }
    record.add(
      .bomb,
      "it holds more than \(count: limits.maxMembers) members; those after them were left out"
    )
    giveUp()
    return false
  }

  private func enter(_ level: Level, _ name: String) -> FoundMember? {
    let record = ReadingRecord()
    let depth = level.containers.count
    var bytes: any ByteLayer = ArchiveMemberBytes(level.members, record: record)
    if let meter { bytes = MeteredBytes(bytes, meter, depth: depth, record: record) }
    return descend(
      PeekableBytes(bytes, refillBytes: ContentID.prefixBytes), name: path(level, name),
      containers: level.containers, record: record)
  }

  /// Opens containers until text comes, or an archive, whose members are then next.
  private func descend(
    _ source: PeekableBytes, name: String?, containers: [ContainerKind], record: ReadingRecord
  ) -> FoundMember? {
    var source = source
    var containers = containers
    while let kind = ContainerKind(of: source) {
      guard containers.count < limits.maxNesting else {
        record.add(
          .tooDeep,
          "more than \(count: limits.maxNesting) containers lie inside each other here; it was left out"
        )
        notes.append(Note(name: name, containers: containers, record: record))
        return nil
      }
      containers.append(kind)
      if kind.isArchive {
        if name == nil { isArchive = true }
        let members = ArchiveMembers(kind, source, record: record, claim: claim)
        if !members.canSkip { hasStream = true }
        levels.append(
          Level(members: members, name: name, containers: containers, record: record))
        return nil
      }
      guard let layer = decompress(kind, source, containers.count, record) else { break }
      source = layer
    }
    if let foreign = ForeignFile(source.peek(ForeignFile.headBytes)) {
      record.add(foreign.problem, foreign.detail)
      notes.append(Note(name: name, containers: containers, record: record))
      return nil
    }
    // A text has no members: what was asked for is not here.
    guard wanted == nil || wanted == name else { return nil }
    return FoundMember(name: name, containers: containers, text: source, record: record)
  }

  private func decompress(
    _ kind: ContainerKind, _ source: PeekableBytes, _ depth: Int, _ record: ReadingRecord
  ) -> PeekableBytes? {
    guard let meter else { return nil }
    let layer: any ByteLayer =
      if let decoder = kind.decoder(head: source.peek(1)) {
        StreamLayer(kind, decoder, source, record: record, claim: claim)
      } else {
        FilterLayer(kind, source, record: record)
      }
    return PeekableBytes(
      MeteredBytes(layer, meter, depth: depth, record: record),
      refillBytes: min(limits.readBytes, ContentID.prefixBytes))
  }

  private func close(_ level: Level) {
    if !level.record.problems.isEmpty || level.name == nil {
      notes.append(
        Note(name: level.name, containers: level.containers, record: level.record))
    }
  }

  private func giveUp() {
    while let level = levels.popLast() { close(level) }
  }
}
