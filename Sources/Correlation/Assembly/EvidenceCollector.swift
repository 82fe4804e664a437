internal import IncidentModel
internal import TrafficTally

/// Takes the lines that statements cite, and numbers them by (time, file, member, line) once all are known.
///
/// While the analysis is made an id is the order of citing; ``finish(_:inputs:)`` gives the lasting one, so that the same
/// lines get the same ids whatever was asked first. It lives within one call of the analysis on one thread.
final class EvidenceCollector {
  private var pieces: [Evidence] = []
  /// One object may prove a decision by one of its texts and a failed launch by another: each is a piece of its own.
  private struct Key: Hashable {
    var position: LogPosition
    var quote: LogText
  }

  private var known: [Key: Int] = [:]

  /// The id of an event's line. The time is the event's own on the report's clock.
  func cite(_ event: CapacityEvent) -> EvidenceID {
    cite(
      position: event.position, time: event.time, precision: event.precisionSeconds,
      quote: event.text, isAccess: false)
  }

  /// The id of an access line.
  func cite(_ exemplar: Exemplar) -> EvidenceID {
    cite(
      position: exemplar.position, time: exemplar.arrival, precision: 1, quote: exemplar.text,
      isAccess: true)
  }

  /// The id of a request of the sample; nil where its line is not kept.
  func cite(_ request: SampledRequest) -> EvidenceID? {
    request.text.map {
      cite(
        position: request.position, time: request.arrival, precision: 1, quote: $0, isAccess: true)
    }
  }

  private func cite(
    position: LogPosition, time: Instant, precision: Int, quote: LogText, isAccess: Bool
  ) -> EvidenceID {
    let key = Key(position: position, quote: quote)
    if let index = known[key] {
      // One text may tell a launch and its arrival: the earlier time stands, whichever was cited first.
      pieces[index].time = min(pieces[index].time, time)
      return EvidenceID(index + 1)
    }
    known[key] = pieces.count
    pieces.append(
      Evidence(
        id: EvidenceID(pieces.count + 1), position: position, time: time,
        precisionSeconds: precision, quote: quote, isAccess: isAccess))
    return EvidenceID(pieces.count)
  }

  /// Keeps the pieces that the analysis cites and gives them their numbers.
  func finish(_ analysis: inout Analysis) {
    var cited: Set<EvidenceID> = []
    analysis.mapEvidence { id in
      cited.insert(id)
      return id
    }
    let names = analysis.inputs.map(\.name)
    func name(_ input: Int) -> InputName {
      names.indices.contains(input) ? names[input] : InputName(file: "")
    }
    let kept = pieces.filter { cited.contains($0.id) }.sorted { left, right in
      if left.time != right.time { return left.time < right.time }
      let names = (name(left.position.input), name(right.position.input))
      if names.0 != names.1 { return names.0 < names.1 }
      if left.position != right.position { return left.position < right.position }
      return left.quote.bytes.lexicographicallyPrecedes(right.quote.bytes)
    }
    var numbers: [EvidenceID: EvidenceID] = [:]
    analysis.evidence = kept.enumerated().map { index, piece in
      var numbered = piece
      numbered.id = EvidenceID(index + 1)
      numbers[piece.id] = numbered.id
      return numbered
    }
    analysis.mapEvidence { numbers[$0] ?? $0 }
  }
}

extension Analysis {
  /// Changes every id that the analysis cites, wherever it stands.
  mutating func mapEvidence(_ change: (EvidenceID) -> EvidenceID) {
    func each(_ ids: inout [EvidenceID]) { ids = ids.map(change) }
    for index in spikes.indices {
      each(&spikes[index].evidence)
      for part in spikes[index].composition.parts.indices {
        each(&spikes[index].composition.parts[part].evidence)
      }
    }
    for index in incidents.indices {
      each(&incidents[index].evidence)
      incidents[index].phases.mapEvidence(change)
      for other in incidents[index].others.indices {
        each(&incidents[index].others[other].evidence)
      }
      for finding in incidents[index].findings.indices {
        incidents[index].findings[finding].mapEvidence(change)
      }
    }
    for index in capacity.indices { capacity[index].mapEvidence(change) }
    for index in timeline.indices { each(&timeline[index].evidence) }
    for index in openQuestions.indices { each(&openQuestions[index].evidence) }
  }
}

extension Phases {
  fileprivate mutating func mapEvidence(_ change: (EvidenceID) -> EvidenceID) {
    decisionProof = decisionProof.map(change)
    launchProof = launchProof.map(change)
    inServiceProof = inServiceProof.map(change)
  }
}

extension Finding {
  fileprivate mutating func mapEvidence(_ change: (EvidenceID) -> EvidenceID) {
    for index in supporting.indices {
      supporting[index].evidence = supporting[index].evidence.map(change)
    }
    for index in opposing.indices {
      opposing[index].evidence = opposing[index].evidence.map(change)
    }
  }
}

extension CapacityAccount {
  fileprivate mutating func mapEvidence(_ change: (EvidenceID) -> EvidenceID) {
    maximumSource = maximumSource.map(change)
    for index in steps.indices { steps[index].evidence = steps[index].evidence.map(change) }
    for index in refusals.indices {
      refusals[index].evidence = refusals[index].evidence.map(change)
    }
    for index in scaleOuts.indices {
      scaleOuts[index].evidence = scaleOuts[index].evidence.map(change)
    }
  }
}
