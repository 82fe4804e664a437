internal import IncidentModel

extension Truth {
  /// The truth as JSON: keys in a fixed order, so that equal truths are equal bytes.
  package var document: [UInt8] {
    var rows: [(String, String)] = [
      ("scenario", quoted(scenario.rawValue)), ("seed", "\(seed)"),
      ("access_format", quoted(accessFormat.rawValue)),
      ("capacity_format", quoted(capacityFormat.rawValue)),
      ("stamp", quoted(accessFormat.stamp.rawValue)),
      ("tells_duration", "\(accessFormat.tellsDuration)"),
      ("tells_backend", "\(accessFormat.tellsBackend)"),
      ("cause", cause.map { quoted($0.rawValue) } ?? "null"),
      ("service", quoted(accessFormat.tellsHost ? host : "default")), ("group", quoted(group)),
      ("start", quoted(stampText(start))), ("end", quoted(stampText(end))),
      ("onset", onset.map { quoted(stampText($0)) } ?? "null"), ("ramp_seconds", "\(ramp)"),
      ("capacity_per_instance", "\(capacity)"), ("initial_size", "\(size)"),
      ("maximum_size", "\(maximum)"),
      ("limit_reached", limitReached.map { quoted(stampText($0)) } ?? "null"),
    ]
    rows += [
      ("total", "\(total)"), ("failed", "\(failed)"), ("shed", "\(shed)"),
      ("repeats", "\(repeats)"), ("clients", "\(clients)"), ("broken_lines", "\(brokenLines)"),
      ("peak_arrivals_per_minute", "\(peakArrivals)"), ("peak_shortfall", "\(peakShortfall)"),
      (
        "statuses",
        "{"
          + statuses.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
          .joined(separator: ", ") + "}"
      ),
      ("files", "[" + files.map(quoted).joined(separator: ", ") + "]"),
      ("first_minute", quoted(stampText(minutes.first))),
      ("arrivals", "\(minutes.arrivals)"), ("repeats_per_minute", "\(minutes.repeats)"),
      ("failed_per_minute", "\(minutes.failed)"), ("shed_per_minute", "\(minutes.shed)"),
      ("health_checks", "\(minutes.healthChecks)"), ("ready", "\(minutes.ready)"),
      ("wanted", "\(minutes.wanted)"), ("needed", "\(minutes.needed)"),
      ("needed_first_attempts", "\(minutes.neededFirst)"),
      ("decisions", list(decisions.map(decisionText))),
      ("activities", list(activities.map(activityText))),
    ]
    let body = rows.map { "  \(quoted($0.0)): \($0.1)" }.joined(separator: ",\n")
    return Array("{\n\(body)\n}\n".utf8)
  }

  private func list(_ objects: [String]) -> String {
    objects.isEmpty ? "[]" : "[\n    " + objects.joined(separator: ",\n    ") + "\n  ]"
  }

  private func decisionText(_ decision: ScalingDecision) -> String {
    let reason =
      switch decision.reason {
      case .alarm: "alarm"
      case .constraints: "constraints"
      }
    return "{\"time\": \(quoted(stampText(decision.time))), \"from\": \(decision.from),"
      + " \"to\": \(decision.to), \"reason\": \(quoted(reason))}"
  }

  private func activityText(_ activity: FleetActivity) -> String {
    let outcome =
      switch activity.outcome {
      case .inService: "in-service"
      case .terminated: "terminated"
      case .unhealthy: "unhealthy"
      case .failed(let refusal): "failed:" + refusal.rawValue
      }
    return "{\"start\": \(quoted(stampText(activity.start, decimals: 3))),"
      + " \"end\": \(quoted(stampText(activity.end))), \"outcome\": \(quoted(outcome)),"
      + " \"instance\": \(activity.instance), \"zone\": \(activity.zone)}"
  }

  /// Only names of the simulator's own come here; none holds a quote.
  private func quoted(_ text: String) -> String { "\"\(text)\"" }
}
