internal import IncidentModel

extension LineCursor {
  /// A host without its port, in lower case: host names don't know case (RFC 4343).
  func hostName(_ range: Range<Int>, _ context: inout AccessContext) -> TextRange {
    let host = address(in: range)
    if !line.extracting(host).holdsCapital { return text(host) }
    let start = context.scratch.count
    for index in host {
      let byte = line[index]
      context.scratch.append(byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte)
    }
    return TextRange(inScratch: start..<context.scratch.count)
  }
}
