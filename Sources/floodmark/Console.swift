internal import ArgumentParser
internal import Foundation
internal import IncidentModel
internal import Pipeline

/// Standard output and standard error of one command: progress, messages, exit codes.
struct Console: Sendable {
  private let isQuiet: Bool
  private let showsProgress: Bool
  private let hasColor: Bool

  init(_ talk: TalkArguments) {
    let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    isQuiet = talk.quiet
    showsProgress = !talk.quiet && !talk.noProgress && isTerminal
    let plain = ProcessInfo.processInfo.environment["NO_COLOR"]?.isEmpty == false
    hasColor =
      switch talk.color {
      case .always: true
      case .never: false
      case .auto: isTerminal && !plain
      }
  }

  /// Runs a command's body: an interruption takes half-written files away, a failure becomes words and exit code 1.
  func guarding(_ body: () async throws -> Void) async throws {
    Interruption.install()
    do {
      try await body()
    } catch let error as ExitCode {
      throw error
    } catch is BrokenPipe {
      throw ExitCode.success
    } catch {
      clearProgress()
      say(FailureText.message(for: error), mark: "error", color: 31)
      throw ExitCode(1)
    }
  }

  /// Shows how far reading is, ten times a second, until `body` is done.
  func withProgress<Result: Sendable>(
    _ meter: ReadMeter, _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    guard showsProgress else { return try await body() }
    let line = Task {
      var display = ProgressLine()
      while (try? await Task.sleep(for: .milliseconds(100))) != nil {
        write(display.text(for: meter.reading), to: .standardError)
      }
    }
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    // The line's last word is awaited, or it would stand behind what is printed next.
    line.cancel()
    await line.value
    clearProgress()
    return try result.get()
  }

  var outputIsTerminal: Bool { isatty(FileHandle.standardOutput.fileDescriptor) == 1 }

  /// Something the user should know that stops nothing.
  func warn(_ text: String) {
    if !isQuiet { say(text, mark: "warning", color: 33) }
  }

  /// What was done, such as the file that was written.
  func inform(_ text: String) {
    if !isQuiet { write("\(text)\n", to: .standardError) }
  }

  /// Results. A reader that went away ends the command without a word, as in any pipe.
  func output(_ bytes: [UInt8]) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    } catch {
      let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey].map { $0 as? NSError }
      let codes = [error as NSError, underlying ?? nil].compactMap { $0 }
      if codes.contains(where: { $0.domain == NSPOSIXErrorDomain && $0.code == Int(EPIPE) }) {
        throw BrokenPipe()
      }
      throw OutputLost(code: codes.first { $0.domain == NSPOSIXErrorDomain }?.code)
    }
  }

  private func say(_ text: String, mark: String, color: Int) {
    let start = hasColor ? "\u{1B}[\(color)m\(mark):\u{1B}[0m" : "\(mark):"
    write("floodmark: \(start) \(text)\n", to: .standardError)
  }

  private func clearProgress() {
    if showsProgress { write("\r\u{1B}[K", to: .standardError) }
  }

  /// A message that cannot be shown is no reason to fail.
  private func write(_ text: String, to handle: FileHandle) {
    try? handle.write(contentsOf: Data(text.utf8))
  }
}

/// Nobody reads standard output any more.
struct BrokenPipe: Error {}

/// Standard output took less than all of it: its disk is full, or it is closed.
struct OutputLost: Error {
  /// The system's reason.
  let reason: String

  init(code: Int?) {
    // Safe: strerror gives a C string that stands until the next call.
    // What is open for reading only was closed when the process began.
    let code = code == Int(EBADF) ? nil : code
    reason =
      code.map { unsafe String(cString: strerror(Int32(truncatingIfNeeded: $0))) } ?? "it is closed"
  }
}

/// The cores that this process may use.
func processorCount() -> Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

/// The machine's memory.
func physicalMegabytes() -> Int { Int(ProcessInfo.processInfo.physicalMemory >> 20) }
