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

  @Test(arguments: GuestCrowd.Sort.allCases)
  func `no crowd is taken for machines and no machines for people`(sort: GuestCrowd.Sort) throws {
    var told = 0
    for seed in UInt64(1)...4 {
      let simulated = SimulatedExcess(sort, seed: seed)
      let analysis = simulated.analysis()
      let spike = try #require(
        analysis.spikes.max { $0.peakRate < $1.peakRate }, "seed \(seed)")
      let composition = spike.composition
      let wrong: Composition.Part.Verdict = sort.isMachines ? .people : .machines
      let mistaken = composition.parts.filter { $0.verdict == wrong && $0.share >= 0.15 }
      #expect(mistaken.isEmpty, "seed \(seed): \(account(composition))")
      if composition.parts.contains(where: { $0.verdict != .cannotTell }) { told += 1 }
      print(sort.rawValue, seed, account(composition))
    }
    print("EXCESS", sort.rawValue, told)
  }
}
