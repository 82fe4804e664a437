package import IncidentModel

/// The named constants by which people and machines are told apart (METHODS §7), in one table.
///
/// The weights are log-odds; those of one family depend on each other, so a family counts for at most ``familyLimit``.
package enum ExcessParameters {
  // MARK: What is judged

  /// Sampled requests of a window beyond which every n-th is taken.
  package static let mostRows = 40_000
  /// Independent requests of the excess that a part must have to be judged.
  package static let leastEffective = 60.0
  /// Addresses that a baseline must have, in effect, for addresses to be those of clients.
  package static let leastAddresses = 5.0
  package static let enrichment = 5.0
  package static let agentShare = 0.03
  package static let networkShare = 0.02
  package static let enrichmentErrors = 3.0
  /// Share of pictures, scripts and styles that a baseline must have for their lack to mean something.
  package static let leastAssets = 0.05
  /// Share of people in a part of machines beyond which the machines themselves may load such things.
  package static let mostPeople = 0.5
  /// Enriched values together that make a part of their own, and the share from which they are the whole.
  package static let leastPart = 0.1
  package static let wholePart = 0.9
  /// Share of the baseline, and sampled requests, from which a part is held against its own past.
  package static let ownShare = 0.01
  package static let ownSampled = 200
  /// Requests from networks that the first half of a baseline lacks, at most, in its second.
  package static let widthNovelty = 0.2
  package static let widths = [24, 20, 16, 12, 8]
  package static let widthsSix = [48, 44, 40, 36, 32]
  package static let widthSampled = 100
  /// Networks, in effect, that a baseline must have for a new one to be told from a known one.
  package static let leastNetworks = 3.0

  // MARK: Shared addresses

  package static let sharedMix = 0.6
  package static let sharedAgent = 0.4
  package static let sharedPairs = 50.0
  package static let sharedOthers = 0.1
  /// Bits between the software behind shared addresses and the usual mix, at most.
  package static let sharedBits = 0.3

  // MARK: Judgement

  package static let familyLimit = 2.0
  package static let decisiveLimit = 3.0
  package static let machines = 3.0
  package static let people = -3.0
  package static let familySupport = 0.5
  package static let familyVeto = 1.5
  package static let kindShare = 0.6
  package static let undecidedShare = 0.4
  package static let singleEndpointMachines = 0.3
  /// Of the excess, from which a machine-made part leads.
  package static let leadShare = 0.5

  // MARK: Followed clients

  package static let staySeconds = 1_800.0
  package static let leastStaySeconds = 120.0
  package static let leastEvents = 100
  package static let timerEvents = 8
  package static let timerSeconds = 5.0
  package static let timerShare = 0.8
  package static let timerSlack = 0.05
  package static let fastPerMinute = 60.0
  /// How many times the usual odds of staying are those of who stays long.
  package static let stayOdds = 5.0
  /// Local variation of pauses, halfway from a clock's 0 to chance's 1.
  package static let evenPauses = 0.5

  // MARK: Ranking (Adtributor, NSDI 2014)

  package static let elementPower = 0.1
  package static let dimensionPower = 0.67
  package static let pairShare = 0.1
  package static let pairOverlap = 0.7
  package static let pairEnrichment = 2.0
  package static let pairs = 3

  /// The constants under the names by which the report's appendix shows them.
  package static let all =
    [
      Parameter(name: "excess.least_effective", value: leastEffective),
      Parameter(name: "excess.enrichment", value: enrichment),
      Parameter(name: "excess.agent_share", value: agentShare),
      Parameter(name: "excess.network_share", value: networkShare),
      Parameter(name: "excess.least_part", value: leastPart),
      Parameter(name: "excess.family_limit", value: familyLimit),
      Parameter(name: "excess.decisive_limit", value: decisiveLimit),
      Parameter(name: "excess.machines", value: machines),
      Parameter(name: "excess.people", value: people),
      Parameter(name: "excess.kind_share", value: kindShare),
      Parameter(name: "excess.undecided_share", value: undecidedShare),
      Parameter(name: "excess.element_power", value: elementPower),
      Parameter(name: "excess.dimension_power", value: dimensionPower),
    ]
    + ExcessTests.all.flatMap { test in
      test.weights.map { Parameter(name: "\(test.name).\($0.name)", value: $0.value) }
    }
}
