import FloodmarkTestSupport
import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Crowds and machines of every sort over seeds, against what was planted.
struct ExcessTruthTests {
  private func plain(_ sentence: Sentence) -> String {
    sentence.pieces.map { piece in
      switch piece {
      case .words(let words), .code(let words): words
      case .share(let part, let whole): "\((100 * part / whole).rounded()) %"
      case .count(let count): "\(count)"
      case .factor(let factor): "\((factor * 100).rounded() / 100) ×"
      default: "…"
      }
    }.joined()
  }

  private func account(_ composition: Composition) -> String {
    "\(composition.kind) bots \(composition.botShare ?? -1)"
      + composition.parts.map { part in
        "\n  \(part.selection) \(part.share) ± \(part.shareError) \(part.verdict) \(part.logOdds)"
          + " shared \(part.isShared)"
          + part.tests.map { "\n    \($0.name) \($0.state) \($0.weight): \(plain($0.saw))" }
          .joined()
      }.joined()
  }

  /// The same story with a third of the lines.
  private func composition(
    _ sort: GuestCrowd.Sort, seed: UInt64, mixture: Double = 0
  ) throws -> (Composition, machines: Double) {
    let simulated = SimulatedExcess(sort, seed: seed, mixture: mixture) { plan in
      plan.demand.base /= 3
      plan.capacity /= 3
      plan.guests?.rate /= 3
      let clients = plan.guests?.clients ?? 3
      plan.guests?.clients = max(1, clients / 3)
    }
    let spikes = simulated.analysis().spikes
    let spike = try #require(spikes.max { $0.peakRate < $1.peakRate }, "seed \(seed)")
    let machines = simulated.machineShare(
      in: TimeSpan(start: spike.onset, end: spike.end),
      excess: spike.composition.excessRequests ?? 0,
      repeats: spike.composition.retryShare ?? 0)
    return (spike.composition, machines)
  }

  @Test(arguments: GuestCrowd.Sort.allCases)
  func `no crowd is taken for machines and no machines for people`(sort: GuestCrowd.Sort) throws {
    let (composition, _) = try composition(sort, seed: 5)
    let wrong: Composition.Part.Verdict = sort.isMachines ? .people : .machines
    let mistaken = composition.parts.filter { $0.verdict == wrong && $0.share >= 0.15 }
    #expect(mistaken.isEmpty, "\(account(composition))")
    #expect(composition.parts.isEmpty == false)
    for part in composition.parts {
      #expect((part.verdict == .cannotTell) == (part.obstacle != nil))
    }
  }

  @Test(arguments: [GuestCrowd.Sort.botnet, .scraper, .stuffing])
  func `machines that borrow the names of browsers are told by how they act`(
    sort: GuestCrowd.Sort
  ) throws {
    let (composition, _) = try composition(sort, seed: 5)
    #expect((composition.machineShare ?? 0) >= 0.9, "\(account(composition))")
  }

  @Test(arguments: [GuestCrowd.Sort.dataCentre, .crawler])
  func `the part that machines have in a mixture is told`(sort: GuestCrowd.Sort) throws {
    let (composition, machines) = try composition(sort, seed: 3, mixture: 0.4)
    let told = try #require(composition.machineShare)
    #expect(abs(told - machines) <= 0.05, "\(machines): \(account(composition))")
    #expect(machines > 0.3 && machines < 0.8)
  }
}
