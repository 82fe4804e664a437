import Foundation
import IncidentModel
import Testing

@testable import LogFormats

/// Real capacity files, where the machine has them: how many lines or objects tell facts, how many none, and how many are refused.
@Suite struct CapacitySampleTests {
  struct Sample: CustomTestStringConvertible {
    var path: String
    var format: String?
    var passed: Int
    var rejected: Int
    var kinds: [String]
    var testDescription: String { path }

    init(
      _ path: String, _ format: String?, passed: Int = 0, rejected: Int = 0, kinds: [String] = []
    ) {
      self.path = path
      self.format = format
      self.passed = passed
      self.rejected = rejected
      self.kinds = kinds
    }
  }

  static let samples: [Sample] = [
    Sample(
      "formats/aws-application-autoscaling/awscli-appas-1.json", "aws-application-autoscaling",
      kinds: ["observed", "scaleInDecided"]),
    Sample(
      "formats/aws-asg-activities/awscli-asg-success.json", "aws-asg-activities",
      kinds: ["configChanged", "scaleOutDecided", "launchStarted", "inService"]),
    Sample(
      "formats/aws-asg-describe/awscli-describe-auto-scaling-groups.json", "aws-asg-describe",
      kinds: ["configChanged", "observed"]),
    Sample(
      "formats/aws-ecs-service/awscli-describe-services.json", "aws-ecs-service",
      kinds: ["observed", "change", "note"]),
    Sample(
      "formats/aws-fleet-history/awscli-describe-fleet-history.json", "aws-fleet-history",
      passed: 3, kinds: ["launchStarted", "inService", "launchStarted", "inService"]),
    Sample("formats/azure-activity/plaso-azure_activity_log.log", "azure-activity", passed: 2),
    Sample(
      "formats/azure-autoscale/otel-autoscale.json", "azure-autoscale", kinds: ["scaleInDecided"]),
    Sample(
      "formats/cloudtrail/plaso-aws_cloudtrail.log", "cloudtrail", passed: 2,
      kinds: ["terminated", "terminated"]),
    Sample(
      "formats/cluster-autoscaler-klog/ca-docs.log", "cluster-autoscaler", passed: 1,
      kinds: ["scaleOutDecided", "observed"]),
    Sample(
      "formats/gke-visibility/khi-payloads.log", "gke-visibility",
      kinds: [
        "scaleOutDecided", "scaleInDecided", "terminated", "limitReached", "notTriggered",
        "notTriggered", "note",
      ]),
    Sample(
      "formats/karpenter-console/karpenter-v0-console.log", "karpenter", passed: 2,
      kinds: ["launchFailed"]),
    Sample(
      "formats/karpenter-json/karpenter-v1-docs.log", "karpenter", passed: 1,
      kinds: ["launchStarted", "launchStarted", "inService"]),
    // The header of klog, and no program that scales.
    Sample("samples/lnav/logfile_glog.0", nil, rejected: 7),
  ]

  @Test(.enabled(if: SampleDataTests.isPresent), arguments: samples)
  func sample(_ sample: Sample) throws {
    let url = SampleDataTests.folder.appendingPathComponent(sample.path)
    let (end, sink) = readMember(try Array(Data(contentsOf: url)))
    #expect(end.format == sample.format)
    #expect(sink.passed == sample.passed)
    #expect(sink.rejected.count == sample.rejected)
    #expect(sink.events.map { FormatText.value(of: "kind", in: $0) ?? "?" } == sample.kinds)
  }
}
