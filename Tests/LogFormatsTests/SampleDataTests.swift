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

  /// A file below the folder, and what becomes of its lines.
  struct Sample: CustomTestStringConvertible {
    var path: String
    /// `-`: no format may be found.
    var format: String
    var records: Int
    var rejected: Int
    var testDescription: String { path }
  }

  /// Path, format, requests that are read, lines that are none and are refused.
  static let table = """
    formats/aws-alb/otel-alb-tid.log aws-alb 2 0
    formats/aws-alb/vrl-alb.log aws-alb 9 0
    formats/aws-elb-classic/logstash-elb.log aws-elb 4 0
    formats/aws-elb-classic/otel-clb.log aws-elb 2 0
    formats/aws-nlb-tls/otel-nlb.log aws-nlb 1 0
    formats/aws-s3/logstash-s3.log aws-s3 2 0
    formats/aws-s3/otel-s3.log aws-s3 3 0
    formats/azure-app-gateway/otel-agw.json azure-app-gateway 3 0
    formats/azure-front-door/otel-frontdoor.json azure-front-door 1 0
    formats/combined/crowdsec-nginx-http-sensitive-files.log combined 9 0
    formats/combined/lnav-access_log.log combined 9 0
    formats/combined/logstash-httpd.log combined 2 0
    formats/combined/vrl-nginx-combined.log combined 3 0
    formats/cri/crowdsec-cri-logs.log ingress-nginx 3 0
    formats/docker-json-file/crowdsec-docker-logs.log ingress-nginx 3 0
    formats/envoy-default/envoy-docs.log envoy 1 0
    formats/fastly-json/crowdsec-fastly-logs.log fastly-json 4 0
    formats/gcp-http-lb/otel-gcp-lb.log gcp-http-lb 1 0
    formats/haproxy-http/logstash-haproxy.log haproxy 7 0
    formats/haproxy-tcp/logstash-haproxy-tcp.log haproxy 1 0
    formats/iis-w3c/plaso-iis7_owa.log iis 3 0
    formats/iis-w3c/plaso-iis_without_date.log iis 11 0
    formats/ingress-nginx-upstreaminfo/vrl-ingress.log ingress-nginx 4 0
    formats/istio/istio-docs.log istio 2 0
    formats/litespeed/crowdsec-litespeed-http-sensitive-files.log combined 6 0
    formats/nginx-custom-order/crowdsec-nginx_http-catch-npm.log nginx-time-first 6 0
    formats/nginx-main/vrl-nginx-main.log combined 4 0
    formats/squid-native/logstash-squid.log squid 4 0
    formats/tomcat-atlassian/plaso-confluence_access_post7.11.log tomcat 1 0
    formats/tomcat-atlassian/plaso-jira_access_post9.4.log tomcat 2 0
    formats/uwsgi/lnav-uwsgi.log uwsgi 19 0
    samples/crowdsec-hub/apache2-logs.log combined 7 2
    samples/crowdsec-hub/apache2-malformed.log combined 11 0
    samples/crowdsec-hub/caddy-logs.log caddy 10 1
    samples/crowdsec-hub/envoy-logs.log envoy-json 10 0
    samples/crowdsec-hub/haproxy-logs.log haproxy 5 0
    samples/crowdsec-hub/iis-xml-logs.log iis-event 1 0
    samples/crowdsec-hub/nginx-http-malformed.log combined 12 0
    samples/crowdsec-hub/nginx-proxy-manager-logs.log nginx-proxy-manager 12 2
    samples/crowdsec-hub/nginx_http-logs.log combined 8 1
    samples/crowdsec-hub/traefik_clf.log traefik 7 0
    samples/crowdsec-hub/traefik_json.log traefik-json 6 1
    samples/lnav/logfile_access_log.0 combined 3 0
    samples/lnav/logfile_bad_access_log.0 combined 3 0
    samples/lnav/logfile_caddy_log.0 caddy 4 35
    samples/lnav/logfile_cloudflare.json cloudflare 1 0
    samples/lnav/logfile_haproxy.0 haproxy 14 3
    samples/lnav/logfile_w3c.0 iis 1 0
    samples/lnav/logfile_w3c.2 - 0 14
    samples/lnav/logfile_w3c.4 w3c-extended 2 0
    samples/matomo/alb.log aws-alb 1 0
    samples/matomo/amazon_cloudfront_web.log aws-cloudfront 1 0
    samples/matomo/caddy_json.log caddy 3 0
    samples/matomo/elb.log aws-elb 2 0
    samples/matomo/iis.log iis 1 0
    samples/matomo/incapsula_w3c.log w3c-extended 2 0
    samples/matomo/nginx_json.log json-lines 2 0
    samples/matomo/traefik_json.log traefik-json 1 0
    samples/mtail/apache-combined.log combined 5 0
    samples/mtail/apache-common.log apache-timed 3 0
    samples/mtail/lighttpd_access.log lighttpd 19 0
    samples/plaso/apache_access.log combined 14 1
    samples/plaso/azure_application_gateway_access.json azure-app-gateway 2 0
    samples/plaso/iis10.log iis 1 0
    """

  static let samples: [Sample] = table.split(separator: "\n").map { row in
    let words = row.split(separator: " ").map(String.init)
    return Sample(
      path: words[0], format: words[1], records: Int(words[2]) ?? -1, rejected: Int(words[3]) ?? -1)
  }

  @Test(.enabled(if: isPresent), arguments: samples) func sample(_ sample: Sample) throws {
    let bytes = try Array(Data(contentsOf: Self.folder.appendingPathComponent(sample.path)))
    let (end, sink) = readMember(bytes)
    #expect(end.format ?? "-" == sample.format)
    #expect(sink.records == sample.records)
    #expect(sink.rejected.count == sample.rejected)
  }
}
