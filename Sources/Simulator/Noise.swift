import Kernels

/// The wander of one vital around its level: a first-order autoregressive process with a time constant.
struct Noise {
  private let keep: Double
  private let step: Double

  /// - Parameters:
  ///   - deviation: the standard deviation that the wander has in the long run.
  ///   - memory: after how many seconds a deviation has faded to about a third.
  ///   - interval: seconds from one reading of a patient to the next.
  init(deviation: Double, memory: Double, interval: Double) {
    // 1/(1+x) in place of exp(-x): the same shape, and exact on every platform.
    keep = 1 / (1 + interval / memory)
    step = deviation * (1 - keep * keep).squareRoot()
  }

  /// Moves the wander on by one reading.
  func advance(_ value: inout Double, _ random: inout SplitMix64) { value = keep * value + step * random.normal() }
}

/// The noises of all vitals for one interval between readings.
struct NoiseModel {
  let heartRate, spo2, systolicBP, diastolicBP, respiratoryRate, temperature: Noise

  init(interval: Double) {
    heartRate = Noise(deviation: 3, memory: 60, interval: interval)
    spo2 = Noise(deviation: 0.7, memory: 90, interval: interval)
    systolicBP = Noise(deviation: 5, memory: 150, interval: interval)
    diastolicBP = Noise(deviation: 2.5, memory: 150, interval: interval)
    respiratoryRate = Noise(deviation: 1.4, memory: 45, interval: interval)
    temperature = Noise(deviation: 0.1, memory: 1_800, interval: interval)
  }
}
