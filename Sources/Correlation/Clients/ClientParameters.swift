package import IncidentModel

/// The named constants of what is told from followed clients (METHODS §7), in one table. Durations are seconds.
package enum ClientParameters {
  /// Within how long the same request counts as asked again; the longest that tells repeats from pollers is used.
  package static let horizons = [60.0, 30, 20, 10, 5]
  /// A control above this leaves a horizon unusable.
  package static let highestControl = 0.8
  /// Width of the blocks in which repeats are told.
  package static let blockSeconds: Int64 = 300
  /// Width of the parts of a block among which its repeats are divided: the trigger and the storm that follows can lie in one block.
  package static let minuteSeconds: Int64 = 60
  /// Requests as many as which a wider control counts.
  package static let pseudoEvents = 50.0
  /// A URL with this share of the failed requests, and as many of them, is judged alone.
  package static let urlShare = 0.01
  package static let urlFailed = 30
  /// Where more of the failed requests can't be judged, the number of repeats is a lower bound.
  package static let boundShare = 0.1
  /// Requests of a client when nothing of the same had failed, and their least part of those that came after failures, from which it is busy of its own accord.
  package static let busyRequests = 40
  package static let busyShare = 0.25
  /// Failed requests from which some clients are told apart.
  package static let leastFailed = 30
  /// Width of the stretches in which what follows a client's failures stands against what follows its answers, and how many of them there must be.
  package static let contrastSeconds: Int64 = 100
  package static let leastStretches = 10
  /// Repeats for each failed request below which nobody is taken to ask again, if it can't be as many as these.
  package static let noneAgain = 0.25
  package static let mostAgain = 0.75
  /// Standard error that is granted to what served requests of a cell tell of busy clients.
  package static let busyDoubt = 0.15
  /// Repeats for each failed request, and part of them, up to which two answers say the same: the contrast falls short where clients repeat more at one time than at another.
  package static let sameAnswer = 0.1
  package static let samePart = 0.2
  /// Repeats for each request from which they sustain themselves, and the failed requests that must show it.
  package static let sustained = 0.55
  package static let leastOthers = 100.0
  /// Groups of clients of which one at a time is left out for the interval.
  package static let groups = 20
  package static let intervalFactor = 1.96
  /// Fewer followed clients with a failed request give no number.
  package static let leastClients = 25
  /// Requests ÷ first attempts from which there is a storm, and for how many minutes.
  package static let stormFactor = 1.5
  package static let leadFactor = 2.0
  package static let metastableDemand = 1.25
  package static let metastableFailed = 5.0
  package static let metastableGoodput = 0.9
  package static let metastableMinutes = 5
  /// Of the excess, from which its kind is `retries`.
  package static let retriesShare = 0.6
  /// Silence after which a client's next request begins another session.
  package static let sessionGap = 1_800.0

  /// The constants under the names by which the report's appendix shows them.
  package static let all = [
    Parameter(name: "repeats.longest_s", value: horizons[0]),
    Parameter(name: "repeats.highest_control", value: highestControl),
    Parameter(name: "repeats.pseudo_events", value: pseudoEvents),
    Parameter(name: "repeats.least_clients", value: Double(leastClients)),
    Parameter(name: "storm.factor", value: stormFactor),
  ]
}
