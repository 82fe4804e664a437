package import IncidentModel

/// The Azure activity log: what was asked of scale sets and machines, and how it was refused.
///
/// Diagnostic exports, `az monitor activity-log list` and dumps of the client libraries.
/// <https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema>
package enum AzureActivity: CapacityFormat {
  package static let name = "azure-activity"
  package static let summary = "Azure activity log: scale sets, machines, refused requests"
  package static let example = """
    {"time":"2018-07-16T18:20:04.8681572Z","resourceId":"/SUBSCRIPTIONS/0/PROVIDERS/\
    MICROSOFT.COMPUTE/VIRTUALMACHINESCALESETS/SHOP-WEB","operationName":"MICROSOFT.COMPUTE/\
    VIRTUALMACHINESCALESETS/WRITE","category":"Administrative","resultType":"Failure",\
    "properties":{"statusCode":"Conflict","statusMessage":"{\\"error\\":{\\"code\\":\
    \\"AllocationFailed\\",\\"message\\":\\"Allocation failed.\\"}}"}}
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
    AzureRecord.category(of: record) == "administrative"
  }
}
