internal import CMalloc

/// Lets the process keep up to 64 MiB of memory that it has freed, and reuse it; for programs, at their start.
///
/// Reading goes through buffers of some megabytes, a few at a time. By default the C library gives their pages back to
/// the operating system whenever all are free, and gets them again a moment later, zeroed, one fault each: a fifth of
/// the time of reading a local file. A library must not decide that for its host, so nothing here calls it.
public func keepFreedMemory() {
  // One alone would end the C library's own choice of the other.
  mallopt(M_TRIM_THRESHOLD, 64 << 20)
  mallopt(M_MMAP_THRESHOLD, 32 << 20)
}

/// Makes threads that begin from now on share one heap; for programs that hold themselves to a limit of memory.
///
/// By default each gets a heap of its own, and what a task freed on one thread is of no use to the next on another:
/// work that wanders between two threads then holds twice its memory.
public func shareOneHeap() {
  mallopt(M_ARENA_MAX, 1)
}
