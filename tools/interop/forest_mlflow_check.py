"""Loads a model's folder by MLflow: forest_mlflow_check.py --vitals-train PROGRAM."""

import argparse
import csv
import json
import os
import subprocess
import tempfile

import mlflow
import mlflow.onnx
import mlflow.pyfunc
import numpy as np
from checks import finish, judge, skip
from mlflow.models import Model

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")


def check_classes(program, folder, rows, values):
    """A model of three classes, whose words are found in the table."""
    table, model = f"{folder}/stages.csv", f"{folder}/models/stages"
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "stage"])
        writer.writeheader()
        for row in rows:
            stage = "none" if row["outcome"] == "0" else "early" if float(row["glucose"]) < 150 else "late"
            writer.writerow(row | {"stage": stage})
    schema = f"{ROOT}/Schemas/diabetes.json"
    subprocess.run(
        [program, "--data", table, "--schema", schema, "--label", "stage", "--out", model, "--cv", "2x1",
         "--trees", "50"], check=True, capture_output=True)  # fmt: skip
    run = subprocess.run(
        [program, "predict", "--model", model, "--data", table, "--format", "ndjson"],
        check=True, capture_output=True, text=True)  # fmt: skip
    words = ["early", "late", "none"]
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    ours = np.array([[answer[f"probability_{word}"] for word in words] for answer in answers])
    described = Model.load(model)
    judge("three classes: their words are read", described.metadata["classes"] == words)
    judge("three classes: the signature is read", described.signature.outputs.inputs[1].shape == (-1, 3))
    theirs = np.asarray(mlflow.pyfunc.load_model(model).predict(values)["probabilities"])
    judge("three classes: mlflow.pyfunc predicts the same", np.abs(theirs - ours).max() < 5e-6)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vitals-train", required=True)
    program = parser.parse_args().vitals_train
    data, schema = f"{ROOT}/data/diabetes-synthetic.csv", f"{ROOT}/Schemas/diabetes.json"
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/models/m"
        subprocess.run(
            [program, "--data", data, "--schema", schema, "--out", model, "--cv", "2x1", "--trees", "50"],
            check=True, capture_output=True)  # fmt: skip
        run = subprocess.run(
            [program, "predict", "--model", model, "--data", data, "--format", "ndjson"],
            check=True, capture_output=True, text=True)  # fmt: skip
        ours = np.array([json.loads(line)["probability"] for line in run.stdout.splitlines()])
        with open(schema) as file:
            columns = json.load(file)["columns"]
        with open(data) as file:
            rows = list(csv.DictReader(file))
        # The codes of missing values are the caller's to know: schema.json names them.
        values = np.array(
            [[np.nan if row[column["name"]] == "" or float(row[column["name"]]) in column.get("missing", [])
              else float(row[column["name"]]) for column in columns] for row in rows],
            dtype=np.float32)  # fmt: skip
        described = Model.load(model)
        judge("the flavours are read", set(described.flavors) == {"onnx", "python_function"})
        judge("the signature is read", described.signature.inputs.numpy_types()[0] == np.dtype("float32"))
        example = described.load_input_example(model)
        judge("the input example has a value for each column", np.asarray(example).shape == (1, len(columns)))
        judge("mlflow.onnx loads it", len(mlflow.onnx.load_model(model).graph.node) == 1)
        loaded = mlflow.pyfunc.load_model(model)
        theirs = np.asarray(loaded.predict(values)["probabilities"])[:, 1]
        judge("mlflow.pyfunc predicts the same", np.abs(theirs - ours).max() < 5e-6)
        check_classes(program, folder, rows, values)
        os.chdir(folder)
        mlflow.set_tracking_uri(f"sqlite:///{folder}/runs.db")
        try:
            with mlflow.start_run():
                mlflow.log_artifacts(model, "model")
                mlflow.log_metrics({"roc_auc": json.load(open(f"{model}/metrics.json"))["roc_auc"]["mean"]})
            listed = mlflow.search_runs(search_all_experiments=True)
            judge("MLflow lists it", len(listed) == 1 and listed["metrics.roc_auc"][0] > 0.5)
        except (ImportError, mlflow.exceptions.MlflowException) as error:
            skip(f"MLflow lists it: mlflow-skinny has no store of runs ({type(error).__name__})")
    finish()


if __name__ == "__main__":
    main()
