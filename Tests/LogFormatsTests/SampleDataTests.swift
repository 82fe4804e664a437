import Foundation
import IncidentModel
import Testing

@testable import LogFormats

/// Real lines, where the machine has them.
@Suite struct SampleDataTests {
  /// `shared/data` beside the package, or beside the folder that holds it.
  static let folder: URL = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let beside = package.deletingLastPathComponent().appendingPathComponent("shared/data")
    if FileManager.default.fileExists(atPath: beside.path) { return beside }
    return package.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("shared/data")
  }()
  static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

  struct Sample: CustomTestStringConvertible {
    var path: String
    var format: String
    var records: Int
    var rejected: Int
    var testDescription: String { path }
  }

  static let samples: [Sample] = [
    Sample(path: "formats/aws-alb/otel-alb-tid.log", format: "aws-alb", records: 2, rejected: 0),
    Sample(path: "formats/aws-alb/vrl-alb.log", format: "aws-alb", records: 9, rejected: 0),
    Sample(
      path: "formats/combined/crowdsec-nginx-http-sensitive-files.log", format: "combined",
      records: 9, rejected: 0),
    Sample(
      path: "formats/combined/logstash-httpd.log", format: "combined", records: 2, rejected: 0),
    Sample(
      path: "formats/combined/vrl-nginx-combined.log", format: "combined", records: 3, rejected: 0),
    Sample(
      path: "formats/ingress-nginx-upstreaminfo/vrl-ingress.log", format: "ingress-nginx",
      records: 4, rejected: 0),
    Sample(
      path: "formats/litespeed/crowdsec-litespeed-http-sensitive-files.log", format: "combined",
      records: 6, rejected: 0),
    Sample(
      path: "formats/nginx-main/vrl-nginx-main.log", format: "combined", records: 4, rejected: 0),
    Sample(
      path: "samples/crowdsec-hub/apache2-malformed.log", format: "combined", records: 11,
      rejected: 0),
    Sample(
      path: "samples/crowdsec-hub/caddy-logs.log", format: "caddy", records: 10, rejected: 1),
    Sample(
      path: "samples/crowdsec-hub/nginx-http-malformed.log", format: "combined", records: 12,
      rejected: 0),
    Sample(
      path: "samples/crowdsec-hub/traefik_clf.log", format: "combined", records: 7, rejected: 0),
    Sample(path: "samples/lnav/logfile_access_log.0", format: "combined", records: 3, rejected: 0),
    Sample(
      path: "samples/lnav/logfile_bad_access_log.0", format: "combined", records: 3, rejected: 0),
    Sample(path: "samples/matomo/alb.log", format: "aws-alb", records: 1, rejected: 0),
    Sample(path: "samples/matomo/caddy_json.log", format: "caddy", records: 3, rejected: 0),
    Sample(path: "samples/matomo/nginx_json.log", format: "json-lines", records: 2, rejected: 0),
    Sample(path: "samples/mtail/apache-combined.log", format: "combined", records: 5, rejected: 0),
    Sample(path: "samples/mtail/apache-common.log", format: "combined", records: 3, rejected: 0),
    Sample(
      path: "samples/mtail/lighttpd_access.log", format: "vhost-combined", records: 19, rejected: 0),
  ]

  @Test(.enabled(if: isPresent), arguments: samples) func sample(_ sample: Sample) throws {
    let bytes = try Array(Data(contentsOf: Self.folder.appendingPathComponent(sample.path)))
    let (end, sink) = readMember(bytes)
    #expect(end.format == sample.format)
    #expect(sink.records == sample.records)
    #expect(sink.rejected.count == sample.rejected)
  }
}
