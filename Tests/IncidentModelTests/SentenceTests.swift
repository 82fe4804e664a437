import IncidentModel
import Testing

@Test func `a sentence keeps its slots typed`() {
  let zone = LogText("us-east-1a", kind: .name)
  let sentence: Sentence = "\(count: 14) of \(count: 17) launches were refused in \(log: zone)"
  #expect(
    sentence.pieces == [
      .count(14), .words(" of "), .count(17), .words(" launches were refused in "), .log(zone),
    ])
}

@Test func `sentences join without losing a piece`() {
  let first: Sentence = "a \(code: .capacityExhausted)"
  let joined: Sentence = "\(first), then b"
  #expect(joined.pieces == [.words("a "), .code("capacity-exhausted"), .words(", then b")])
  #expect((first + ", then b").pieces == joined.pieces)
}

@Test(arguments: [
  (1.0, "almost certain"), (0.95, "almost certain"), (0.9499, "very likely"), (0.8, "very likely"),
  (0.55, "likely"), (0.5, "about as likely as not"), (0.45, "about as likely as not"),
  (0.44, "unlikely"), (0.05, "unlikely"), (0.049, "contradicted"), (-3, "contradicted"),
])
func aLikelihoodHasItsWord(value: Double, term: String) {
  let likelihood = Likelihood(value)
  #expect(likelihood.term == term)
  #expect((0.01...0.99).contains(likelihood.value))
}

@Test func `the catalogue has seventeen causes with codes of their own`() {
  #expect(Cause.allCases.count == 17)
  #expect(Set(Cause.allCases.map(\.rawValue)).count == 17)
}
