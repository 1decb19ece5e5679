// One run of the hybrid of runs and bit-packed groups; grammar and worked example: RunLengthHybrid.swift.

/// Adds one value `count` times: at width 3 and count 100 the value 5 is c8 01 05.
func encodeRun(_ value: UInt32, count: Int, width: Int, appendingTo output: inout [UInt8]) {
  if count == 0 { return }
  appendVarint(count << 1, to: &output)
  for byte in 0..<(width + 7) / 8 { output.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))) }
}
