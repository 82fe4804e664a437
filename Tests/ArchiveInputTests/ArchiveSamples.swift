import FloodmarkTestSupport
internal import IncidentModel

@testable import ArchiveInput

/// What a reader made of all members of a file.
struct FileReading {
  var members: [Reading] = []
  var end: FileEnd

  var names: [String] { members.map { $0.end.name.member ?? "" } }
  var texts: [String: String] {
    Dictionary(members.map { ($0.end.name.member ?? "", $0.text) }) { first, _ in first }
  }
  /// All problems with whose they are.
  var problems: [(name: String, kind: InputProblem.Kind)] {
    (members.map(\.end) + end.notes).flatMap { end in
      end.problems.map { (end.name.member ?? "", $0.kind) }
    }
  }
  var kinds: [InputProblem.Kind] { problems.map(\.kind) }
}

/// Reads every member of a file.
func readAll(_ input: FoundInput, _ limits: InputLimits = smallBlocks) async -> FileReading {
  let reader = MemberReader(input, limits: limits)
  var reading = FileReading(end: FileEnd(isArchive: false))
  while let name = await reader.nextMember() {
    var member = Reading(end: MemberEnd(name: name))
    await member.take(reader)
    reading.members.append(member)
  }
  reading.end = await reader.finish()
  return reading
}

/// Reads a file that is one text, without looking at its lines.
func readMember(_ input: FoundInput, _ limits: InputLimits = InputLimits()) async -> Reading {
  var reading = Reading(end: MemberEnd(name: input.name))
  await reading.take(MemberReader(input, limits: limits))
  return reading
}

extension Reading {
  /// The text of the member at hand, without its lines.
  mutating func take(_ reader: MemberReader) async {
    var spare: [UInt8]?
    while let block = await reader.next(recycling: spare.take()) {
      bytes += block.bytes[..<block.count]
      lastBlocks += block.isLast ? 1 : 0
      spare = block.bytes
    }
    end = await reader.summary()
  }
}

/// Three logs, the second in a folder.
let threeLogs: [ArchiveItem] = [
  ArchiveItem("web-1.log", requests(300)),
  ArchiveItem("old/web-2.log", Array(requests(500).dropFirst(4_000))),
  ArchiveItem("asg.json", Array("{\"Activities\": []}\n".utf8)),
]
