internal import IncidentModel

/// What surrounds a message of the cluster-autoscaler.
struct AutoscalerFrame {
  var time: Instant
  var lacksYear: Bool
  var context: CapacityContext
  var text: LogText

  func event(
    _ kind: CapacityEvent.Kind, group: String? = nil, instance: String? = nil, count: Int = 1,
    key: String
  ) -> CapacityEvent {
    CapacityEvent(
      time: time, kind: kind.bounded, position: context.position, text: text,
      lacksYear: lacksYear, group: group, instance: instance,
      count: max(1, min(count, 1_000_000)), key: key)
  }

  /// The same line in a second copy of the log has the same microsecond.
  func key(_ word: String, _ group: String? = nil) -> String {
    "ca-\(word)|\(group ?? "")|\(time.microseconds)"
  }
}

/// A message of the cluster-autoscaler, told by its words (releases 0.5 … 1.37).
struct AutoscalerMessage {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes.trimmed }

  /// Messages that tell no fact about capacity and still are this program's own.
  private static let silent = [
    "No unschedulable pods", "Best option to resize: ", "Splitting scale-up between ",
    "Cluster Autoscaler ", "Starting main loop", "Calculating unneeded nodes",
    "Scale-up: group ", "Upcoming ", "Skipping node group ", "Node group ",
    "No candidates for scale down", "Scale down status: ",
  ]

  /// Whether no other program writes this.
  var isOwn: Bool {
    let cursor = MessageCursor(bytes)
    if Self.silent.contains(where: { cursor.place(of: $0) == 0 }) { return true }
    if cursor.place(of: " is unneeded since ") != nil { return true }
    if cursor.place(of: "Pod ") == 0, cursor.place(of: " is unschedulable") != nil { return true }
    if cursor.place(of: " nodes needed in ") != nil { return true }
    if cursor.place(of: " other pods are also unschedulable") != nil { return true }
    var memory = CapacityMemory()
    let frame = AutoscalerFrame(
      time: Instant(seconds: 0), lacksYear: true,
      context: CapacityContext(position: LogPosition(input: 0, line: 0, offset: 0)),
      text: LogText(bytes: [], kind: .line))
    return !events(frame, &memory).isEmpty
  }

  func events(_ frame: AutoscalerFrame, _ memory: inout CapacityMemory) -> [CapacityEvent] {
    var cursor = MessageCursor(bytes)
    if cursor.take("Best option to resize: ") {
      memory.group = cursor.word().asText
      return []
    }
    if cursor.take("Estimated "), cursor.skip(past: " nodes needed in ") {
      memory.group = cursor.word().asText
      return []
    }
    return plan(frame, &memory) ?? limit(frame, memory) ?? failure(frame, &memory)
      ?? restraint(frame, &memory) ?? scaleIn(frame, &memory) ?? []
  }

  /// `Final scale-up plan: [{G A->B (max: C)} …]` and the setting of sizes that follows it.
  private func plan(
    _ frame: AutoscalerFrame, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    var cursor = MessageCursor(bytes)
    if cursor.take("Final scale-up plan: ") {
      var events: [CapacityEvent] = []
      while events.count < 128, cursor.skip(past: "{") {
        let group = cursor.word().asText
        guard cursor.take(" "), let from = cursor.integer(), cursor.take("->"),
          let to = cursor.integer()
        else { continue }
        memory.remember(size: from, of: group)
        events.append(
          frame.event(
            .scaleOutDecided(from: from, to: to), group: group, count: to - from,
            key: frame.key("plan", group)))
        if cursor.take(" (max: "), let most = cursor.integer() {
          events.append(
            frame.event(
              .observed(desired: nil, ready: nil, maximum: most), group: group,
              key: frame.key("max", group)))
        }
      }
      return events
    }
    guard cursor.take("Scale-up: setting group ") else { return nil }
    let group = cursor.word().asText
    guard cursor.take(" size to "), let to = cursor.integer() else { return [] }
    var before = memory.sizes[group]
    if cursor.take(" instead of "), let stated = cursor.integer() { before = stated }
    memory.remember(size: to, of: group)
    guard let before else {
      return [
        frame.event(
          .scaleOutDecided(from: nil, to: to), group: group, key: frame.key("size", group))
      ]
    }
    // A size that was set already starts nothing.
    guard to > before else { return [] }
    return [
      frame.event(
        .launchStarted, group: group, count: to - before, key: frame.key("size", group))
    ]
  }

  /// What held a scale-up back. Of lines that speak of nodes to add, limit and wanted are those increments.
  private func limit(_ frame: AutoscalerFrame, _ memory: CapacityMemory) -> [CapacityEvent]? {
    var cursor = MessageCursor(bytes)
    func reached(_ limit: Int?, _ wanted: Int?, _ group: String?) -> [CapacityEvent] {
      let count = if let limit, let wanted, wanted > limit { wanted - limit } else { 1 }
      return [
        frame.event(
          .limitReached(limit: limit, wanted: wanted), group: group, count: count,
          key: frame.key("limit", group))
      ]
    }
    if cursor.take("Can only add "), let room = cursor.integer(),
      cursor.take(" nodes due to node group limits, need "), let wanted = cursor.integer()
    {
      return reached(room, wanted, memory.group)
    }
    if cursor.take("Capping size to max cluster total size (") {
      return reached(cursor.integer(), nil, nil)
    }
    if cursor.take("Max total nodes in cluster reached: ") {
      return reached(cursor.integer(), nil, nil)
    }
    if cursor.take("Only "), let room = cursor.integer(), cursor.take(" nodes can be added to ") {
      let group = cursor.word().asText
      return cursor.take(" due to resource quotas") ? reached(room, nil, group) : nil
    }
    if cursor.take("Capping scale-up of ") {
      let group = cursor.word().asText
      guard cursor.take(" from "), let wanted = cursor.integer(), cursor.take(" to "),
        let room = cursor.integer()
      else { return [] }
      return reached(room, wanted, group)
    }
    if cursor.take("Skipping node group ") {
      let group = cursor.word().asText
      return cursor.take(" - max size reached") ? reached(nil, nil, group) : []
    }
    return nil
  }

  /// Nodes that were ordered and did not come.
  private func failure(
    _ frame: AutoscalerFrame, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    var cursor = MessageCursor(bytes)
    if cursor.take("Scale-up timed out for node group ") {
      let group = cursor.word().asText
      return [
        frame.event(.launchFailed(.timeout), group: group, key: frame.key("timeout", group))
      ]
    }
    if cursor.take("Failed adding "), let all = cursor.integer(), cursor.take(" nodes (") {
      return failedAdding(all, cursor, frame, &memory)
    }
    if cursor.take("Found "), let count = cursor.integer(),
      cursor.take(" instances with errorCode ")
    {
      let code = cursor.word()
      guard cursor.take(" in nodeGroup ") else { return [] }
      let group = cursor.word().asText
      // Written anew in every loop while the instances last.
      let stretch = floorDivide(frame.time.seconds, 300)
      return [
        frame.event(
          .launchFailed(Self.reason(code: code, message: [])), group: group, count: count,
          key: "ca-found|\(group)|\(code.asText)|\(count)|\(stretch)")
      ]
    }
    if cursor.take("Removing unregistered node ") {
      let node = cursor.word().asText
      return [
        frame.event(
          .launchFailed(.timeout), instance: node, key: frame.key("unregistered", node))
      ]
    }
    if cursor.take("Removing "), let count = cursor.integer(),
      cursor.take(" unregistered nodes for node group ")
    {
      let group = cursor.word().asText
      return [
        frame.event(
          .launchFailed(.timeout), group: group, count: count,
          key: frame.key("unregistered", group))
      ]
    }
    return createErrors(frame, &memory)
  }

  /// `M unseen previously) to group G due to C.E; errorMessages=…`; the M were not told before.
  private func failedAdding(
    _ all: Int, _ start: MessageCursor, _ frame: AutoscalerFrame, _ memory: inout CapacityMemory
  ) -> [CapacityEvent] {
    var cursor = start
    guard let unseen = cursor.integer(), cursor.take(" unseen previously) to group ") else {
      return []
    }
    let group = cursor.word().asText
    guard unseen > 0, cursor.take(" due to ") else { return [] }
    let code = cursor.word()
    let reason = Self.reason(code: code, message: cursor.rest)
    memory.remember(failureAt: frame.time, of: group)
    return [
      frame.event(
        .launchFailed(reason), group: group, count: unseen, key: frame.key("failed", group))
    ]
  }

  private func createErrors(
    _ frame: AutoscalerFrame, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    var cursor = MessageCursor(bytes)
    let unknown = CapacityEvent.Reason.unknown(LogText(bytes: bytes, kind: .message))
    if cursor.take("Deleting "), let count = cursor.integer(), cursor.take(" from ") {
      let group = cursor.word().asText
      guard cursor.take(" node group because of create errors") else { return nil }
      // The clearing up after a failure that was told with its code is no second failure.
      if let told = memory.failures[group], abs(frame.time.seconds(since: told)) < 600 {
        return []
      }
      return [
        frame.event(
          .launchFailed(unknown), group: group, count: count, key: frame.key("deleted", group))
      ]
    }
    if cursor.take("Failed to scale up: ") {
      let reason = ProviderReasons.reason(of: cursor.rest)
      return [frame.event(.launchFailed(reason), key: frame.key("scale-up"))]
    }
    if let group = azureGroup() {
      memory.remember(failureAt: frame.time, of: group)
      return [
        frame.event(
          .launchFailed(ProviderReasons.reason(of: bytes)), group: group,
          key: frame.key("vmss", group))
      ]
    }
    if cursor.take("Failed to refresh cloud provider config: ") {
      return [frame.event(.note, key: frame.key("refresh"))]
    }
    return nil
  }

  /// The scale set whose size Azure refused to raise.
  private func azureGroup() -> String? {
    var cursor = MessageCursor(bytes)
    if cursor.skip(past: "updateVMSSCapacity for scale set ") {
      let group = cursor.word().filter { $0 != UInt8(ascii: "\"") }.asText
      return cursor.take(" failed") ? group : nil
    }
    guard cursor.take("Failed to update the capacity for vmss ") else { return nil }
    let group = cursor.word().asText
    return cursor.take(" with error") ? group : nil
  }

  /// `C.E`: the class C holds several reasons, only the code E tells which.
  static func reason(code: [UInt8], message: [UInt8]) -> CapacityEvent.Reason {
    var cursor = MessageCursor(code)
    let inner = cursor.skip(past: ".") ? cursor.rest : code
    if let reason = ProviderReasons.known(inner.lowercasedASCII) { return reason }
    if let reason = ProviderReasons.known(message.lowercasedASCII) { return reason }
    return .unknown(LogText(bytes: Array((code + message).prefix(1024)), kind: .message))
  }

  /// The scaler looked and did nothing, or waits.
  private func restraint(
    _ frame: AutoscalerFrame, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    var cursor = MessageCursor(bytes)
    let unknown = CapacityEvent.Reason.unknown(LogText(bytes: bytes, kind: .message))
    if cursor.take("No expansion options")
      || cursor.take("Not attempting scale-up due to all-or-nothing strategy")
    {
      return [frame.event(.notTriggered(unknown), key: frame.key("held"))]
    }
    if cursor.take("Cluster is not ready for autoscaling") {
      return [frame.event(.notTriggered(.unhealthy), key: frame.key("not-ready"))]
    }
    if cursor.take("Node group ") {
      let group = cursor.word().asText
      guard cursor.take(" is not ready for scaleup - ") else { return nil }
      let reason: CapacityEvent.Reason =
        cursor.take("backoff") ? .backoff : cursor.take("unhealthy") ? .unhealthy : unknown
      return [
        frame.event(.notTriggered(reason), group: group, key: frame.key("held", group))
      ]
    }
    guard cursor.take("Disabling scale-up for node group ") else { return nil }
    let group = cursor.word().asText
    guard cursor.take(" until ") else { return [] }
    return [backoff(until: CapacityStamp.iso(cursor.rest)?.time, group, frame, &memory)]
  }

  /// The end of a backoff is a Go time with its year, which is the line's year too.
  private func backoff(
    until: Instant?, _ group: String, _ frame: AutoscalerFrame, _ memory: inout CapacityMemory
  ) -> CapacityEvent {
    var frame = frame
    if let until, frame.lacksYear {
      var civil = CivilTime(
        frame.time, offsetSeconds: frame.context.zone.offset(at: frame.time))
      civil.year = KlogLine.nearestYear(civil, to: until)
      frame.time = frame.context.zone.instant(of: civil)
      frame.lacksYear = false
      memory.date = frame.time
    }
    return frame.event(.backoff(until: until), group: group, key: frame.key("backoff", group))
  }

  /// Nodes that go, and orders that are taken back.
  private func scaleIn(
    _ frame: AutoscalerFrame, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    var cursor = MessageCursor(bytes)
    if cursor.take("Reverting timed-out scale-up for node group ") {
      let group = cursor.word().asText
      guard cursor.take(" by decreasing target size by "), let count = cursor.integer() else {
        return []
      }
      return [
        frame.event(
          .scaleInDecided(from: nil, to: nil), group: group, count: count,
          key: frame.key("revert", group))
      ]
    }
    if cursor.take("Decreasing size of ") {
      let group = cursor.word().asText
      guard cursor.take(", expected="), let expected = cursor.integer(),
        cursor.take(" current="), cursor.integer() != nil, cursor.take(" delta="),
        let delta = cursor.integer()
      else { return [] }
      memory.remember(size: expected + delta, of: group)
      return [
        frame.event(
          .scaleInDecided(from: expected, to: max(0, expected + delta)), group: group,
          count: abs(delta), key: frame.key("decrease", group))
      ]
    }
    guard cursor.take("Scale-down: ") else { return nil }
    let isStart = cursor.take("removing empty node ") || cursor.take("removing node ")
    guard isStart || cursor.take("node ") else { return [] }
    _ = cursor.take("\"")
    let node = cursor.word().filter { $0 != UInt8(ascii: "\"") }.asText
    guard isStart || cursor.take(" removed with drain") else { return [] }
    // The start and the end of a removal are one removal; a later node may have the same name.
    let begin = memory.removal(of: node, at: frame.time)
    let gone = frame.event(
      .terminated(.scaleIn), instance: node,
      key: "ca-terminated|\(node)|\(begin.microseconds)")
    let decided = frame.event(
      .scaleInDecided(from: nil, to: nil), instance: node,
      key: "ca-scale-in|\(node)|\(begin.microseconds)")
    return [decided, gone]
  }
}

extension CapacityMemory {
  /// Keeps the size that a group was set to.
  mutating func remember(size: Int, of group: String) {
    guard sizes.count < Self.groupLimit || sizes[group] != nil else { return }
    sizes[group] = size
  }

  /// When the removal of a node began of which a line at `time` speaks.
  ///
  /// Draining takes minutes: a line much later is about another node of that name.
  mutating func removal(of node: String, at time: Instant) -> Instant {
    let longest = 3_600.0
    if let begin = removals[node], abs(time.seconds(since: begin)) < longest { return begin }
    if removals.count < Self.groupLimit || removals[node] != nil { removals[node] = time }
    return time
  }

  /// Keeps when a launch of a group failed.
  mutating func remember(failureAt time: Instant, of group: String) {
    guard failures.count < Self.groupLimit || failures[group] != nil else { return }
    failures[group] = time
  }
}
