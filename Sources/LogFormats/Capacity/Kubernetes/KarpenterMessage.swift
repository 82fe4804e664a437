internal import IncidentModel

/// A message of Karpenter, told by its words (releases 0.16 … 1.14).
struct KarpenterMessage {
  private let line: ZapLine
  private let folded: [UInt8]

  init(_ line: ZapLine) {
    self.line = line
    folded = line.message.lowercasedASCII
  }

  /// Messages that tell no fact about capacity and still are this program's own.
  private static let silent = [
    "found provisionable pod", "created nodeclaim", "created machine", "registered nodeclaim",
    "registered machine", "launching node with", "launching machine with", "computed ",
    "discovered ami", "discovered instance types", "annotated nodeclaim", "initialized machine",
    "deprovisioning via", "disrupting ", "nodeclaim ", "waiting on cluster sync",
  ]

  /// Whether no other controller writes this.
  var isOwn: Bool {
    if line.logger.hasPrefix("controller.") { return true }
    if Self.silent.contains(where: { begins($0) }) { return true }
    if line.members.text("commit") != nil, line.name("NodeClaim", "nodeclaim", "NodePool") != nil {
      return true
    }
    var memory = CapacityMemory()
    let stem = FactStem(
      time: line.time, position: LogPosition(input: 0, line: 0, offset: 0),
      text: LogText(bytes: [], kind: .line), source: "", identity: "")
    return !events(stem, &memory).isEmpty
  }

  private func begins(_ words: String) -> Bool { folded.starts(with: words.utf8) }
  private func has(_ words: String) -> Bool { folded.contains(text: words) }

  private var claim: String? { line.name("NodeClaim", "nodeclaim", "machine", "machine-name") }
  private var node: String? { line.name("Node", "node") }

  /// The pool by its own name, else the claim's without its random end.
  private var pool: String? {
    if let pool = line.name("NodePool", "nodepool", "provisioner", "provisioner-name") {
      return pool
    }
    guard let claim, let dash = claim.lastIndex(of: "-") else { return nil }
    return String(claim[..<dash])
  }

  /// The last part of `aws:///us-west-2b/i-…`.
  private var instance: String? {
    line.members.string(anyOf: ["provider-id", "providerID", "id", "instance"])?.tail(behind: "/")
  }

  private var failure: [UInt8] { line.members.text("error") ?? [] }

  func events(_ plain: FactStem, _ memory: inout CapacityMemory) -> [CapacityEvent] {
    remember(&memory)
    let known = claim.flatMap { memory.names["claim|\($0)"] }
    let stem = plain.with(
      group: pool ?? known, zone: line.members.string("zone"), instance: instance)
    return launch(stem, &memory) ?? removal(stem, &memory) ?? refusal(stem) ?? restraint(stem) ?? []
  }

  /// A node's claim and a claim's pool, which later lines leave out.
  private func remember(_ memory: inout CapacityMemory) {
    guard memory.names.count < CapacityMemory.groupLimit, let claim else { return }
    if let pool { memory.names["claim|\(claim)"] = pool }
    if let node { memory.names["node|\(node)"] = claim }
  }

  private func launch(
    _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    if begins("computed "), has("new n") || has("new machine") {
      var cursor = MessageCursor(folded)
      _ = cursor.take("computed ")
      let keys = ["nodeclaims", "machines", "newNodes", "nodes"]
      let count = cursor.integer() ?? line.members.integer(anyOf: keys) ?? 1
      return [stem.event(.scaleOutDecided(from: nil, to: nil), count: count)]
    }
    let isLaunch =
      begins("created nodeclaim") || begins("created machine")
      || begins("launched nodeclaim") || begins("launched machine")
      || begins("launched new instance") || begins("launched instance")
    if isLaunch {
      var stem = stem
      if begins("launched instance: ") { readLaunch(&stem) }
      var event = stem.event(.launchStarted)
      // The order and the provider's acceptance of it are one launch.
      if let name = claim ?? stem.instance { event.key = "karpenter|\(name)|launchStarted" }
      return [event]
    }
    if begins("initialized nodeclaim") || begins("initialized machine")
      || begins("initialized node")
    {
      var event = stem.event(.inService)
      if let name = claim ?? node { event.key = "karpenter|\(name)|inService" }
      return [event]
    }
    return nil
  }

