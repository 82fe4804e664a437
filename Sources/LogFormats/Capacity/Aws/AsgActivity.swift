internal import IncidentModel

/// One activity: what its Cause decided, and what became of its instance.
struct AsgActivity {
  let object: JSONObject
  let start: Instant
  let position: LogPosition
  let id: String
  let group: String
  let description: [UInt8]
  let cause: [UInt8]
  /// The status that is known from elsewhere: a notification's own says that the instance is on its way.
  let status: String

  init(_ object: JSONObject, start: Instant, position: LogPosition, status: String? = nil) {
    self.object = object
    self.start = start
    self.position = position
    self.status = status ?? object.string("StatusCode") ?? ""
    id = object.string("ActivityId") ?? ""
    group = object.string("AutoScalingGroupName") ?? ""
    description = object.text("Description") ?? []
    cause = object.text("Cause") ?? []
  }

  private var end: Instant { CapacityStamp.member(object["EndTime"]) ?? start }

  private var message: [UInt8] { object.text("StatusMessage") ?? description }

  /// The bytes of a Cause at which the service cuts it.
  private static let causeLimit = 1023

  /// What each sentence `At T …` of the Cause decided, at its own T: the activity itself starts later.
  func decisions(_ record: Span<UInt8>) -> [CapacityEvent] {
    let whole = object.cut(["Cause"], of: record)
    var events: [CapacityEvent] = []
    for (time, sentence, range) in sentences {
      let text = part(range, of: whole)
      let moment = "\(group)|\(time.microseconds)"
      var cursor = MessageCursor(sentence)
      if cursor.skip(past: "constraints to min: "), let low = cursor.integer(),
        cursor.take(", max: "), let high = cursor.integer(), cursor.take(", desired: "),
        let desired = uncut(&cursor)
      {
        let kind = CapacityEvent.Kind.configChanged(minimum: low, maximum: high, desired: desired)
        events.append(
          CapacityEvent(
            time: time, kind: kind.bounded, position: position, text: text, group: group,
            key: "asg-config|\(moment)|\(low)|\(high)|\(desired)"))
      }
      cursor.position = 0
      if cursor.skip(past: "changing the desired capacity from "), let from = cursor.integer(),
        cursor.take(" to "), let to = uncut(&cursor), from != to
      {
        let kind: CapacityEvent.Kind =
          to > from
          ? .scaleOutDecided(from: from, to: to) : .scaleInDecided(from: from, to: to)
        events.append(
          CapacityEvent(
            time: time, kind: kind.bounded, position: position, text: text, group: group,
            count: min(abs(to - from), 1_000_000), key: "asg-decision|\(moment)|\(from)|\(to)"))
      }
    }
    return events
  }

  /// One sentence of the Cause as it stands in the record: a long text is shown shortened, and the sizes must not be what is left out.
  private func part(_ range: Range<Int>, of whole: LogText) -> LogText {
    // Name, separator and quote stand before the text, a quote behind it; an escape in it, and its places are others.
    let start = whole.bytes.count - cause.count - 1
    guard start > 0, whole.bytes[start..<start + cause.count].elementsEqual(cause) else {
      return whole
    }
    let sentence = whole.bytes[start + range.lowerBound..<start + range.upperBound]
    let end = sentence.lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? sentence.endIndex
    return LogText(bytes: Array(sentence[..<end]), kind: whole.kind)
  }

  /// A number that is known to be whole: at the end of a Cause that was cut, it may lack digits.
  private func uncut(_ cursor: inout MessageCursor) -> Int? {
    guard let number = cursor.integer() else { return nil }
    let isCut = cursor.isAtEnd && cause.count >= Self.causeLimit && cause.hasSuffix(cursor.bytes)
    return isCut ? nil : number
  }

  private var sentences: [(time: Instant, text: [UInt8], range: Range<Int>)] {
    var found: [(time: Instant, start: Int, mark: Int)] = []
    var cursor = MessageCursor(cause)
    while found.count < 32, let mark = cursor.place(of: "At ") {
      cursor.position = mark + 3
      if let stamp = CapacityStamp.iso(Array(cause[cursor.position...].prefix(40))) {
        found.append((stamp.time, cursor.position + stamp.count, mark))
      }
    }
    return found.indices.map { index in
      let end = index + 1 < found.count ? found[index + 1].mark : cause.count
      return (
        found[index].time, Array(cause[min(found[index].start, end)..<end]), found[index].mark..<end
      )
    }
  }

