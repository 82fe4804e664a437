package import IncidentModel

/// The log of the Nomad Autoscaler: hclog text or JSON.
///
/// A policy's lines name no job, so the policy stands for the group.
/// <https://developer.hashicorp.com/nomad/tools/autoscaling>
package enum NomadAutoscaler: CapacityFormat {
  package static let name = "nomad-autoscaler"
  package static let summary = "Nomad Autoscaler, text or JSON"
  package static let example =
    "2018-07-16T18:02:30.462Z [INFO]  policy_eval.worker: scaling target: id=e1 policy_id=p1 "
    + "queue=horizontal target=nomad-target from=10 to=15 reason=\"scaling up because factor is "
    + "1.5\" meta=map[nomad_policy_id:p1]"
  package static let kind = InputKind.capacity
  package static let envelopes: [String] = []
  package static let strictness = 7

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let line = try HclogLine(record, zone: context.zone)
    let stem = FactStem(
      time: line.time, position: context.position, text: clipped(record), source: "nomad",
      identity: "\(line.time.microseconds)|\(line.message.prefix(96).map { $0 }.asText)")
    let events = line.events(stem)
    return events.isEmpty ? .ignored : .events(events)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    guard let line = try? HclogLine(record, zone: .utc) else { return false }
    return line.module.contains("policy_") || line.module.hasPrefix("internal_plugin.")
      || line.message.contains(text: "scaling target")
  }
}

/// `TIME [LEVEL]  module: message: key=value …`, or its JSON form.
private struct HclogLine {
  let time: Instant
  let module: String
  let message: [UInt8]
  private let object: JSONObject?
  /// The pairs behind the message.
  private let pairs: [UInt8]

  init(_ record: Span<UInt8>, zone: ZoneOffsets) throws(LineError) {
    if record.byte(at: 0) == UInt8(ascii: "{") {
      let reason: StaticString = "the object has no @message with its @timestamp"
      let object = try JSONObject(record, naming: ["@message\""], or: reason)
      guard let text = object.text("@message"),
        let time = CapacityStamp.member(object["@timestamp"], zone: zone)
      else { throw LineError(reason, at: 0) }
      self.time = time
      self.object = object
      message = text
      module = object.string("@module") ?? ""
      pairs = []
      return
    }
    object = nil
    var clock = StampClock(zone: zone)
    var cursor = LineCursor(record)
    time = try cursor.isoTime(&clock)
    try cursor.blank("a blank behind the time is missing")
    try cursor.expect(UInt8(ascii: "["), "the level does not stand in brackets")
    try cursor.skip(past: UInt8(ascii: "]"), "the level does not stand in brackets")
    cursor.skipBlanks()
    var words = MessageCursor(
      copied(record.extracting(min(cursor.position, record.count)..<record.count)))
    guard let name = words.text(until: ": ") else {
      throw LineError("the line names no module", at: cursor.position)
    }
    module = name.asText
    var rest = MessageCursor(words.rest)
    message = rest.text(until: ": ") ?? words.rest
    pairs = [0x20] + rest.rest
  }

  private func field(_ name: String) -> [UInt8]? {
    object?[name]?.scalarBytes ?? MessageCursor(pairs).value(of: name)
  }

  private func number(_ name: String) -> Int? {
    field(name).flatMap { JSONObject.Value.text($0).integer }
  }

  func events(_ plain: FactStem) -> [CapacityEvent] {
    let group = field("asg_name") ?? field("policy_id")
    let stem = plain.with(group: group?.asText)
    let why = field("reason") ?? field("error") ?? []
    if has("scaling target"), let from = number("from"), let to = number("to") {
      return stem.decision(from: from, to: to) + capped(why, stem)
    }
    if has("still on cooldown") { return [stem.event(.notTriggered(.stabilisation))] }
    if has("successfully performed and verified scaling out") {
      return [stem.event(.inService, count: number("num") ?? 1)]
    }
    if has("successfully performed and verified scaling in") {
      return [stem.event(.terminated(.scaleIn), count: number("num") ?? 1)]
    }
    if has("unable to scale target") || has("failed to scale target")
      || has("failed to submit scaling action")
    {
      let words = why.isEmpty ? message : why
      return [stem.event(.launchFailed(ProviderReasons.reason(of: words)))]
    }
    if has("failed to run check") || has("failed to query source") {
      return [stem.event(.notTriggered(.metricMissing))]
    }
    if has("target not found") { return [stem.event(.notTriggered(.badTemplate))] }
    if has("skipping scal") || has("scaling will not take place") || has("target not ready") {
      let words = message + (why.isEmpty ? [] : Array(": ".utf8) + why)
      return [stem.event(.notTriggered(FactStem.unknown(words)))]
    }
    return []
  }

  /// `capped count from 20 to 15 to stay within limits`.
  private func capped(_ why: [UInt8], _ stem: FactStem) -> [CapacityEvent] {
    var cursor = MessageCursor(why)
    guard cursor.skip(past: "capped count from "), let wanted = cursor.integer(),
      cursor.take(" to "), let limit = cursor.integer(), limit < wanted
    else { return [] }
    return [stem.event(.limitReached(limit: limit, wanted: wanted), count: wanted - limit)]
  }

  private func has(_ words: String) -> Bool { message.contains(text: words) }
}
