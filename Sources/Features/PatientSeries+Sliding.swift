/// What a program needs that follows a patient: readings come in any order, and the oldest leave.
extension PatientSeries {
  /// Takes a reading in at its place in time; one of the same moment is replaced. A time of more than 100,000 years
  /// away is left aside.
  public mutating func take(_ said: CurrentVitals, at time: Int64) {
    guard Self.knownTimes.contains(time) else { return }
    var place = times.count
    while place > 0, times[place - 1] > time { place -= 1 }
    let state = ReadingState(isAlert: said.isAlert, hasOxygen: said.hasOxygen)
    if place > 0, times[place - 1] == time {
      for vital in Vital.allCases { vitals[vital.rawValue][place - 1] = said[vital] }
      states[place - 1] = state
    } else {
      times.insert(time, at: place)
      for vital in Vital.allCases { vitals[vital.rawValue].insert(said[vital], at: place) }
      states.insert(state, at: place)
    }
  }

  /// Forgets the newest reading, where there is one.
  public mutating func removeLast() {
    guard times.popLast() != nil else { return }
    for vital in vitals.indices { vitals[vital].removeLast() }
    states.removeLast()
  }

  /// Keeps the readings whose places are named, which stand in their order.
  public mutating func keep(_ places: some Collection<Int>) {
    times = places.map { times[$0] }
    for vital in vitals.indices { vitals[vital] = places.map { vitals[vital][$0] } }
    states = places.map { states[$0] }
  }
}
