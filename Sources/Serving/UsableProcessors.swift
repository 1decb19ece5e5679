internal import FoundationEssentials
internal import NIOCore

/// How many processors this process may use, as containers and `taskset` limit it.
let usableProcessors: Int = min(System.coreCount, allowedProcessors ?? .max)

/// How many the kernel lets it run on (`Cpus_allowed` of proc_pid_status(5), a mask in hexadecimal digits).
private var allowedProcessors: Int? {
  guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") })
  else { return nil }
  let count = line.dropFirst("Cpus_allowed:".count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
  return count > 0 ? count : nil
}
