internal import IncidentModel

/// What an event's reason and words tell about capacity: the scalers', the schedulers' and the kubelets'.
struct EventReason {
  private let word: String
  private let message: [UInt8]
  private let subject: EventSubject

  init(_ word: String, _ message: [UInt8], _ subject: EventSubject) {
    self.word = word
    self.message = message
    self.subject = subject
  }

  private var known: CapacityEvent.Reason { ProviderReasons.reason(of: message) }
  private var unknown: CapacityEvent.Reason { FactStem.unknown(message) }

  func events(_ stem: FactStem, _ memory: inout CapacityMemory) -> [CapacityEvent] {
    scaler(stem, &memory) ?? nodeScaler(stem) ?? podScaler(stem, &memory)
      ?? workload(stem, &memory) ?? node(stem, &memory) ?? []
  }

  /// The cluster-autoscaler, whose events repeat the words of its log.
  private func scaler(
    _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    let frame = AutoscalerFrame(
      time: stem.time, lacksYear: false,
      context: CapacityContext(position: stem.position), text: stem.text)
    switch word {
    case "TriggeredScaleUp":
      memory.settle("pod|\(subject.space ?? "")|\(subject.name)")
      return triggered(stem, frame, &memory)
    case "NotTriggerScaleUp": return notTriggered(stem)
    case "ScaledUpGroup", "ScaleDown", "ScaleDownEmpty":
      let told = AutoscalerMessage(message).events(frame, &memory)
      return told.map { event in
        var event = event
        event.lacksDate = stem.lacksDate
        event.precisionSeconds = stem.precisionSeconds
        return event
      }
    case "FailedToScaleUpGroup", "ScaleUpFailed", "ScaleUpTimedOut": return failed(stem)
    case "MaxNodesTotalReached": return [stem.event(.limitReached(limit: nil, wanted: nil))]
    case "ClusterUnhealthy": return [stem.event(.notTriggered(.unhealthy))]
    case "DeleteUnregistered": return [stem.event(.launchFailed(.timeout))]
    default: return nil
    }
  }

  /// `pod triggered scale-up: [{G 1->2 (max: 8)}]`, older `… scale-up, group: G, sizes (current/new): 3/4`.
  private func triggered(
    _ stem: FactStem, _ frame: AutoscalerFrame, _ memory: inout CapacityMemory
  ) -> [CapacityEvent] {
    var cursor = MessageCursor(message)
    if cursor.skip(past: "scale-up: ") {
      let plan = Array("Final scale-up plan: ".utf8) + cursor.rest
      return AutoscalerMessage(plan).events(frame, &memory)
    }
    cursor.position = 0
    guard cursor.skip(past: "group: ") else { return [] }
    let group = cursor.word().asText
    guard cursor.skip(past: "(current/new): "), let from = cursor.integer(), cursor.take("/"),
      let to = cursor.integer()
    else { return [] }
    return stem.with(group: group).decision(from: from, to: to)
  }

  /// The parts of the message count groups, each for its own reason; the tightest names the event.
  private func notTriggered(_ stem: FactStem) -> [CapacityEvent] {
    let folded = message.lowercasedASCII
    // The pod's own workload is not what scales.
    var stem = stem
    stem.group = nil
    if ProviderReasons.known(folded) == .maxSize {
      return [stem.event(.limitReached(limit: nil, wanted: nil))]
    }
    if folded.contains(text: "in backoff after failed scale-up") {
      return [stem.event(.notTriggered(.backoff))]
    }
    return [stem.event(.notTriggered(unknown))]
  }

  /// `Scale-up failed for group G: …`, `Failed adding N nodes to group G due to C.E; …`, `Nodes added to group G failed to register`.
  private func failed(_ stem: FactStem) -> [CapacityEvent] {
    var cursor = MessageCursor(message)
    var count = 1
    if cursor.take("Failed adding "), let stated = cursor.integer() { count = stated }
    var group: String?
    if cursor.skip(past: "group ") {
      group = cursor.word().filter { $0 != UInt8(ascii: ":") }.asText
    }
    var plain = stem
    plain.group = group
    if word == "ScaleUpTimedOut" { return [plain.event(.launchFailed(.timeout), count: count)] }
    var reason = known
    if cursor.skip(past: "due to ") {
      reason = AutoscalerMessage.reason(code: cursor.word(), message: cursor.rest)
    }
    return [plain.event(.launchFailed(reason), count: count)]
  }

  /// Karpenter, whose events stand at its claims and nodes.
  private func nodeScaler(_ stem: FactStem) -> [CapacityEvent]? {
    var stem = stem
    if subject.kind == "nodeclaim", let dash = subject.name.lastIndex(of: "-") {
      stem.group = String(subject.name[..<dash])
    }
    if subject.kind == "node" || subject.kind == "nodeclaim" { stem.instance = subject.name }
    switch word {
    case "InsufficientCapacityError", "LaunchFailed": return [stem.event(.launchFailed(known))]
    case "NodeClassNotReady": return [stem.event(.launchFailed(.badTemplate))]
    case "NoCompatibleInstanceTypes": return [stem.event(.notTriggered(.badTemplate))]
    case "SpotInterrupted": return [stem.event(.terminated(.spotReclaimed))]
    case "InstanceUnhealthy": return [stem.event(.terminated(.unhealthy))]
    case "DisruptionTerminating": return [stem.event(.scaleInDecided(from: nil, to: nil))]
    case "SpotRebalanceRecommendation", "NodeRepairBlocked": return [stem.event(.note)]
    default: return nil
    }
  }

