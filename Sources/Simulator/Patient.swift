import Kernels
import Vitals

/// One simulated patient: who they are, and how they are just now.
struct Patient {
  private let id: String
  private let device: String
  private var random: SplitMix64

  // Who they are: levels at rest, and what they are connected to.
  private let rest: Levels
  private let hasArterialLine: Bool
  private let hasTemperatureProbe: Bool
  private let cuffSeconds: Double

  // How they are.
  private var wander = Levels()
  private var episode: Episode
  private var oximeter, leads, arterialLine: Sensor
  private var cuff, nurse: Round
  private var breathesOxygen: Bool

  /// The six vitals as plain numbers.
  struct Levels {
    var heartRate = 0.0, spo2 = 0.0, systolicBP = 0.0, diastolicBP = 0.0, respiratoryRate = 0.0, temperature = 0.0
  }

  /// Patient `index` (from 0) of the family `seed`; the stream of one does not depend on how many there are.
  init(index: Int, seed: UInt64, start: Int64) {
    let number = String(index + 1)
    id = "P" + String(repeating: "0", count: max(0, 5 - number.count)) + number
    device = "MON-" + String(repeating: "0", count: max(0, 5 - number.count)) + number
    var random = SplitMix64(seed: seed, index: index)
    let hasLungDisease = random.unit() < 0.08
    let isHypertensive = random.unit() < 0.25
    let systolic = isHypertensive ? random.between(140, 160) : random.between(108, 138)
    rest = Levels(
      heartRate: random.between(60, 90), spo2: hasLungDisease ? random.between(90, 93) : random.between(96, 98.5),
      systolicBP: systolic, diastolicBP: min(systolic * random.between(0.54, 0.64), 96),
      respiratoryRate: random.between(13, 18), temperature: random.between(36.4, 37.1))
    breathesOxygen = hasLungDisease && random.unit() < 0.5
    hasArterialLine = random.unit() < 0.2
    hasTemperatureProbe = random.unit() < 0.15
    cuffSeconds = random.between(300, 900)
    episode = .first(start: start, &random)
    oximeter = Sensor(start: start, on: (1_800, 14_400), off: (20, 180), &random)
    leads = Sensor(start: start, on: (7_200, 36_000), off: (10, 90), &random)
    arterialLine = Sensor(start: start, on: (14_400, 86_400), off: (30, 300), &random)
    cuff = Round(start: start)
    nurse = Round(start: start)
    self.random = random
  }

  /// The reading at `time`; times must not go back.
  mutating func read(at time: Int64, circadian: Double, noise: NoiseModel) -> Reading {
    if time >= episode.end { episode = episode.following(&random) }
    let illness = episode.level(at: time)
    let now = levels(illness: illness, circadian: circadian, noise: noise)
    let chance = Chance(bits: random.next())
    var reading = Reading(patientID: id, eventTimeMillis: time)
    reading.deviceID = device
    if leads.isOn(at: time, &random) {
      reading.heartRate = chance.dropsHeartRate ? nil : tenths(now.heartRate, 50, 140)
      if chance.spikes { reading.heartRate = tenths(random.between(50, 140), 50, 140) }  // movement
      reading.respiratoryRate = chance.dropsRespiration ? nil : tenths(now.respiratoryRate, 10, 30)
    }
    if oximeter.isOn(at: time, &random), !chance.dropsOximetry { reading.spo2 = tenths(now.spo2, 85, 100) }
    if measuresPressure(at: time, illness: illness) {
      let systolic = tenths(now.systolicBP, 90, 180)
      reading.systolicBP = systolic
      reading.diastolicBP = tenths(min(now.diastolicBP, systolic - 12), 60, 110)
    }
    observe(&reading, now, illness: illness)
    // A monitor whose leads are all off still counts the pulse.
    if !reading.hasVital { reading.heartRate = tenths(now.heartRate, 50, 140) }
    return reading
  }

  /// Rest, time of day, illness and wander added up.
  private mutating func levels(illness: Double, circadian: Double, noise: NoiseModel) -> Levels {
    noise.heartRate.advance(&wander.heartRate, &random)
    noise.spo2.advance(&wander.spo2, &random)
    noise.systolicBP.advance(&wander.systolicBP, &random)
    noise.diastolicBP.advance(&wander.diastolicBP, &random)
    noise.respiratoryRate.advance(&wander.respiratoryRate, &random)
    noise.temperature.advance(&wander.temperature, &random)
    let effect = episode.effect
    let oxygen = breathesOxygen ? 2.5 : 0
    return Levels(
      heartRate: rest.heartRate + 4 * circadian + illness * effect.heartRate + wander.heartRate,
      spo2: min(rest.spo2 + illness * effect.spo2 + oxygen + wander.spo2, 99.6),
      systolicBP: rest.systolicBP + 6 * circadian + illness * effect.systolicBP + wander.systolicBP,
      diastolicBP: rest.diastolicBP + 3 * circadian + illness * effect.diastolicBP + 0.4 * wander.systolicBP
        + wander.diastolicBP,
      respiratoryRate: rest.respiratoryRate + illness * effect.respiratoryRate + wander.respiratoryRate,
      temperature: rest.temperature + 0.3 * circadian + illness * effect.temperature + wander.temperature)
  }

  /// The arterial line measures always, the cuff every few minutes, and more often when the patient is ill.
  private mutating func measuresPressure(at time: Int64, illness: Double) -> Bool {
    if hasArterialLine && arterialLine.isOn(at: time, &random) { return true }
    return cuff.isDue(at: time, every: illness > 0.3 ? 120 : cuffSeconds, &random)
  }

  /// The nurse's round: consciousness and oxygen, temperature unless a probe measures it; hourly, more often in
  /// illness.
  private mutating func observe(_ reading: inout Reading, _ now: Levels, illness: Double) {
    let isDue = nurse.isDue(at: reading.eventTimeMillis, every: illness > 0.3 ? 600 : 3_600, &random)
    if isDue || hasTemperatureProbe { reading.temperature = tenths(now.temperature, 35, 41) }
    guard isDue else { return }
    if illness > 0.5 && now.spo2 < 93 { breathesOxygen = true }
    if illness < 0.2 && rest.spo2 > 94 { breathesOxygen = false }
    reading.supplementalOxygen = breathesOxygen
    reading.consciousness =
      illness > 0.95 ? .pain : illness > 0.85 ? .voice : illness > 0.7 ? .confusion : .alert
  }

  /// The value within its range, to one decimal: the double nearest to a whole number of tenths.
  private func tenths(_ value: Double, _ low: Double, _ high: Double) -> Double {
    Double(Int(min(max(value, low), high) * 10 + 0.5)) / 10
  }
}

/// The rare faults of one reading, all from one draw.
private struct Chance {
  let bits: UInt64
  /// Single values are lost three times in a thousand.
  var dropsHeartRate: Bool { bits & 0xfff < 12 }
  var dropsRespiration: Bool { (bits >> 12) & 0xfff < 12 }
  var dropsOximetry: Bool { (bits >> 24) & 0xfff < 12 }
  /// Movement is counted as beats once in two thousand readings.
  var spikes: Bool { (bits >> 36) & 0x7ff == 0 }
}
