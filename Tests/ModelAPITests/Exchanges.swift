import JSON
import Testing

/// A request and what its answer must be; sent in process and over a socket alike.
struct Exchange: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var method = "POST"
  var path = "/predict"
  var contentType: String? = "application/json"
  var body: String
  var status: Int
  /// Texts that the answer must hold.
  var holds: [String] = []

  static let patient = #"{"glucose":180,"bmi":44,"age":47}"#

  static let all: [Exchange] = [
    .init(
      testDescription: "a patient", body: patient, status: 200,
      holds: [#"{"prediction":1,"probability":"#, #""risk_level":"High","message":"High diabetes risk detected"}"#]),
    .init(
      testDescription: "white space and another order", body: " { \"age\" : 47 ,\r\n\t\"bmi\":44,\"glucose\": 1.8e2 } ",
      status: 200, holds: [#""prediction":1"#]),
    .init(
      testDescription: "a character set", contentType: "application/json; charset=utf-8", body: patient, status: 200),
    .init(
      testDescription: "a zero that means missing, and a null", body: #"{"glucose":0,"bmi":null,"age":47}"#,
      status: 200,
      holds: [#""missing":["glucose","bmi"]"#]),
    .init(
      testDescription: "a model by name", path: "/models/diabetes/predict", body: patient, status: 200,
      holds: [#""risk_level":"High""#]),
    .init(
      testDescription: "no model of the name", path: "/models/flu/predict", body: patient, status: 404,
      holds: [#""type":"/problems/no-such-model""#]),
    .init(
      testDescription: "many patients", path: "/predict/batch", body: "[\(patient),\(patient)]", status: 200,
      holds: [#"{"predictions":[{"prediction":1,"#]),
    .init(
      testDescription: "no patients", path: "/predict/batch", body: "[]", status: 200, holds: [#"{"predictions":[]}"#]),
    .init(
      testDescription: "one bad patient of two", path: "/predict/batch", body: "[\(patient),{\"glucose\":1}]",
      status: 422,
      holds: [#""pointer":"/1/glucose""#, #""pointer":"/1/age""#]),
    .init(
      testDescription: "an explanation", path: "/explain", body: patient, status: 200,
      holds: [#""base_value":"#, #""shap":[{"feature":""#]),
    .init(
      testDescription: "a what-if", path: "/explain/what-if",
      body: #"{"record":\#(patient),"changes":{"glucose":70}}"#, status: 200, holds: [#"{"before":{"#, #""after":{"#]),
    .init(
      testDescription: "a what-if with its parts the other way round", path: "/explain/what-if",
      body: #"{"changes":{"bmi":20},"record":\#(patient)}"#, status: 200, holds: [#"{"before":{"#]),
    .init(
      testDescription: "a what-if without changes", path: "/explain/what-if", body: #"{"record":\#(patient)}"#,
      status: 422, holds: ["wrong-shape"]),
    .init(
      testDescription: "a what-if with something more", path: "/explain/what-if",
      body: #"{"record":\#(patient),"changes":{},"x":1}"#, status: 422, holds: ["wrong-shape"]),
    .init(
      testDescription: "a missing field", body: #"{"glucose":180,"bmi":44}"#, status: 422,
      holds: [#""pointer":"/age","field":"age","reason":"missing","detail":"it is needed""#]),
    .init(
      testDescription: "an unknown field", body: #"{"glucose":180,"bmi":44,"age":47,"a/b~c":{"x":[1]}}"#, status: 422,
      holds: [#""pointer":"/a~1b~0c""#, #""reason":"unknown""#]),
    .init(
      testDescription: "a field twice", body: #"{"glucose":180,"bmi":44,"age":47,"age":48}"#, status: 422,
      holds: [#""reason":"duplicate""#]),
    .init(
      testDescription: "texts, truth values, lists and objects instead of numbers",
      body: #"{"glucose":"180","bmi":true,"age":[47]}"#, status: 422,
      holds: [#""field":"glucose","reason":"wrong-type""#, #""field":"bmi""#, #""field":"age""#]),
    .init(
      testDescription: "a null where one is measured always", body: #"{"glucose":180,"bmi":44,"age":null}"#,
      status: 422,
      holds: [#""detail":"it may not be null""#]),
    .init(
      testDescription: "out of range", body: #"{"glucose":601,"bmi":-1,"age":17.9}"#, status: 422,
      holds: [#""reason":"out-of-range","detail":"it must lie from 20 to 600 mg/dL","minimum":20,"maximum":600"#]),
    .init(
      testDescription: "beyond any number", body: #"{"glucose":1e999,"bmi":44,"age":47}"#, status: 422,
      holds: ["out-of-range"]),
    .init(
      testDescription: "not a number", body: #"{"glucose":NaN,"bmi":44,"age":47}"#, status: 400, holds: ["bad-json"]),
    .init(testDescription: "a leading zero", body: #"{"glucose":0180,"bmi":44,"age":47}"#, status: 400),
    .init(testDescription: "nothing", body: "", status: 400, holds: ["bad-json"]),
    .init(testDescription: "half an object", body: #"{"glucose":180,"#, status: 400, holds: ["bad-json"]),
    .init(testDescription: "something behind", body: patient + "x", status: 400, holds: ["bad-json"]),
    .init(testDescription: "a list where an object is expected", body: "[]", status: 422, holds: ["wrong-shape"]),
    .init(
      testDescription: "an object where a list is expected", path: "/predict/batch", body: patient, status: 422,
      holds: ["wrong-shape"]),
    .init(
      testDescription: "another content type", contentType: "text/plain", body: patient, status: 415,
      holds: ["wrong-content-type"]),
    .init(testDescription: "GET where POST is", method: "GET", contentType: nil, body: "", status: 405),
    .init(testDescription: "no such path", path: "/nothing/here", body: patient, status: 404, holds: ["not-found"]),
    .init(
      testDescription: "health", method: "GET", path: "/health", contentType: nil, body: "", status: 200,
      holds: [#"{"status":"healthy"}"#]),
    .init(testDescription: "readiness", method: "GET", path: "/readyz", contentType: nil, body: "", status: 200),
    .init(
      testDescription: "the model", method: "GET", path: "/model", contentType: nil, body: "", status: 200,
      holds: [
        #""name":"diabetes""#, #""limits":[20,600]"#, #""metrics":{"roc_auc":{"mean":0.9}}"#, #"<tags> & \"quotes\""#,
      ]),
    .init(
      testDescription: "the models", method: "GET", path: "/models", contentType: nil, body: "", status: 200,
      holds: [#"{"models":[{"name":"diabetes""#]),
    .init(
      testDescription: "the document", method: "GET", path: "/openapi.json", contentType: nil, body: "", status: 200,
      holds: [#""openapi":"3.1.0""#]),
    .init(
      testDescription: "the page", method: "GET", path: "/docs", contentType: nil, body: "", status: 200,
      holds: ["<h2>diabetes</h2>"]),
    .init(testDescription: "metrics", method: "GET", path: "/metrics", contentType: nil, body: "", status: 200),
  ]
}
