import CommandSupport
import Forest
import FoundationEssentials
import Kernels

/// What MLflow wants beside `model.onnx` to load a folder as a model of its flavour `onnx`: see "MLflow Models, storage
/// format" in its documentation.
struct MLflowFiles {
  let name: String
  let columns: Int
  let task: ForestSettings.Task
  /// The names of the classes, by the numbers that the model has for them; empty for numbers.
  let classes: [String]
  let fingerprint: String

  /// What loads and runs the model in Python.
  private static let requirements = ["mlflow>=3", "onnx>=1.17", "onnxruntime>=1.20", "numpy", "pandas"]
  private static let python = "3.11"

  func files(example: [Double]) throws -> [(name: String, bytes: [UInt8])] {
    let pip = Self.requirements.map { "    - \($0)\n" }.joined()
    let conda = """
      name: mlflow-env
      channels:
      - conda-forge
      dependencies:
      - python=\(Self.python)
      - pip
      - pip:
      \(pip)
      """
    let environment = "python: '\(Self.python)'\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt\n"
    let input = try prettyJSON([example])
    return [
      ("MLmodel", Array(model.utf8)), ("conda.yaml", Array(conda.utf8)), ("python_env.yaml", Array(environment.utf8)),
      ("requirements.txt", Array((Self.requirements.joined(separator: "\n") + "\n").utf8)),
      ("input_example.json", input),
    ]
  }

  private var model: String {
    """
    flavors:
      onnx:
        code: null
        data: model.onnx
        onnx_version: 1.17.0
        providers:
        - CPUExecutionProvider
      python_function:
        data: model.onnx
        env:
          conda: conda.yaml
          virtualenv: python_env.yaml
        loader_module: mlflow.onnx
        python_version: \(Self.python).0
    metadata:
    \(named)  data_xxh64: '\(fingerprint)'
      name: \(quoted(name))
      vitals_lake_version: \(ProductVersion.current)
    mlflow_version: 3.0.0
    model_uuid: \(identifier)
    saved_input_example_info:
      artifact_path: input_example.json
      format: tf-serving
      type: ndarray
    signature:
      inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, \(columns)]}}]'
      outputs: '[\(outputs)]'
      params: null

    """
  }

  /// The words of classes, where there are some.
  private var named: String {
    classes.isEmpty || classes == ["0", "1"] ? "" : "  classes: [\(classes.map(quoted).joined(separator: ", "))]\n"
  }

  private var outputs: String {
    let prediction =
      #"{"type": "tensor", "name": "prediction", "tensor-spec": {"dtype": "float32", "shape": [-1, 1]}}"#
    let label = #"{"type": "tensor", "name": "label", "tensor-spec": {"dtype": "int64", "shape": [-1]}}"#
    let probabilities =
      #"{"type": "tensor", "name": "probabilities", "tensor-spec": {"dtype": "float32", "shape": "#
      + "[-1, \(classes.count)]}}"
    return task == .regression ? prediction : "\(label), \(probabilities)"
  }

  /// A UUID that is the same for the same data and name, so that a training can be repeated to the last byte.
  private var identifier: String {
    let hashes = [name, name + fingerprint].map { text in unsafe xxHash64(Array(text.utf8).span.bytes) }
    let digits = (fingerprint + hashes.map { String($0, radix: 16) }.joined() + String(repeating: "0", count: 32))
      .prefix(32)
    return String(digits)
  }

  /// Text as YAML in single quotes.
  private func quoted(_ text: String) -> String {
    "'\(text.filter { !$0.isNewline }.replacing("'", with: "''"))'"
  }
}