  /// The horizontal pod autoscaler and KEDA.
  private func podScaler(
    _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    switch word {
    case "SuccessfulRescale":
      var cursor = MessageCursor(message)
      guard cursor.skip(past: "New size: "), let to = cursor.integer() else { return [] }
      let why = message.lowercasedASCII
      let isInward = why.contains(text: "below target") || why.contains(text: "above spec.max")
      return memory.aim(at: to, stem, hint: isInward ? .inward : .out)
    case "FailedRescale": return [stem.event(.launchFailed(known))]
    case "KEDAScalerFailed", "KEDAMetricSourceFailed", "FailedComputeMetricsReplicas":
      return [stem.event(.notTriggered(.metricMissing))]
    case "KEDAScaleTargetActivationFailed": return [stem.event(.launchFailed(known))]
    case "KEDAScaleTargetActivated", "KEDAScaleTargetDeactivated": return scaled(stem)
    case "ScaledObjectPaused": return [stem.event(.notTriggered(unknown))]
    case "ScaledObjectFallbackActivated": return [stem.event(.note)]
    default: break
    }
    return word.hasPrefix("FailedGet") && word.hasSuffix("Metric")
      ? [stem.event(.notTriggered(.metricMissing))] : nil
  }

  /// `Scaled apps/v1.Deployment ns/name from 0 to 1, triggered by …`.
  private func scaled(_ stem: FactStem) -> [CapacityEvent] {
    var cursor = MessageCursor(message)
    guard cursor.skip(past: " from "), let from = cursor.integer(), cursor.take(" to "),
      let to = cursor.integer()
    else { return [] }
    return stem.decision(from: from, to: to)
  }

  /// Deployments, replica sets and pods.
  private func workload(
    _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    var pod = stem
    if subject.kind == "pod" { pod.instance = subject.name }
    switch word {
    case "ScalingReplicaSet": return replicaSet(stem, &memory)
    case "DeploymentRollback": return [stem.event(.change)]
    case "FailedScheduling":
      // Where the scaler answers this pod, the wait is no restraint of the scaler.
      memory.hold(
        pod.event(.notTriggered(unknown)), for: "pod|\(subject.space ?? "")|\(subject.name)")
      return []
    case "FailedCreate":
      return [stem.event(.launchFailed(known))]
    case "FailedMount", "FailedAttachVolume", "ErrImagePull", "ImagePullBackOff",
      "FailedCreatePodSandBox":
      return [pod.event(.launchFailed(.badTemplate))]
    case "Failed":
      return message.lowercasedASCII.contains(text: "image")
        ? [pod.event(.launchFailed(.badTemplate))] : [pod.event(.launchFailed(known))]
    case "BackOff": return [pod.event(.backoff(until: nil))]
    case "Killing":
      return message.contains(text: "failed liveness probe")
        || message.contains(text: "failed startup probe")
        ? [pod.event(.terminated(.unhealthy))] : []
    case "Evicted", "Preempted": return [pod.event(.terminated(unknown))]
    default: return nil
    }
  }

  /// Another replica set than before is a roll-out, the same one is scaling.
  private func replicaSet(
    _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent] {
    var cursor = MessageCursor(message)
    guard cursor.skip(past: "replica set ") else { return [] }
    let name = cursor.word().asText
    guard cursor.skip(past: " to "), let to = cursor.integer() else { return [] }
    let from = cursor.take(" from ") ? cursor.integer() : nil
    let place = "set|\(stem.group ?? "")"
    let before = memory.names[place]
    if memory.names.count < CapacityMemory.groupLimit { memory.names[place] = name }
    let first = "roll-out|\(stem.group ?? "")"
    if let before, before != name {
      // The set that grew from nothing was this roll-out's, and no scaling.
      guard let held = memory.held.removeValue(forKey: first) else { return [stem.event(.change)] }
      var began = held
      began.kind = .change
      began.count = 1
      return [began, stem.event(.change)]
    }
    if before == nil, from == 0, let decision = stem.decision(from: from, to: to).first {
      // A roll-out's new set and a scaling from nothing begin alike: a second set tells.
      memory.hold(decision, for: first)
      return []
    }
    if let from { return stem.decision(from: from, to: to) }
    let isInward = message.starts(with: "Scaled down".utf8)
    return memory.aim(at: to, stem, hint: isInward ? .inward : .out)
  }

  /// What became of nodes.
  private func node(
    _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    guard subject.kind == "node" || word == "RemovingNode" || word == "DeletingNode" else {
      return nil
    }
    var stem = stem
    if !subject.name.isEmpty { stem.instance = subject.name }
    switch word {
    case "NodeReady": return [stem.event(.inService)]
    case "NodeNotReady":
      memory.settle("node|\(subject.name)")
      return [stem.event(.terminated(.unhealthy))]
    case "RemovingNode", "DeletingNode":
      // A node that was not ready any more is not lost a second time.
      memory.hold(stem.event(.terminated(unknown)), for: "node|\(subject.name)")
      return []
    case "OOMKilling", "SystemOOM": return [stem.event(.note)]
    default: return nil
    }
  }
}
