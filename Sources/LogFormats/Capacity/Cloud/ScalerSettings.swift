package import IncidentModel

/// What scalers may do, as their manifests and descriptions tell it: bounds, the wanted size, and what is ready.
///
/// None says when it was made, so its facts carry the context's date, or none at all. Horizontal pod
/// autoscalers alone are ``Hpa``'s; between other objects of a list they are read here.
package enum ScalerSettings: CapacityFormat {
  package static let name = "scaler-settings"
  package static let summary = "Bounds and sizes of scalers and workloads, as manifests tell them"
  package static let example = """
    {"ServiceNamespace":"ecs","ResourceId":"service/shop/shop-web","ScalableDimension":\
    "ecs:service:DesiredCount","MinCapacity":10,"MaxCapacity":15,"CreationTime":\
    "2018-07-01T09:00:00Z"}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["items", "ScalableTargets"]
  package static let strictness = 9

  private static let reason: StaticString = "the object has no bounds of a scaler"
  /// One of these stands in each of the objects.
  private static let keys: [StaticString] = [
    "maxReplicaCount\"", "maxReplicas\"", "replicas\"", "scaleTargetRef\"", "autoscaling\"",
    "autoscalingPolicy\"", "scalingConfig\"", "MaxCapacity\"", "profiles\"", "maxCount\"",
  ]

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let object = try JSONObject(record, naming: keys, or: reason)
    if isPodAutoscaler(object) {
      return .events(try HpaObject(object, record, context).events)
    }
    guard let found = ScalerBounds(object) else { throw LineError(reason, at: 0) }
    let sizes = [found.minimum, found.maximum, found.desired, found.ready].map {
      $0.map(String.init) ?? "-"
    }
    let time = context.date ?? Instant(seconds: 0)
    let stem = FactStem(
      time: time, position: context.position, text: object.cut(found.proof, of: record),
      source: "scaler", identity: "\(time.microseconds)|\(sizes.joined(separator: "|"))",
      group: found.group, precisionSeconds: 86_400, lacksDate: context.date == nil)
    var events: [CapacityEvent] = []
    if found.minimum != nil || found.maximum != nil {
      events.append(
        stem.event(
          .configChanged(
            minimum: found.minimum, maximum: found.maximum, desired: found.desired),
          about: "bounds"))
    }
    if found.ready != nil || events.isEmpty && found.desired != nil {
      events.append(
        stem.event(
          .observed(desired: found.desired, ready: found.ready, maximum: found.maximum),
          about: "sizes"))
    }
    return events.isEmpty ? .ignored : .events(events)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    guard let object = try? JSONObject(record) else { return false }
    return !isPodAutoscaler(object)
  }

  private static func isPodAutoscaler(_ object: JSONObject) -> Bool {
    object.string("kind") == "HorizontalPodAutoscaler"
  }
}

/// The numbers of one object; what it does not tell is nil.
private struct ScalerBounds {
  var group: String
  var minimum: Int?
  var maximum: Int?
  var desired: Int?
  var ready: Int?
  /// The members that prove them.
  var proof: [String] = []

  private init(
    _ group: String?, _ minimum: Int?, _ maximum: Int?, desired: Int? = nil, ready: Int? = nil,
    proof: [String]
  ) {
    self.group = group ?? ""
    self.minimum = minimum
    self.maximum = maximum
    self.desired = desired
    self.ready = ready
    self.proof = proof
  }

  init?(_ object: JSONObject) {
    guard
      let found = Self.kubernetes(object) ?? Self.amazon(object) ?? Self.google(object)
        ?? Self.azure(object), !found.group.isEmpty
    else { return nil }
    self = found
  }

  /// Manifests with their status (`kubectl get … -o json`).
  ///
  /// KEDA: <https://keda.sh/docs/latest/reference/scaledobject-spec/>, cluster API:
  /// <https://cluster-api.sigs.k8s.io/tasks/automated-machine-management/autoscaling>, Karpenter's
  /// static node pools: <https://karpenter.sh/docs/concepts/nodepools/>. Other limits of a node
  /// pool are of processors and memory, and bound no count.
  private static func kubernetes(_ object: JSONObject) -> ScalerBounds? {
    guard let kind = object.string("kind"), let name = object.string(at: "metadata", "name"),
      let spec = object.object("spec")
    else { return nil }
    let space = object.string(at: "metadata", "namespace")
    let full = space.map { "\($0)/\(name)" } ?? name
    let status = object.object("status")
    let proof = ["spec", "status"]
    let (wanted, ready) = (spec.integer("replicas"), status?.integer("readyReplicas"))
    switch kind {
    case "ScaledObject":
      // What KEDA takes where nothing is said.
      return ScalerBounds(
        full, spec.integer("minReplicaCount") ?? 0, spec.integer("maxReplicaCount") ?? 100,
        proof: proof)
    case "MachineAutoscaler":
      let target = spec.object("scaleTargetRef")?.string("name")
      return ScalerBounds(
        target ?? name, spec.integer("minReplicas"), spec.integer("maxReplicas"), proof: proof)
    case "MachineDeployment", "MachineSet", "MachinePool":
      let notes = object.object(at: ["metadata", "annotations"])
      func bound(_ end: String) -> Int? {
        notes?.integer(anyOf: [
          "cluster.x-k8s.io/cluster-api-autoscaler-node-group-\(end)-size",
          "machine.openshift.io/cluster-api-autoscaler-node-group-\(end)-size",
        ])
      }
      return ScalerBounds(
        name, bound("min"), bound("max"), desired: wanted, ready: ready,
        proof: ["metadata"] + proof)
    case "NodePool":
      return ScalerBounds(
        name, nil, spec.object("limits")?.integer("nodes"), desired: wanted, proof: proof)
    case "Deployment", "StatefulSet":
      return ScalerBounds(
        full, nil, nil, desired: wanted, ready: status == nil ? nil : ready ?? 0, proof: proof)
    default: return nil
    }
  }

  /// `aws application-autoscaling describe-scalable-targets` and `aws eks describe-nodegroup`.
  ///
  /// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html>
  /// <https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html>
  private static func amazon(_ object: JSONObject) -> ScalerBounds? {
    if object.text("ScalableDimension") != nil, let maximum = object.integer("MaxCapacity") {
      return ScalerBounds(
        object.string("ResourceId")?.tail(behind: "/"), object.integer("MinCapacity"), maximum,
        proof: ["ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity"])
    }
    let pool = object.object("nodegroup") ?? object
    guard let sizes = pool.object("scalingConfig"), let maximum = sizes.integer("maxSize") else {
      return nil
    }
    return ScalerBounds(
      pool.string("nodegroupName"), sizes.integer("minSize"), maximum,
      desired: sizes.integer("desiredSize"), proof: ["nodegroup", "nodegroupName", "scalingConfig"])
  }

  /// Autoscalers and managed groups of Compute Engine, and node pools of GKE (`gcloud … --format=json`).
  ///
  /// <https://cloud.google.com/compute/docs/reference/rest/v1/autoscalers>
  /// <https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters.nodePools>
  private static func google(_ object: JSONObject) -> ScalerBounds? {
    let scaler = object.object("autoscaler") ?? object
    if let policy = scaler.object("autoscalingPolicy"), object["timestamp"] == nil {
      return ScalerBounds(
        scaler.string("target")?.tail(behind: "/") ?? object.string("name"),
        policy.integer("minNumReplicas"), policy.integer("maxNumReplicas"),
        desired: object.integer("targetSize") ?? scaler.integer("recommendedSize"),
        proof: ["autoscaler", "autoscalingPolicy", "target", "targetSize", "recommendedSize"])
    }
    guard let bounds = object.object("autoscaling"), bounds["enabled"] == .boolean(true),
      object["initialNodeCount"] != nil || object["instanceGroupUrls"] != nil
    else { return nil }
    // Bounds that are not of the total hold in each zone.
    let zones = max(1, object.array("locations").count)
    func total(_ whole: String, _ each: String) -> Int? {
      if let count = bounds.integer(whole), count > 0 { return count }
      return bounds.integer(each).map { $0.multipliedReportingOverflow(by: zones).partialValue }
    }
    return ScalerBounds(
      object.string("name"), total("totalMinNodeCount", "minNodeCount"),
      total("totalMaxNodeCount", "maxNodeCount"), proof: ["name", "autoscaling", "locations"])
  }

  /// `az monitor autoscale show` and `az aks nodepool show`; ARM has the same under `properties`.
  ///
  /// <https://learn.microsoft.com/rest/api/monitor/autoscale-settings/get>
  /// <https://learn.microsoft.com/rest/api/aks/agent-pools/get>
  private static func azure(_ object: JSONObject) -> ScalerBounds? {
    let inner = object.object("properties") ?? object
    if let target = inner.string(anyOf: ["targetResourceUri", "targetResourceURI"]) {
      let sizes = inner.objects("profiles").compactMap { $0.object("capacity") }
      // Which of several profiles is in force is not told: only what all of them say is known.
      func agreed(_ key: String) -> Int? {
        let values = Set(sizes.map { $0.integer(key) })
        return values.count == 1 ? values.first ?? nil : nil
      }
      if sizes.isEmpty { return nil }
      return ScalerBounds(
        target.tail(behind: "/"), agreed("minimum"), agreed("maximum"),
        proof: ["targetResourceUri", "profiles", "properties"])
    }
    guard inner["enableAutoScaling"] == .boolean(true), let maximum = inner.integer("maxCount")
    else { return nil }
    return ScalerBounds(
      object.string("name"), inner.integer("minCount"), maximum, desired: inner.integer("count"),
      proof: ["name", "minCount", "maxCount", "count", "properties"])
  }
}
