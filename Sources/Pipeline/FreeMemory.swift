#if canImport(Glibc)
  internal import CMalloc
#endif

/// What was freed and is still the process's own.
enum FreeMemory {
  /// Gives the pages of freed memory back to the system: each thread's heap keeps what the reading of its members needed, on top of which the analysis would come.
  static func giveBack() {
    #if canImport(Glibc)
      _ = malloc_trim(0)
    #endif
  }
}
