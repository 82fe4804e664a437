internal import Crypto
package import IncidentModel
internal import Synchronization

/// Reads one file from front to back, member by member, and hands out their lines in blocks.
///
/// A file that is no archive is one member, which need not be asked for. An input that names a member is that member alone.
/// An actor, so that the caller can write `async let ahead = reader.next()` and parse one block while the next is inflated.
package actor MemberReader {
  package nonisolated let input: FoundInput
  private let limits: InputLimits
  private let progress: ReadProgress?
  private var walk: MemberWalk?
  /// Taken of the windows' budget for the next walk.
  private var reserved = 0
  /// How many members the walk has given.
  private var passed = 0
  /// The member at hand.
  private var member: FoundMember?
  private var blocks: LineBlocks?
  private var transcoder: UTF16Layer?
  /// An array that ``giveBack(_:)`` left for the next block.
  private nonisolated let spare = Mutex<[UInt8]?>(nil)

  /// Opens nothing yet, so that many readers may wait without holding files.
  package init(
    _ input: FoundInput, limits: InputLimits = InputLimits(), progress: ReadProgress? = nil
  ) {
    self.input = input
    self.limits = limits
    self.progress = progress
  }

  /// Goes on to the next member, the first at the first call, and tells its name; nil after the last.
  ///
  /// What was not read of the member before is passed over. Where the file can't be opened, it is told as a member without text.
  package func nextMember() async -> InputName? {
    blocks = nil
    transcoder = nil
    // Its decoders go before the next one's come.
    member = nil
    if walk == nil, input.isStandardInput {
      // It can't be read anew, so it has what it may come to need from the start.
      await limits.windows.take(limits.windows.total)
      reserved = limits.windows.total
    }
    let next = await undisturbed { opened().next() }
    passed += 1
    member = next
    return member.map { InputName(file: input.name.file, member: $0.name) }
  }

  /// The first 64 KiB of the decompressed member, for detection; they come again with ``next(recycling:)``.
  ///
  /// To be asked before the first block.
  package func head() async -> [UInt8] {
    await begin()
    guard blocks == nil else { return [] }
    return await undisturbed {
      Array(member?.text?.peek(ContentID.prefixBytes).prefix(ContentID.prefixBytes) ?? [])
    }
  }

  /// The member's id, from ``head()``; to be asked before the first block.
  package func contentID() async -> ContentID { ContentID(head: await head()) }

  /// Lets lines be as long as a JSON document on one line may be; to be asked before the first block.
  package func allowLines(upTo bytes: Int) async {
    await begin()
    await findBlocks()
    blocks?.state.maxLineBytes = max(limits.maxLineBytes, bytes)
  }

  /// The next block, nil after the last one of the member or once the task is cancelled.
  ///
  /// `spare` is the array of a block that is done with; where nobody else holds it, it is filled without a copy. With
  /// `async let`, whose task holds on to its arguments, ``giveBack(_:)`` is the way that never copies.
  package func next(recycling spare: consuming [UInt8]? = nil) async -> MemberBlock? {
    await begin()
    await findBlocks()
    var spare = spare ?? self.spare.withLock { $0.take() }
    while !Task.isCancelled, let state = blocks?.state {
      let block = blocks?.next(recycling: spare.take())
      if walk?.claim.shortage == nil { return block }
      blocks?.state = state
      await beginAnew()
    }
    return nil
  }

  /// Leaves the array of a block that is done with for the next block to fill.
  package nonisolated func giveBack(_ bytes: consuming [UInt8]) {
    spare.withLock { [bytes] in $0 = bytes }
  }

  /// What is known of the member once ``next(recycling:)`` gave nil.
  ///
  /// Of a file that is no archive it holds the hash too; asked earlier, it reads the rest of the file for that alone.
  package func summary() async -> MemberEnd {
    await begin()
    let walk = opened()
    guard let member else {
      // The file is an archive without a text in it, or without the one that was asked for.
      let end = finish()
      return end.notes.first ?? MemberEnd(name: input.name)
    }
    var end = MemberEnd(name: InputName(file: input.name.file, member: member.name))
    end.container = Self.words(member.containers)
    end.decompressedBytes = member.text?.offset ?? 0
    end.truncatedAt = member.record.truncatedAt
    if !walk.isArchive {
      walk.disk?.drain(chunkBytes: limits.readBytes)
      end.bytesOnDisk = walk.disk?.hashed ?? 0
      end.sha256 = walk.disk?.sha256
    }
    end.problems = member.record.summary + lineProblems()
    return end
  }

  /// What is known of the file once ``nextMember()`` gave nil: its hash, and what its archives have to say.
  package func finish() -> FileEnd {
    let walk = opened()
    walk.disk?.drain(chunkBytes: limits.readBytes)
    var end = FileEnd(isArchive: walk.isArchive)
    end.bytesOnDisk = walk.disk?.hashed ?? 0
    end.sha256 = walk.disk?.sha256
    end.notes = walk.notes.map { note in
      var row = MemberEnd(name: InputName(file: input.name.file, member: note.name))
      row.bytesOnDisk = end.bytesOnDisk
      row.sha256 = end.sha256
      row.container = Self.words(note.containers)
      row.problems = note.record.summary
      return row
    }
    return end
  }

  /// Whether what was met so far can't be looked through without decompressing all of it.
  var hasStream: Bool { opened().hasStream }

  /// Whether the file is an archive, and the names of its notes as far as they are known.
  var noteNames: (isArchive: Bool, names: [InputName]) {
    let walk = opened()
    return (
      walk.isArchive,
      walk.notes.map { InputName(file: input.name.file, member: $0.name) }
    )
  }

  private static func words(_ containers: [ContainerKind]) -> String? {
    containers.isEmpty ? nil : containers.map(\.rawValue).joined(separator: ", ")
  }

  /// Whether there is anything to read from.
  var couldOpen: Bool {
    get async {
      await begin()
      return member?.text != nil
    }
  }

  /// Hashes all decompressed bytes of the member at hand, from the first, and those of its beginnings of the given lengths; nil where nothing could be opened.
  func hashContent(prefixes: [Int] = []) async -> ContentHashes? {
    await begin()
    guard member?.text != nil else { return nil }
    var hashes = ContentHashes()
    var waiting = prefixes.sorted().makeIterator()
    var border = waiting.next()
    var digest = SHA256()
    var chunk = [UInt8](repeating: 0, count: max(1, limits.blockBytes))
    while !Task.isCancelled {
      while let length = border, length <= hashes.length {
        if length == hashes.length { hashes.prefixes[length] = hexadecimal(digest.finalize()) }
        border = waiting.next()
      }
      let room = min(chunk.count, border.map { $0 - hashes.length } ?? chunk.count)
      guard let count = member?.text?.read(room, into: &chunk) else { return nil }
      if walk?.claim.shortage != nil {
        await beginAnew()
        guard member?.text?.pass(hashes.length) == hashes.length else { return nil }
        continue
      }
      // Safe: the pointer is used inside the closure only; `count` is at most the buffer's.
      unsafe chunk.withUnsafeBytes { bytes in
        unsafe digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
      hashes.length += count
      if count == 0 {
        hashes.whole = hexadecimal(digest.finalize())
        return hashes
      }
    }
    return nil
  }

  private func opened() -> MemberWalk {
    if let walk { return walk }
    let walk = MemberWalk(input, limits: limits, progress: progress, reserved: reserved)
    reserved = 0
    self.walk = walk
    return walk
  }

  /// Opens the first member where none was asked for.
  private func begin() async {
    if walk == nil { _ = await nextMember() }
  }

  /// Does a piece of work, and where a window found no room beside those of other readers, waits with nothing in hand and does it once more.
  private func undisturbed<Result>(_ work: () -> Result) async -> Result {
    while true {
      if let result = attempt(work) { return result }
      await beginAnew()
    }
  }

  /// What a piece of work gives, and nothing of it where a window found no room.
  private func attempt<Result>(_ work: () -> Result) -> Result? {
    let result = work()
    return walk?.claim.shortage == nil ? result : nil
  }

  /// Lets go of everything, waits for as much memory as was lacking, and goes back to where the reader was.
  private func beginAnew() async {
    guard let lacking = walk?.claim.shortage else { return }
    let hasMember = member != nil
    let state = blocks?.state
    progress?.add(-(walk?.disk?.hashed ?? 0))
    walk?.claim.letGo()
    (walk, member, blocks, transcoder) = (nil, nil, nil, nil)
    await limits.windows.take(lacking)
    reserved = lacking
    let walk = opened()
    var last: FoundMember?
    for _ in 0..<passed { last = walk.next() }
    guard hasMember else { return }
    member = last
    if let state {
      makeBlocks()
      blocks?.goOn(from: state)
    }
  }

  private func findBlocks() async {
    while blocks == nil, member?.text != nil {
      makeBlocks()
      if walk?.claim.shortage == nil { return }
      (blocks, transcoder) = (nil, nil)
      await beginAnew()
    }
  }

  private func makeBlocks() {
    guard blocks == nil, let text = member?.text, let record = member?.record else { return }
    let head = text.peek(ContentID.prefixBytes).prefix(ContentID.prefixBytes)
    let isWhole = head.count < ContentID.prefixBytes
    let source: any ByteLayer
    switch TextShape(head, isWhole: isWhole) {
    case .plain: source = text
    case .marked:
      text.skip(3)
      source = text
    case .utf16(let isBigEndian):
      text.skip(2)
      let layer = UTF16Layer(text, isBigEndian: isBigEndian)
      transcoder = layer
      source = layer
      record.add(
        .transcoded, "the text is UTF-16; it is read as UTF-8, and offsets count the bytes of that",
        offset: 0)
    case .loneReturns:
      source = LoneReturnLayer(text)
      record.add(
        .carriageReturns, "its lines end in carriage returns alone",
        offset: head.firstIndex(of: UInt8(ascii: "\r")).map { $0 - head.startIndex })
    }
    if head.isEmpty, record.problems.isEmpty {
      record.add(
        .empty,
        member?.containers.last?.isArchive == false ? "nothing is compressed in it" : "it is empty")
    }
    blocks = LineBlocks(
      source, startingAt: transcoder == nil ? text.offset : 0, limits: limits,
      wholeBytes: isWhole && transcoder == nil ? head.count : nil)
  }

  private func lineProblems() -> [InputProblem] {
    var problems: [InputProblem] = []
    if let first = blocks?.state.firstCut, let count = blocks?.state.cutCount {
      problems.append(
        InputProblem(
          kind: .tooLongLine,
          detail:
            "\(count: count) lines are longer than \(count: blocks?.state.maxLineBytes ?? 0) bytes and were left out, the first at byte \(count: first)",
          offset: first))
    }
    if let first = blocks?.state.firstNUL {
      problems.append(
        InputProblem(
          kind: .nulBytes, detail: "there are NUL bytes in it, the first at byte \(count: first)",
          offset: first))
    }
    if let first = transcoder?.firstInvalid ?? blocks?.state.firstInvalid {
      problems.append(
        InputProblem(
          kind: .invalidEncoding,
          detail:
            transcoder == nil
            ? "there are bytes in it that are no UTF-8, the first at byte \(count: first)"
            : "there are bytes in it that are no UTF-16, the first at byte \(count: first) of the file",
          offset: first))
    }
    return problems
  }
}
