internal import IncidentModel

/// The report's words for the values of closed lists.
enum CauseWords {
  /// What a cause means, behind its code.
  static func meaning(_ cause: Cause) -> Phrase {
    switch cause {
    case .capacityExhausted: "launches fail, the provider has none"
    case .quotaReached: "launches fail on an account limit"
    case .maxSizeReached: "the group stood at its maximum"
    case .launchFailing: "launches fail for a reason of the group's own"
    case .scalingTooSlow: "decision and boot took longer than the rise allowed"
    case .scalingNotTriggered: "demand above capacity, and no decision to grow"
    case .prematureScaleIn: "capacity was removed shortly before"
    case .flapping: "the group grew and shrank in turns"
    case .instanceChurn: "instances were replaced in a loop"
    case .zoneLost: "one zone's capacity and traffic vanished"
    case .retryStorm: "failed requests come back"
    case .botSurge: "machine-like clients make the excess"
    case .demandSurge: "first attempts rose"
    case .hotEndpoint: "the failures sit on one route"
    case .dependencySlow: "latency rose first, with traffic steady"
    case .errorsWithoutLoad: "errors stepped up, with load steady"
    case .trafficLoss: "requests vanish without errors"
    }
  }

  /// Whether a cause's own statement is a share that answers no "why" without the meaning before it.
  static func tellsOnlyNumbers(_ cause: Cause) -> Bool {
    [.retryStorm, .botSurge].contains(cause)
  }

  static func role(_ role: Finding.Role?) -> Phrase {
    switch role {
    case .leading: "Leading"
    case .before: "Before it"
    case .sustaining: "Sustained it"
    case .firstMinutes: "First minutes"
    case .trigger: "Trigger"
    case .contributing, nil: "Contributed"
    }
  }

  /// `almost certain (97 %)`: the word and the number always stand together.
  static func likelihood(_ likelihood: Likelihood?) -> Phrase {
    guard let likelihood else { return "not testable" }
    return "\(term: likelihood) (\(Figure.share(likelihood.value, places: 0)))"
  }

  /// The result of a cause that is not supported.
  static func result(_ finding: Finding) -> Phrase {
    switch finding.verdict {
    case .supported: likelihood(finding.likelihood)
    case .untestable: "not testable"
    case .contradicted:
      finding.likelihood.map { "contradicted (\(Figure.share($0.value, places: 0)))" }
        ?? "contradicted"
    case .unsupported: likelihood(finding.likelihood)
    }
  }

  static func kind(_ kind: Composition.Kind) -> Phrase {
    switch kind {
    case .organic:
      "\(strong: "organic") (most of it looks like first attempts of people)"
    case .botLike: "\(strong: "bot-like") (most of it looks machine-made)"
    case .retries: "\(strong: "retries") (most of it repeats of failed requests)"
    case .singleEndpoint: "\(strong: "single-endpoint") (most of it went to one route)"
    case .mixed: "\(strong: "mixed") (more than one part is large)"
    case .cannotTell:
      "\(strong: "cannot tell") (the inputs do not show whether people or machines made it)"
    }
  }

  static func dimension(_ name: String) -> Phrase {
    switch name {
    case "route": "Route"
    case "client_network": "Client network"
    case "client_agent": "Client software"
    case "network_owner": "Network's owner"
    case "service": "Service"
    case "method": "Method"
    case "status": "Status"
    case "cache": "Cache result"
    case "zone": "Zone"
    case "referrer", "referrer_host": "Referring site"
    case "tls_version": "TLS version"
    default: "Other"
    }
  }

  static func source(_ source: TimelineEntry.Source) -> Phrase {
    switch source {
    case .access: "access"
    case .capacity: "capacity"
    case .change: "change"
    case .alert: "alert"
    case .note: "note"
    }
  }

  /// What a letter in the picture stands for.
  static func mark(_ kind: TimelineEntry.Kind) -> Phrase {
    switch kind {
    case .spikeOnset: "demand leaves its range"
    case .spikePeak: "peak of demand"
    case .spikeEnd: "demand back in its range"
    case .firstFailure: "first failure"
    case .worstMinute: "worst minute"
    case .failedShareChanged: "failed share changed"
    case .latencyChanged: "latency changed"
    case .goodputChanged: "served requests changed"
    case .fleetChanged: "fleet changed"
    case .recovery: "recovery"
    case .withinCapacity: "demand within capacity"
    case .slowTail: "slow tail"
    case .trafficLost: "requests stay away"
    case .lastLine: "last line"
    case .gap: "gap in the logs"
    case .scaleOutDecided: "scale-out decided"
    case .scaleInDecided: "scale-in decided"
    case .launchStarted: "launch started"
    case .launchFailed: "launch failed"
    case .inService: "instances in service"
    case .terminated: "instances removed"
    case .limitReached: "maximum size reached"
    case .notTriggered: "scaler held still"
    case .backoff: "scaler waits"
    case .configChanged: "configuration changed"
    case .observed: "size observed"
    case .clockShifted: "clock shifted"
    case .note: "note"
    case .change: "change"
    case .alert: "alert"
    }
  }

  static func input(_ kind: InputKind) -> Phrase {
    switch kind {
    case .access: "access"
    case .capacity: "capacity"
    case .notes: "notes"
    case .changes: "changes"
    case .alerts: "alerts"
    case .skipped: "skipped"
    }
  }
}
