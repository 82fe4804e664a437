package import IncidentModel

/// Azure autoscale: its events in the activity log and its diagnostics.
///
/// Every member of the family reads all categories, for exports mix them; each claims its own.
/// <https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-resource-log-schema>
package enum AzureAutoscale: CapacityFormat {
  package static let name = "azure-autoscale"
  package static let summary = "Azure autoscale events and diagnostics"
  package static let example = """
    {"time":"2018-07-16T18:02:30.6132593Z","resourceId":"/SUBSCRIPTIONS/0/PROVIDERS/\
    MICROSOFT.INSIGHTS/AUTOSCALESETTINGS/SHOP","operationName":"MICROSOFT.INSIGHTS/\
    AUTOSCALESETTINGS/SCALEUP/ACTION","category":"Autoscale","resultType":"Succeeded",\
    "properties":{"ResourceName":"/subscriptions/0/virtualMachineScaleSets/shop-web",\
    "OldInstancesCount":"10","NewInstancesCount":"15"}}
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
    AzureRecord.category(of: record)?.hasPrefix("autoscale") ?? false
  }
}
