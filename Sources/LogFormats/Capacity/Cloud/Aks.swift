package import IncidentModel

/// The control plane of an AKS cluster: the cluster-autoscaler's lines inside of Azure Monitor's records.
///
/// <https://learn.microsoft.com/azure/aks/monitor-aks-reference>
package enum Aks: CapacityFormat {
  package static let name = "aks"
  package static let summary = "AKS control plane records with cluster-autoscaler lines"
  package static let example = """
    {"time":"2018-07-16T18:02:31.0000000Z","resourceId":"/SUBSCRIPTIONS/0/MANAGEDCLUSTERS/SHOP",\
    "operationName":"Microsoft.ContainerService/managedClusters/diagnosticLogs/Read","category":\
    "cluster-autoscaler","properties":{"log":"I0716 18:02:30.975037       1 executor.go:147] \
    Final scale-up plan: [{shop-web 10->15 (max: 15)}]\\n","stream":"stderr"}}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["records"]
  package static let strictness = 8

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    try AzureRecord.outcome(of: record, in: context, memory: &memory)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    let category = AzureRecord.category(of: record)
    return category == "cluster-autoscaler" || category == "kube-controller-manager"
  }
}
