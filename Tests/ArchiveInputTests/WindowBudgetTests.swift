import FloodmarkTestSupport
internal import IncidentModel
import Testing

@testable import ArchiveInput

/// What the decoders of several readers hold together.
struct WindowBudgetTests {
  static let text = Array(repeatElement(requests(200), count: 3).joined())

  /// One frame of zstd in raw blocks, with a window of `1 << log` bytes and no content size: RFC 8878 §3.1.1.
  static func frame(_ text: [UInt8], log: UInt8) -> [UInt8] {
    var bytes: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3]
    var rest = text[...]
    repeat {
      // No block is longer than the window, or than 128 KiB.
      let block = rest.prefix(1 << 10)
      rest = rest.dropFirst(block.count)
      let header = block.count << 3 | (rest.isEmpty ? 1 : 0)
      bytes += [UInt8(header & 0xff), UInt8(header >> 8 & 0xff), UInt8(header >> 16)] + block
    } while !rest.isEmpty
    return bytes
  }

  static func limits(_ bytes: Int) -> InputLimits {
    var limits = smallBlocks
    limits.windows = WindowBudget(bytes: bytes)
    return limits
  }

  @Test func `who comes first is served first, and who waits is not passed by`() async {
    let budget = WindowBudget(bytes: 10)
    #expect(budget.takeNow(6))
    #expect(!budget.takeNow(5))
    await withTaskGroup(of: Int.self) { group in
      group.addTask {
        await budget.take(10)
        budget.giveBack(10)
        return 10
      }
      // What would fit is refused as soon as somebody waits.
      while budget.takeNow(4) {
        budget.giveBack(4)
        await Task.yield()
      }
      group.addTask {
        await budget.take(1)
        budget.giveBack(1)
        return 1
      }
      budget.giveBack(6)
      var served = 0
      for await bytes in group { served += bytes }
      #expect(served == 11)
    }
    #expect(budget.takeNow(10))
  }

  @Test func `many readers share a window and all read everything`() async throws {
    let scratch = try Scratch()
    let limits = Self.limits(5 << 20)
    // Each needs 4 MiB sooner or later: the second frame's is the longer one.
    let bytes =
      Self.frame(Self.text, log: 20) + Self.frame(Self.text, log: 22) + Self.frame([], log: 10)
    let inputs = try (0..<12).map { try scratch.write(bytes, "\($0).zst") }
    let whole = Self.text + Self.text
    await withTaskGroup(of: Reading.self) { group in
      for input in inputs { group.addTask { await readMember(input, limits) } }
      for await reading in group {
        #expect(reading.bytes == whole)
        #expect(reading.kinds.isEmpty)
        #expect(reading.lastBlocks == 1)
      }
    }
    #expect(limits.windows.takeNow(5 << 20), "all was given back")
  }

  @Test func `who must wait amid a member goes on with the very next line`() async throws {
    let scratch = try Scratch()
    let limits = Self.limits(5 << 20)
    // Longer than the look ahead.
    let marked = [0xef, 0xbb, 0xbf] + Self.text + Self.text + Self.text
    let bytes = Self.frame(marked, log: 20) + Self.frame(Self.text, log: 22)
    let input = try scratch.write(bytes)
    let alone = await read(input, limits)
    let hoarder = limits.windows
    #expect(hoarder.takeNow(2 << 20))
    let reader = MemberReader(input, limits: limits)
    var lines: [UInt8] = []
    let first = try #require(await reader.next())
    #expect(first.offset == 3)
    lines += first.bytes[..<first.count]
    let rest = Task {
      var rest: [UInt8] = []
      var count = 0
      while let block = await reader.next() {
        rest += block.bytes[..<block.count]
        count += block.isLast ? 1 : 0
      }
      #expect(count == 1)
      return rest
    }
    // The reader queues up for what is held here.
    while hoarder.takeNow(1) {
      hoarder.giveBack(1)
      await Task.yield()
    }
    hoarder.giveBack(2 << 20)
    lines += await rest.value
    #expect(lines == alone.bytes)
    #expect(await reader.summary() == alone.end)
  }

  @Test func `members behind one that waits keep their names and their order`() async throws {
    let scratch = try Scratch()
    let limits = Self.limits(5 << 20)
    let items = (0..<6).map { index in
      ArchiveItem("\(index).zst", Self.frame(Self.text, log: index == 3 ? 22 : 20))
    }
    let input = try scratch.write(archive(items, as: .tar))
    let alone = await readAll(input, limits)
    await withTaskGroup(of: FileReading.self) { group in
      for _ in 0..<6 { group.addTask { await readAll(input, limits) } }
      for await reading in group {
        #expect(reading.members.map(\.end) == alone.members.map(\.end))
        #expect(reading.members.allSatisfy { $0.bytes == Self.text })
        #expect(reading.end == alone.end)
      }
    }
    await withTaskGroup(of: [String].self) { group in
      for _ in 0..<4 {
        group.addTask { await FileSurvey(input, limits: limits).members.map { "\($0.sketch.id)" } }
      }
      for await ids in group { #expect(Set(ids).count == 1 && ids.count == 6) }
    }
  }

  @Test func `windows inside each other count together and never wait for each other`()
    async throws
  {
    let scratch = try Scratch()
    let limits = Self.limits(5 << 20)
    let nested = Self.frame(Self.frame(Self.text, log: 21), log: 21)
    let inputs = try (0..<8).map { try scratch.write(nested, "\($0).zst.zst") }
    await withTaskGroup(of: Reading.self) { group in
      for input in inputs { group.addTask { await readMember(input, limits) } }
      for await reading in group { #expect(reading.bytes == Self.text) }
    }
    let tooMuch = Self.frame(Self.frame(Self.text, log: 22), log: 21)
    let reading = await readMember(try scratch.write(tooMuch), limits)
    #expect(reading.kinds == [.unreadable])
    #expect(limits.windows.takeNow(5 << 20))
  }

  @Test func `hashes of a member that had to wait are those of one that had not`() async throws {
    let scratch = try Scratch()
    let limits = Self.limits(5 << 20)
    let bytes = Self.frame(Self.text, log: 20) + Self.frame(Self.text, log: 22)
    let input = try scratch.write(bytes)
    let length = Self.text.count + 100
    let alone = await contentHashes(of: input, members: [input.name: [length]], limits: limits)
    await withTaskGroup(of: [InputName: ContentHashes].self) { group in
      for _ in 0..<6 {
        group.addTask {
          await contentHashes(of: input, members: [input.name: [length]], limits: limits)
        }
      }
      for await hashes in group { #expect(hashes == alone) }
    }
  }

  @Test(arguments: [StreamShape.xz, .lzip])
  func `a dictionary counts like a window`(shape: StreamShape) async throws {
    let scratch = try Scratch()
    let input = try scratch.write(compressed(Self.text, as: shape))
    #expect(await readMember(input, Self.limits(32 << 20)).bytes == Self.text)
    let refused = await readMember(input, Self.limits(1 << 20))
    #expect(refused.kinds == [.unreadable])
  }
}
