internal import IncidentModel

/// Reads the dimensions of requests that are kept.
struct DimensionReader: Sendable {
  /// Agents seen of late: signature to row and version. Forgetting costs time only.
  private var agents: [UInt64: (row: UInt8, major: Int16)] = [:]

  /// A sampled request of a candidate, its names interned.
  mutating func entry(
    _ candidate: SampleCandidates.Candidate, _ texts: [UInt8], input: Int, _ names: inout NameTable
  ) -> SampleEntry {
    let record = candidate.record
    let end = candidate.start + candidate.lineCount
    let line = texts.span.extracting(candidate.start..<end)
    let scratch = texts.span.extracting(end..<end + candidate.scratchCount)
    var entry = SampleEntry(
      hash: candidate.hash, digest: Mixer.hash(line), arrival: candidate.arrival,
      duration: max(-1, record.duration), agentSignature: 0, offset: candidate.offset,
      line: candidate.number, input: Int32(truncatingIfNeeded: input), status: record.status,
      weight: SampleLimits.weight(record))
    let target = field(record.target, line, scratch, SampleLimits.look)
    let template = PathTemplate.bytes(of: target)
    entry.template = UInt32(names.intern(template.span))
    if PathTemplate.isAsset(template) { entry.flags.insert(.asset) }
    if record.isShed { entry.flags.insert(.shed) }
    entry.method = intern(record.method, line, scratch, SampleLimits.method, &names)
    entry.client = intern(record.client, line, scratch, SampleLimits.client, &names)
    entry.zone = intern(record.zone, line, scratch, SampleLimits.zone, &names)
    entry.backend = intern(record.backend, line, scratch, SampleLimits.backend, &names)
    let referrer = host(of: field(record.referrer, line, scratch, SampleLimits.referrer))
    entry.referrerHost = UInt32(names.intern(referrer.span))
    let agent = field(record.agent, line, scratch, SampleLimits.agent)
    if !agent.isEmpty {
      entry.agentSignature = Mixer.hash(agent)
      (entry.agentRow, entry.agentMajor) = family(agent, signature: entry.agentSignature)
    }
    return entry
  }

  /// The row and version of an agent whose hash is known.
  mutating func family(_ agent: Span<UInt8>, signature: UInt64) -> (UInt8, Int16) {
    if let known = agents[signature] { return known }
    if agents.count >= 4096 { agents.removeAll(keepingCapacity: true) }
    let found = AgentFamily.classify(agent)
    agents[signature] = found
    return found
  }

  private func intern(
    _ range: TextRange, _ line: Span<UInt8>, _ scratch: Span<UInt8>, _ limit: Int,
    _ names: inout NameTable
  ) -> UInt32 {
    let bytes = field(range, line, scratch, limit)
    if bytes.count == 1, bytes[0] == UInt8(ascii: "-") {
      return UInt32(names.intern(bytes.extracting(0..<0)))
    }
    return UInt32(names.intern(bytes))
  }

  /// A field's first bytes, as far as they were copied.
  @_lifetime(copy line, copy scratch)
  private func field(
    _ range: TextRange, _ line: Span<UInt8>, _ scratch: Span<UInt8>, _ limit: Int
  ) -> Span<UInt8> {
    let low = Int(range.start & ~TextRange.scratchFlag)
    let text = range.start & TextRange.scratchFlag == 0 ? line : scratch
    guard low < text.count else { return text.extracting(0..<0) }
    return text.extracting(low..<min(low + min(Int(range.count), limit), text.count))
  }

  /// The host of a referring URL, in lower case and without port.
  private func host(of referrer: Span<UInt8>) -> [UInt8] {
    var start = 0
    for index in 0..<max(0, min(referrer.count - 2, 12))
    where referrer[index] == UInt8(ascii: ":") && referrer[index + 1] == UInt8(ascii: "/")
      && referrer[index + 2] == UInt8(ascii: "/")
    {
      start = index + 3
      break
    }
    var host: [UInt8] = []
    guard start > 0 else { return host }
    for index in start..<referrer.count {
      let byte = referrer[index]
      if byte == UInt8(ascii: "@") {
        host.removeAll()
        continue
      }
      if [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains(byte) { break }
      host.append(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)
    }
    if let colon = host.lastIndex(of: UInt8(ascii: ":")), host.first != UInt8(ascii: "[") {
      host.removeSubrange(colon...)
    }
    if host.count > SampleLimits.referrerHost { host.removeSubrange(SampleLimits.referrerHost...) }
    return host
  }
}