  func addInstanceEvents(to events: inout [CapacityEvent], _ record: Span<UInt8>) {
    let isLaunch =
      description.contains(text: "Launching a new EC2 instance")
      || description.contains(text: "Could not launch")
    if isLaunch {
      // An instance of a warm pool serves nobody.
      if !description.contains(text: "into warm pool") { addLaunch(to: &events, record) }
      return
    }
    // What was not done changed nothing.
    guard status != "Failed", status != "Cancelled" else { return }
    let lower = description.lowercasedASCII
    if lower.contains(text: "terminating ec2 instance") {
      events.append(event(.terminated(terminationReason), "terminated", start, record))
    } else if lower.contains(text: "out of standby") || lower.contains(text: "attaching") {
      if status == "Successful" { events.append(event(.inService, "inService", end, record)) }
    } else if lower.contains(text: "standby") || lower.contains(text: "detaching") {
      let reason = CapacityEvent.Reason.unknown(LogText(bytes: description, kind: .message))
      events.append(event(.terminated(reason), "terminated", start, record))
    }
  }

  private func addLaunch(to events: inout [CapacityEvent], _ record: Span<UInt8>) {
    switch status {
    case "Failed", "Cancelled":
      let reason = ProviderReasons.reason(of: message)
      // A launch that was given up ran, and served nobody, until then.
      let time = status == "Cancelled" ? end : start
      events.append(event(.launchFailed(reason), "launchFailed", time, record))
    case "Successful":
      events.append(event(.launchStarted, "launchStarted", start, record))
      events.append(event(.inService, "inService", end, record))
    default: events.append(event(.launchStarted, "launchStarted", start, record))
    }
  }

  private var terminationReason: CapacityEvent.Reason {
    var cursor = MessageCursor(cause.lowercasedASCII)
    if let place = cursor.place(of: "taken out of service") { cursor.position = place }
    let why = cursor.rest
    let isUnhealthy =
      why.contains(text: "health check") || why.contains(text: "health-check")
      || why.contains(text: "status check failure") || why.contains(text: "unhealthy")
    if isUnhealthy { return .unhealthy }
    if why.contains(text: "scheduled reboot") { return unknownCause }
    if why.contains(text: "rebalance") || why.contains(text: "spot ") { return .spotReclaimed }
    let isScaleIn =
      why.contains(text: "difference between desired and actual capacity")
      || why.contains(text: "user request")
    return isScaleIn ? .scaleIn : unknownCause
  }

  private var unknownCause: CapacityEvent.Reason {
    .unknown(LogText(bytes: cause.isEmpty ? description : cause, kind: .message))
  }

  private func event(
    _ kind: CapacityEvent.Kind, _ word: String, _ time: Instant, _ record: Span<UInt8>
  ) -> CapacityEvent {
    let proof: [String]
    switch kind {
    case .launchFailed: proof = ["StatusMessage"]
    case .terminated: proof = ["Description", "Cause", "StartTime"]
    case .launchStarted: proof = ["Description", "StartTime"]
    default: proof = ["Description", "EndTime", "StatusCode"]
    }
    var text = object.cut(proof, of: record)
    if text.bytes.isEmpty { text = object.cut(["Description", "StatusCode"], of: record) }
    return CapacityEvent(
      time: time, kind: kind.bounded, position: position, text: text, group: group, zone: zone,
      instance: instance, key: key(word))
  }

  /// An instance is launched once in its life, whichever log tells it; other steps are told apart by the activity.
  private func key(_ word: String) -> String {
    let isLaunch = description.contains(text: "Launching a new EC2 instance")
    if isLaunch, let instance, word == "launchStarted" { return Self.launchKey(instance) }
    return "asg|\(id)|\(word)"
  }

  /// The key of the launch of an EC2 instance, the same in every log that tells it.
  static func launchKey(_ instance: String) -> String { "ec2|\(instance)|launchStarted" }

  /// `i-…` of the description.
  private var instance: String? {
    var cursor = MessageCursor(description)
    guard cursor.skip(past: ": i-") || cursor.skip(past: "instance i-") else { return nil }
    cursor.position -= 2
    let id = cursor.word().prefix { $0 == UInt8(ascii: "-") || isDigit($0) || isLetter($0) }
    return id.count > 2 ? Array(id.prefix(64)).asText : nil
  }

  /// The zone of the Details, else the first name like `(us-east-1a)` in the texts.
  private var zone: String? {
    if let details = object.text("Details") {
      let zone = JSONObject(lenient: details).string("Availability Zone")
      if let zone { return zone }
    }
    if let zone = object.object("Details")?.string("Availability Zone") { return zone }
    return Self.zone(in: message) ?? Self.zone(in: description)
  }

  static func zone(in text: [UInt8]) -> String? {
    var cursor = MessageCursor(text)
    while cursor.skip(past: "(") {
      guard let inner = MessageCursor(text, at: cursor.position).place(of: ")") else { return nil }
      let name = Array(text[cursor.position..<inner])
      let dashes = name.count { $0 == UInt8(ascii: "-") }
      let isName = name.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
      if isName, dashes >= 2, name.count <= 40, let last = name.last, isLetter(last),
        isDigit(name[name.count - 2])
      {
        return name.asText
      }
    }
    return nil
  }
}

extension [UInt8] {
  fileprivate func hasSuffix(_ other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}
