internal import IncidentModel

/// A cause that no input of this run can decide: registered, said, and never supported.
struct UndecidableCause: CauseTest {
  let cause: Cause
  /// `repeats cannot be told`, a clause without full stop.
  var why: Sentence
  var needs: [Sentence]

  func examine(_ context: CauseContext) -> CauseCase { .untestable(why, needs: needs) }
}
