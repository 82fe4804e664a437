internal import Dispatch
internal import Foundation
internal import Pipeline

/// What happens on Ctrl-C and on a polite kill: half-written files go, and the exit code says so.
enum Interruption {
  /// Exit code of a run that was interrupted.
  static let exitCode: Int32 = 130

  /// Sources must live as long as the process. Made once and never looked at again, so no two threads share them.
  nonisolated(unsafe) private static let sources: [any DispatchSourceSignal] = [
    SIGINT, SIGTERM, SIGHUP,
  ].map { number in
    let source = DispatchSource.makeSignalSource(
      signal: number, queue: DispatchQueue(label: "interruption"))
    source.setEventHandler {
      PendingFiles.shared.unlinkAll()
      try? FileHandle.standardError.write(
        contentsOf: Data("\r\u{1B}[Kfloodmark: interrupted\n".utf8))
      // Nothing else may run: another thread could be about to rename a file that was just removed.
      _exit(exitCode)
    }
    source.resume()
    return source
  }

  /// Also has a closed pipe, and a file that may grow no further, reported as an error instead of a signal.
  static func install() {
    // The default action must be off before a dispatch source sees the signal.
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { _ = signal(number, SIG_IGN) }
    _ = unsafe sources
  }
}
