internal import Foundation
internal import Synchronization
internal import SystemPackage

/// The temporary files that are being written, so that an interruption can take them away.
package final class PendingFiles: Sendable {
  package static let shared = PendingFiles()

  private let count = Atomic<Int>(0)
  private let paths = Mutex<Set<FilePath>>([])

  /// A path in the target's folder that nobody else uses, remembered until ``remove(_:)``.
  func path(beside target: FilePath) -> FilePath {
    let name = target.lastComponent?.string ?? "output"
    let temporary = target.removingLastComponent().appending(".\(name).\(getpid()).part")
    paths.withLock { _ = $0.insert(temporary) }
    return temporary
  }

  /// The same for a target that several tasks of this process may write at once.
  func ownPath(beside target: FilePath) -> FilePath {
    let number = count.wrappingAdd(1, ordering: .relaxed).newValue
    let name = "\(target.lastComponent?.string ?? "output").\(number)"
    return path(beside: target.removingLastComponent().appending(name))
  }

  func remove(_ path: FilePath) {
    paths.withLock { _ = $0.remove(path) }
  }

  /// Deletes what is half-written; called when the run is interrupted.
  package func unlinkAll() {
    for path in paths.withLock({ $0 }) { SystemCalls.unlink(path) }
  }
}
