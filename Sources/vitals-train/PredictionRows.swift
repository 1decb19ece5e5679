import Columnar
import Forest

/// Predictions as rows for printing.
struct PredictionRows: Sendable {
  let model: SavedModel
  let explaining: Explaining?

  private var perColumn: DataType {
    .structure(model.schema.columns.map { Field($0.name, .double, isNullable: false) })
  }

  private var perPair: DataType {
    .structure(model.schema.columns.map { Field($0.name, perColumn, isNullable: false) })
  }

  private var hasClasses: Bool { model.forest.classCount > 2 }

  /// Whether rows say which class they explain.
  private var namesClass: Bool {
    switch explaining {
    case nil: false
    case .one(_, class: let number): number != nil
    case .predicted: true
    }
  }

  var schema: Schema {
    var fields =
      if hasClasses {
        [Field("predicted", .string)] + model.schema.classNames.map { Field("probability_\($0)", .double) }
      } else if model.forest.task == .regression {
        [Field("prediction", .double)]
      } else {
        [Field("probability", .double), Field("prediction", .int(bits: 32)), Field("risk_level", .string)]
      }
    guard let explaining else { return Schema(fields) }
    if namesClass { fields.append(Field("explained_class", .string)) }
    fields += [Field("base_value", .double), Field("shap", perColumn)]
    if explaining.hasInteractions { fields.append(Field("shap_interactions", perPair)) }
    return Schema(fields)
  }

  /// The columns behind others that say which row it is.
  func schema(of row: [Field]) -> Schema { Schema(row + schema.fields) }

  func batch(_ data: FeatureMatrix, threads: Int) async -> RecordBatch {
    var (columns, predicted) = ([Column](), [Int]())
    if hasClasses {
      (columns, predicted) = await classes(data, threads: threads)
    } else {
      columns = await numbers(data, threads: threads)
    }
    if let explaining {
      let found = await Explanations(explaining, data, predicted: predicted, threads: threads)
      if namesClass {
        let names = model.schema.classNames
        columns.append(Column(strings: found.classes.map { $0.map { names[$0] } ?? "" }))
      }
      columns.append(Column(type: .double, values: .double(found.bases)))
      columns.append(structure(found.values))
      if explaining.hasInteractions {
        let parts = model.schema.columns.indices.map { column in structure(found.interactions.map { $0[column] }) }
        columns.append(Column(type: perPair, values: .structure(parts, count: data.rowCount)))
      }
    }
    return RecordBatch(schema: schema, columns: columns)
  }

  /// The probability of one of two classes, and what it comes to, or a number.
  private func numbers(_ data: FeatureMatrix, threads: Int) async -> [Column] {
    let predictions = await model.forest.predictions(for: data, threads: threads).map(model.probability)
    let first = Column(type: .double, values: .double(predictions))
    guard model.forest.task == .classification else { return [first] }
    var levels = ByteStrings()
    for probability in predictions { levels.append(RiskLevel(probability).rawValue.utf8) }
    return [
      first, Column(type: .int(bits: 32), values: .int32(predictions.map { $0 >= 0.5 ? 1 : 0 })),
      Column(type: .string, values: .bytes(levels)),
    ]
  }

  /// The most probable of more than two classes, and the probability of each.
  private func classes(_ data: FeatureMatrix, threads: Int) async -> (columns: [Column], predicted: [Int]) {
    let names = model.schema.classNames
    let all = await model.forest.probabilities(for: data, threads: threads)
    let rows = 0..<data.rowCount
    let predicted = rows.map { row in
      RandomForest.mostProbable(all[row * names.count..<(row + 1) * names.count])
    }
    let probabilities = names.indices.map { number in
      Column(type: .double, values: .double(rows.map { all[$0 * names.count + number] }))
    }
    return ([Column(strings: predicted.map { names[$0] })] + probabilities, predicted)
  }

  /// A value for each column of the model, row by row, as a structure.
  private func structure(_ rows: [[Double]]) -> Column {
    let parts = model.schema.columns.indices.map { column in
      Column(type: .double, values: .double(rows.map { $0[column] }))
    }
    return Column(type: perColumn, values: .structure(parts, count: rows.count))
  }
}
