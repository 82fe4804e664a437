package import IncidentModel

/// All formats by name: a new one is its file, its fixture, and a line here.
package enum FormatRegistry {
  /// Sorted by name.
  package static let access: [any AccessFormat.Type] = [
    AkamaiDataStream.self,
    ApacheTimed.self,
    AwsAlb.self,
    AwsApiGateway.self,
    AwsCloudFront.self,
    AwsCloudFrontJSON.self,
    AwsElb.self,
    AwsNlb.self,
    AwsS3.self,
    AzureAppGateway.self,
    AzureFrontDoor.self,
    Caddy.self,
    Cloudflare.self,
    Combined.self,
    Common.self,
    Envoy.self,
    EnvoyJSON.self,
    FastlyJSON.self,
    GcpHttpLb.self,
    Gunicorn.self,
    HAProxy.self,
    HAProxyClf.self,
    HerokuRouter.self,
    Iis.self,
    IisEvent.self,
    IisHttpErr.self,
    IngressNginx.self,
    IsoFirst.self,
    Istio.self,
    Jetty.self,
    JSONLines.self,
    Kong.self,
    Lighttpd.self,
    LiteSpeed.self,
    Logfmt.self,
    Morgan.self,
    NginxJSON.self,
    NginxProxyManager.self,
    NginxTimeFirst.self,
    NginxTimed.self,
    Rack.self,
    Squid.self,
    Tomcat.self,
    Traefik.self,
    TraefikJSON.self,
    Uvicorn.self,
    Uwsgi.self,
    Varnish.self,
    VhostCombined.self,
    W3CExtended.self,
  ]

  /// Sorted by name.
  package static let capacity: [any CapacityFormat.Type] = [
    Aks.self,
    Alerts.self,
    AwsApplicationAutoscaling.self,
    AwsAsgActivities.self,
    AwsAsgDescribe.self,
    AwsEcsService.self,
    AwsEvents.self,
    AwsFleetHistory.self,
    AzureActivity.self,
    AzureAutoscale.self,
    CapacityCSV.self,
    CapacityJSONLines.self,
    Changes.self,
    CloudTrail.self,
    CloudWatchMetrics.self,
    ClusterAutoscaler.self,
    GceMig.self,
    GkeVisibility.self,
    Hpa.self,
    Karpenter.self,
    Keda.self,
    KubernetesEvents.self,
    NomadAutoscaler.self,
    Notes.self,
    OpenStack.self,
    PrometheusQuery.self,
    ScalerSettings.self,
  ]

  /// The names of all formats, sorted.
  package static var names: [String] {
    (access.map { $0.name } + capacity.map { $0.name }).sorted()
  }

  /// The format with that name.
  package static func format(named name: String) -> LogFormat? {
    if let found = access.first(where: { $0.name == name }) { return .access(found) }
    if let found = capacity.first(where: { $0.name == name }) { return .capacity(found) }
    return nil
  }

  /// The access format with that name.
  static func access(named name: String) -> (any AccessFormat.Type)? {
    access.first { $0.name == name }
  }

  /// The name that was probably meant: at most a third of its letters differ; nil where none is near.
  package static func suggestion(for name: String) -> String? {
    let near = names.map {
      (name: $0, distance: EditDistance.between(Array(name.utf8), Array($0.utf8)))
    }
    guard let best = near.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else {
      return nil
    }
    return best.distance * 3 <= best.name.utf8.count ? best.name : nil
  }
}

/// A format of either sort.
package enum LogFormat: Sendable {
  case access(any AccessFormat.Type)
  case capacity(any CapacityFormat.Type)

  package var name: String {
    switch self {
    case .access(let format): format.name
    case .capacity(let format): format.name
    }
  }

  /// What an input in this format is: requests, capacity, notes, changes or alerts.
  package var kind: InputKind {
    switch self {
    case .access: .access
    case .capacity(let format): format.kind
    }
  }

  package var strictness: Int {
    switch self {
    case .access(let format): format.strictness
    case .capacity(let format): format.strictness
    }
  }
}
