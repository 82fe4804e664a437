internal import CZlib
import FoundationEssentials
internal import IncidentModel
internal import SystemPackage
import Testing

@testable import ArchiveInput

/// A folder of its own for one test, removed with it.
final class Scratch {
  let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/floodmark-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @discardableResult
  func write(_ bytes: [UInt8], _ name: String = "web-1.log") throws -> FoundInput {
    let path = folder + "/" + name
    let parent = FilePath(path).removingLastComponent().string
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
    return FoundInput(name: InputName(file: name), path: FilePath(path), size: bytes.count)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/" + name, withDestinationPath: target)
  }
}

/// One gzip member, made by zlib.
func gzip(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
  var stream = unsafe z_stream()
  var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 200)
  // Safe: the buffers outlive the call of deflate, and the stream does not move meanwhile.
  unsafe deflateInit2_(
    &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, zlibVersion(),
    Int32(MemoryLayout<z_stream>.size))
  var input = bytes
  let count = unsafe input.withUnsafeMutableBufferPointer { source in
    unsafe output.withUnsafeMutableBufferPointer { target in
      unsafe stream.next_in = source.baseAddress
      unsafe stream.avail_in = UInt32(source.count)
      unsafe stream.next_out = target.baseAddress
      unsafe stream.avail_out = UInt32(target.count)
      unsafe deflate(&stream, Z_FINISH)
      return target.count - Int(unsafe stream.avail_out)
    }
  }
  unsafe deflateEnd(&stream)
  return Array(output.prefix(count))
}

/// What a reader made of an input.
struct Reading {
  var bytes: [UInt8] = []
  /// The lines with their offsets and numbers, newlines taken off.
  var lines: [(number: Int, offset: Int, text: [UInt8])] = []
  var cuts: [CutLine] = []
  var lastBlocks = 0
  var end: MemberEnd

  var kinds: [InputProblem.Kind] { end.problems.map(\.kind) }
  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Small blocks: more borders, and less to clear in a debug build.
let smallBlocks: InputLimits = {
  var limits = InputLimits()
  limits.blockBytes = 4 << 10
  limits.readBytes = 4 << 10
  return limits
}()

func read(_ input: FoundInput, _ limits: InputLimits = smallBlocks) async -> Reading {
  let reader = MemberReader(input, limits: limits)
  var reading = Reading(end: MemberEnd(name: input.name))
  var number = 0
  var spare: [UInt8]?
  while let block = await reader.next(recycling: spare.take()) {
    number += block.cutBefore.count
    reading.cuts += block.cutBefore
    reading.lastBlocks += block.isLast ? 1 : 0
    reading.bytes += block.bytes[..<block.count]
    var start = 0
    while start < block.count {
      let end = block.bytes[start..<block.count].firstIndex(of: 10) ?? block.count
      number += 1
      reading.lines.append((number, block.offset + start, Array(block.bytes[start..<end])))
      start = end + 1
    }
    spare = block.bytes
  }
  reading.end = await reader.summary()
  return reading
}

/// Lines that look like requests, without end.
func requests(_ count: Int) -> [UInt8] {
  (0..<count).flatMap { index in
    Array(
      "203.0.113.\(index % 250) - - [16/Jul/2018:19:00:\(index % 50 + 10) +0000] \"GET /cart/\(index) HTTP/1.1\" 200 \(index * 7)\n"
        .utf8)
  }
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
