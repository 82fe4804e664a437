package import IncidentModel

/// The log of the Kubernetes cluster-autoscaler: klog text or its JSON form.
///
/// The klog header is `Lmmdd hh:mm:ss.uuuuuu PID file.go:line] `; it has no year and no zone. File
/// and line change with every release, so only the message counts. A line of another component
/// under the same header belongs to the format and tells nothing.
/// <https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler>
package enum ClusterAutoscaler: CapacityFormat {
  package static let name = "cluster-autoscaler"
  package static let summary = "Kubernetes cluster-autoscaler, klog text or JSON"
  package static let example =
    "I0716 18:02:30.975037       1 orchestrator.go:529] Final scale-up plan: "
    + "[{shop-web 10->15 (max: 15)}]"
  package static let kind = InputKind.capacity
  package static let envelopes: [String] = []
  package static let strictness = 6

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    try KlogLine.outcome(of: record, in: context, memory: &memory)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    guard let message = KlogLine.message(of: record) else { return false }
    return files.contains(message.file) || AutoscalerMessage(message.bytes).isOwn
  }

  /// Source files of this program alone, whatever their lines say.
  private static let files: Set<String> = [
    "static_autoscaler.go", "clusterstate.go", "cluster_autoscaler.go", "auto_scaling_groups.go",
    "aws_manager.go", "filter_out_schedulable.go", "pre_filtering_processor.go",
    "mixed_nodeinfos_processor.go", "scale_up.go", "scale_down.go", "autoscaling_gce_client.go",
    "azure_scale_set.go", "azure_manager.go", "mig_info_provider.go",
    "event_sink_logging_wrapper.go", "delete_in_batch.go",
  ]
}
