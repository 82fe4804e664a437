#if canImport(Glibc)
  internal import CMalloc
#endif

/// What was freed and is still the process's own.
enum FreeMemory {
  /// Gives the pages of freed memory back to the system, between two stages of a run: each thread's heap keeps what the reading of its members needed, on top of which the next stage would come.
  static func giveBack() {
    #if canImport(Glibc)
      _ = malloc_trim(0)
    #endif
  }
}
