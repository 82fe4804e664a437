internal import IncidentModel

/// Clients and their requests as a tally file has them.
extension TrailClient {
  func encode(into file: inout TallyEncoder) {
    switch network {
    case nil: file.byte(0)
    case .four(let bits):
      file.byte(4)
      file.unsigned(UInt64(bits))
    case .six(let bits):
      file.byte(6)
      file.word(bits)
    }
    file.word(agentSignature)
    file.signed(Int64(agentMajor))
    file.byte(agentRow)
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> TrailClient {
    var client = TrailClient()
    switch try file.byte() {
    case 0: client.network = nil
    case 4: client.network = .four(try file.number())
    case 6: client.network = .six(try file.word())
    default: throw file.damage("a kind of address that there is not")
    }
    client.agentSignature = try file.word()
    guard let major = Int16(exactly: try file.signed()) else {
      throw file.damage("a version that is too large")
    }
    client.agentMajor = major
    client.agentRow = try file.agentRow()
    return client
  }
}

extension TrailEvent {
  func encode(into file: inout TallyEncoder) {
    file.signed(arrival.microseconds)
    file.word(url)
    file.word(template)
    file.count(offset)
    file.unsigned(UInt64(line))
    file.inputNumber(input)
    file.count(file.service(Int(service)))
    file.signed(Int64(milliseconds))
    file.unsigned(UInt64(status))
    file.byte(flags.rawValue)
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> TrailEvent {
    let arrival = Instant(microseconds: try file.moment())
    let (url, template) = (try file.word(), try file.word())
    let offset = try file.count()
    let line: UInt32 = try file.number()
    let input = try file.inputNumber()
    let service = Int32(clamping: try file.service())
    guard let milliseconds = Int32(exactly: try file.signed()), milliseconds >= -1 else {
      throw file.damage("a duration that is none")
    }
    return TrailEvent(
      arrival: arrival, url: url, template: template, offset: offset, line: line, input: input,
      service: service, milliseconds: milliseconds, status: try file.number(),
      flags: Flags(rawValue: try file.byte()))
  }
}

extension TallyEncoder {
  mutating func trailRank(_ rank: TrailStore.Rank) {
    word(rank.block)
    signed(rank.arrival)
    count(rank.offset)
    inputNumber(rank.input)
  }
}

extension TallyDecoder {
  mutating func trailRank() throws(TallyDamage) -> TrailStore.Rank {
    TrailStore.Rank(
      block: try word(), arrival: try moment(), offset: try count(), input: try inputNumber())
  }
}
