#if canImport(Glibc)
  internal import CMalloc
#endif

/// What was freed and is still the process's own.
package enum FreeMemory {
  /// From this many bytes on an allocation is a mapping of its own, which goes back to the system as soon as it is freed.
  private static let mappedBytes: Int32 = 1 << 18

  /// Keeps glibc from raising that size with each large array that was freed; to be called before anything large is allocated.
  package static func keepSmall() {
    #if canImport(Glibc)
      _ = mallopt(M_MMAP_THRESHOLD, mappedBytes)
    #endif
  }

  /// Gives the pages of freed memory back to the system, between two stages of a run: each thread's heap keeps what the reading of its members needed, on top of which the next stage would come.
  static func giveBack() {
    #if canImport(Glibc)
      _ = malloc_trim(0)
    #endif
  }
}