  /// `Launched instance: i-…, hostname: …, type: …, zone: …, capacityType: …`, before there were members.
  private func readLaunch(_ stem: inout FactStem) {
    var cursor = MessageCursor(line.message)
    if cursor.skip(past: ": ") { stem.instance = cursor.word().asText }
    if cursor.skip(past: "zone: ") { stem.zone = cursor.word().asText }
  }

  /// Nodes that go; each is told once, by the line that comes first.
  private func removal(
    _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent]? {
    if begins("disrupting ") || begins("deprovisioning via") {
      var cursor = MessageCursor(folded)
      let stated = cursor.skip(past: "terminating ") ? cursor.integer() : nil
      let count = stated ?? line.members.integer(anyOf: ["disrupted-node-count"]) ?? 1
      return [stem.event(.scaleInDecided(from: nil, to: nil), count: count)]
    }
    if begins("initiating delete from interruption message") || begins("initiating delete for") {
      let kind = line.members.string("messageKind") ?? ""
      let isSpot = kind.lowercased().contains("spot") || kind.isEmpty
      return gone(isSpot ? .spotReclaimed : FactStem.unknown(Array(kind.utf8)), stem, &memory)
    }
    if begins("deleting unhealthy node") { return gone(.unhealthy, stem, &memory) }
    if begins("tainted node") || begins("deleted node") || begins("deleted machine") {
      return gone(.scaleIn, stem, &memory)
    }
    return nil
  }

  private func gone(
    _ reason: CapacityEvent.Reason, _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent] {
    let named = node.flatMap { memory.names["node|\($0)"] } ?? claim ?? node ?? stem.identity
    let mark = "gone|\(named)"
    guard !memory.settled.contains(mark) else { return [] }
    memory.settle(mark)
    var stem = stem
    if stem.instance == nil { stem.instance = node }
    if stem.group == nil { stem.group = memory.names["claim|\(named)"] }
    var event = stem.event(.terminated(reason))
    event.key = "karpenter|\(named)|terminated"
    return [event]
  }

  /// Launches that the provider refused. The code inside of the message tells why, never its class.
  private func refusal(_ stem: FactStem) -> [CapacityEvent]? {
    if begins("failed launching") || begins("reconciler error") || begins("could not launch node")
      || begins("launching ") || begins("creating ") || begins("provisioning failed, ")
    {
      let text = failure.isEmpty ? line.message : failure
      let isLaunch =
        !begins("reconciler error")
        || ["launching ", "creating instance", "creating machine"].contains {
          text.lowercasedASCII.contains(text: $0)
        }
      let isRefused =
        text.contains(text: "error") || !failure.isEmpty
        || text.lowercasedASCII.contains(text: "insufficient capacity")
      guard isLaunch, isRefused else { return [] }
      return [stem.event(.launchFailed(ProviderReasons.reason(of: text)))]
    }
    if begins("terminating due to") {
      return [stem.event(.launchFailed(.timeout))]
    }
    guard begins("removing offering from offerings") else { return nil }
    let keys = ["reason", "unavailable-reason", "unavailable"]
    let why = line.members.string(anyOf: keys).map { Array($0.utf8) } ?? []
    let until = stem.time.advanced(bySeconds: 180)
    let type = line.members.string("instance-type") ?? ""
    return [
      stem.event(.launchFailed(ProviderReasons.reason(of: why)), about: type),
      stem.event(.backoff(until: until), about: type),
    ]
  }

  /// It looked and did nothing.
  private func restraint(_ stem: FactStem) -> [CapacityEvent]? {
    if begins("could not schedule pod") || begins("failed to schedule pod") {
      // Written anew in every loop while the pod waits.
      var stem = stem
      stem.identity = "pod|\(line.name("Pod", "pod") ?? "")|\(floorDivide(stem.time.seconds, 300))"
      let text = failure.isEmpty ? line.message : failure
      let isLimit = ProviderReasons.known(text.lowercasedASCII) == .maxSize
      return [
        stem.event(
          isLimit
            ? .limitReached(limit: nil, wanted: nil) : .notTriggered(FactStem.unknown(text)))
      ]
    }
    if has("would breach limits") || begins("nodepool node limit reached") {
      return [
        stem.event(.limitReached(limit: line.members.integer(anyOf: ["limit"]), wanted: nil))
      ]
    }
    if begins("skipping, nodepool requirements") || begins("no nodepools found")
      || begins("ignoring nodepool, not ready")
    {
      return [stem.event(.notTriggered(.badTemplate))]
    }
    return nil
  }
}
