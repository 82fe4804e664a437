internal import Foundation

/// Standard input, output and error of a process that was started without some of them.
enum StandardStreams {
  /// Opens what is closed, so that no archive or report takes its number.
  ///
  /// Input is then empty, messages go nowhere, and writing results fails as on a closed output: that descriptor is for reading only.
  static func open() {
    let ways = [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    // The lowest number that is free is the one that the system gives.
    for (descriptor, way) in ways where fcntl(descriptor, F_GETFD) == -1 {
      // Safe: the path is a C string for the call only.
      unsafe _ = Foundation.open("/dev/null", way)
    }
  }
}
