internal import IncidentModel
internal import TrafficTally

/// How wide a network is by which clients are told apart: the narrowest at which the second half of the baseline has at most 20 % of its requests from networks that its first half lacks (METHODS §7).
///
/// Narrower ones are new all the time, so novelty there says nothing.
struct NetworkWidth: Sendable {
  private(set) var four = ExcessParameters.widths.last ?? 8
  private(set) var six = ExcessParameters.widthsSix.last ?? 32
  /// The share of requests from new networks that remains.
  private(set) var novelty = 0.0

  /// - Parameter networks: of each row of the baseline in order of arrival, its narrow network and weight.
  init(_ networks: [(address: AddressBits?, weight: Double)]) {
    let half = networks.count / 2
    let split = (Array(networks[..<half]), Array(networks[half...]))
    func choose(_ widths: [Int], isSix: Bool) -> (Int, new: Double, all: Double) {
      let before = split.0.filter { $0.address?.isSix == isSix }
      let after = split.1.filter { $0.address?.isSix == isSix }
      var last = (widths.last ?? 8, 0.0, 0.0)
      guard before.count >= ExcessParameters.widthSampled / 2,
        after.count >= ExcessParameters.widthSampled / 2
      else { return last }
      for width in widths {
        let known = Set(before.compactMap { $0.address?.masked(width) })
        let all = after.reduce(0) { $0 + $1.weight }
        let new = after.reduce(0.0) { sum, row in
          row.address.map { known.contains($0.masked(width)) } == false ? sum + row.weight : sum
        }
        last = (width, new, all)
        if all > 0, new <= ExcessParameters.widthNovelty * all { return last }
      }
      return last
    }
    let (widthFour, newFour, allFour) = choose(ExcessParameters.widths, isSix: false)
    let (widthSix, newSix, allSix) = choose(ExcessParameters.widthsSix, isSix: true)
    four = widthFour
    six = widthSix
    if allFour + allSix > 0 { novelty = (newFour + newSix) / (allFour + allSix) }
  }

  func place(of address: AddressBits) -> AddressBits { address.masked(length(address.isSix)) }

  func length(_ isSix: Bool) -> Int { isSix ? six : four }
}
