internal import Synchronization

/// The memory that the decoders of all streams that are open at one time may look back into, whoever reads them.
///
/// gzip, bzip2 and lz4 need so little that it is not counted.
package final class WindowBudget: Sendable {
  /// Of the whole process, for it is the process that memory is short of: the longest window there is, and those of what lies inside of it.
  package static let shared = WindowBudget(bytes: 144 << 20)

  private struct State {
    var free: Int
    /// Who waits, first come, first served.
    var queue: [(bytes: Int, turn: CheckedContinuation<Void, Never>)] = []
  }

  /// In bytes.
  let total: Int
  private let state: Mutex<State>

  package init(bytes: Int) {
    total = bytes
    state = Mutex(State(free: bytes))
  }

  /// Takes bytes once they are free; to be called by who holds none, so that nobody waits for somebody who waits.
  func take(_ bytes: Int) async {
    await withCheckedContinuation { turn in
      let isFree = state.withLock { state in
        if state.queue.isEmpty, state.free >= bytes {
          state.free -= bytes
          return true
        }
        state.queue.append((bytes, turn))
        return false
      }
      if isFree { turn.resume() }
    }
  }

  /// Takes bytes if they are free and nobody waits for any.
  func takeNow(_ bytes: Int) -> Bool {
    state.withLock { state in
      guard state.queue.isEmpty, state.free >= bytes else { return false }
      state.free -= bytes
      return true
    }
  }

  func giveBack(_ bytes: Int) {
    let turns = state.withLock { state in
      state.free += bytes
      var turns: [CheckedContinuation<Void, Never>] = []
      while let first = state.queue.first, first.bytes <= state.free {
        state.free -= first.bytes
        turns.append(first.turn)
        state.queue.removeFirst()
      }
      return turns
    }
    for turn in turns { turn.resume() }
  }
}

/// What one reader holds of the budget, for all streams inside each other that it has open.
final class WindowClaim {
  enum Answer {
    case granted
    /// Other readers hold too much: this one must let go of all and wait, and ``shortage`` says for how much.
    case mustWait
    /// It would not fit even if nothing else were open.
    case never
  }

  let budget: WindowBudget
  /// Taken before the reader began, and kept until it ends.
  private let reserved: Int
  private var taken: Int
  private var isOver = false
  private var used = 0
  /// The most that was used at one time.
  private var peak = 0
  /// The bytes with which the reader could have gone on; nothing that it gives from now on counts.
  private(set) var shortage: Int?

  /// `reserved` bytes were taken of the budget before.
  init(_ budget: WindowBudget, reserved: Int) {
    self.budget = budget
    self.reserved = reserved
    taken = reserved
  }

  deinit { letGo() }

  /// Gives everything back; what still is open must not be read from.
  func letGo() {
    budget.giveBack(taken)
    (taken, isOver) = (0, true)
  }

  func grow(by bytes: Int) -> Answer {
    guard shortage == nil, !isOver else { return .mustWait }
    let wanted = used + bytes
    guard bytes >= 0, wanted <= budget.total else { return .never }
    if wanted > taken {
      guard budget.takeNow(wanted - taken) else {
        shortage = max(peak, wanted)
        return .mustWait
      }
      taken = wanted
    }
    used = wanted
    peak = max(peak, used)
    return .granted
  }

  /// What still fits, if nothing else were open.
  var room: Int { budget.total - used }

  func shrink(by bytes: Int) {
    used -= bytes
    let kept = max(used, reserved)
    if taken > kept, !isOver {
      budget.giveBack(taken - kept)
      taken = kept
    }
  }
}
