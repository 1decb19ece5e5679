internal import Features
internal import Forest

/// What a model foretells of a patient, with what it is and what it is not; empty where there is no model.
enum ForecastPart {
  static func html(_ patient: PatientState, _ warning: EarlyWarning, span: ClosedRange<Int64>) -> HTML {
    switch warning {
    case .none: ""
    case .unfit(let why):
      """
      <section id="forecast"><h2>Early warning</h2><p class="notice">There is no forecast: the model of early warning \
      is of no use here. \(why.capitalizedFirst).</p></section>
      """
    case .ready(let model): ready(patient, model, span: span)
    }
  }

  private static func ready(_ patient: PatientState, _ model: EarlyWarningModel, span: ClosedRange<Int64>) -> HTML {
    let ahead = Page.span(model.windows.ahead)
    return """
      <section id="forecast" class="forecast"><h2>Early warning</h2>\(verdict(patient, model, ahead))\
      <p class="hint">Deterioration: NEWS2 reaches \(NEWS2.emergency), or a vital turns critical. A forest's estimate \
      from the readings of the last \(Page.span(model.windows.past)), learned from what came of patients in stored \
      vitals. Low is below 40 %, high from 70 %. It may be wrong: it stands beside NEWS2 and a look at the patient, \
      and replaces neither. Not a medical device.\(thinned(patient))</p>\(chart(patient, span: span))</section>
      """
  }

  private static func verdict(_ patient: PatientState, _ model: EarlyWarningModel, _ ahead: String) -> HTML {
    if patient.current.isDeteriorated {
      return """
        <p class="verdict">No forecast: the patient is in the state already that the model foretells.</p>
        """
    }
    guard let series = patient.recent?.series, let forecast = model.forecast(series) else {
      return "<p class=\"verdict\">No forecast: there are no readings yet.</p>"
    }
    let tenths = (Float(forecast.probability) * 1_000).nearest
    let stale: HTML = patient.isStale ? #" <b>from readings that are stale</b>"# : ""
    return """
      <p class="verdict"><b id="forecast-probability">\(tenths / 10).\(tenths % 10) %</b> \
      <span class="band-mark" id="forecast-band" data-band="\(forecast.level.rawValue)">\(forecast.level.rawValue)\
      </span> <small>probability of deterioration within \(ahead)</small>\(stale)</p>
      """
  }

  private static func thinned(_ patient: PatientState) -> HTML {
    patient.recent?.isThinned == true
      ? " Readings come faster than can be kept: some are left out." : ""
  }

  private static func chart(_ patient: PatientState, span: ClosedRange<Int64>) -> HTML {
    let points = patient.forecasts.map {
      TrendChart.Point(time: $0.time, low: $0.probability * 100, high: $0.probability * 100)
    }
    guard points.contains(where: { span.contains($0.time) }), span.upperBound - span.lowerBound > 120_000 else {
      return ""
    }
    let chart = TrendChart(
      title: "Probability of deterioration", unit: "%", points: points, span: span, gap: 150_000, ranges: nil,
      limits: 0...100, least: 0...100)
    return "<div class=\"trends\">\(chart.html)</div>"
  }
}

extension String {
  /// The text as the beginning of a sentence.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
