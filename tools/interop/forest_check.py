"""Compares imported forests with scikit-learn and shap: forest_check.py --vitals-train PROGRAM."""

import argparse
import copy
import csv
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import tempfile
from itertools import combinations
from math import factorial

import numpy as np
import onnx
import onnxruntime
import shap
import skops.io
from checks import finish, judge
from sklearn.datasets import load_iris, load_wine
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
COLUMNS = 8

loader = importlib.machinery.SourceFileLoader("export_sklearn", os.path.join(ROOT, "tools/export-sklearn"))
exporter = importlib.util.module_from_spec(importlib.util.spec_from_loader("export_sklearn", loader))
loader.exec_module(exporter)


def compare(name, difference, bound):
    """Judges whether two figures lie no further apart than a bound."""
    found = f"{difference:.1e}"
    judge(f"{name}: {found} (at most {bound:.0e})", difference <= bound)


def sample(rows, missing, seed, digits=2):
    """Values that floats cannot tell apart from thresholds, now and then, and some that are missing."""
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(rows, COLUMNS)).round(digits)
    outcome = (chance.random(rows) < 1 / (1 + np.exp(-values[:, 0] - values[:, 1] * values[:, 2]))).astype(int)
    values[chance.random(values.shape) < missing] = np.nan
    return values, outcome


def write_table(path, values):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"x{column}" for column in range(values.shape[1])])
        writer.writerows([["" if np.isnan(value) else repr(float(value)) for value in row] for row in values])


class Ours:
    """A forest as a model of ours."""

    def __init__(self, program, folder, forest):
        self.program, self.folder = program, folder
        task = "classification" if hasattr(forest, "classes_") else "regression"
        columns = [{"name": f"x{column}"} for column in range(forest.n_features_in_)]
        schema = {"name": "x", "label": "y", "task": task, "columns": columns}
        if len(getattr(forest, "classes_", [])) > 2:
            schema["classes"] = [str(name) for name in forest.classes_]
        with open(f"{folder}/schema.json", "w") as file:
            json.dump(schema, file)
        with open(f"{folder}/forest.json", "w") as file:
            json.dump(exporter.export(forest), file, allow_nan=False)
        subprocess.run(
            [program, "import", f"{folder}/forest.json", "--schema", f"{folder}/schema.json",
             "--out", f"{folder}/model"],
            check=True,
            capture_output=True,
        )  # fmt: skip

    def predict(self, values, *options):
        write_table(f"{self.folder}/rows.csv", values)
        command = [self.program, "predict", "--model", f"{self.folder}/model", "--data", f"{self.folder}/rows.csv"]
        run = subprocess.run([*command, "--format", "ndjson", *options], check=True, capture_output=True, text=True)
        return [json.loads(line) for line in run.stdout.splitlines()]


def matrix(rows, key):
    return np.array([list(row[key].values()) for row in rows])


def tensor(rows, key):
    return np.array([[list(part.values()) for part in row[key].values()] for row in rows])


SETS = [frozenset(s) for size in range(COLUMNS + 1) for s in combinations(range(COLUMNS), size)]


def shapley(values):
    """The Shapley values of a game of columns by their definition, of what each set of them comes to."""
    result = np.zeros(COLUMNS)
    for column in range(COLUMNS):
        for known, value in values.items():
            if column not in known:
                weight = factorial(len(known)) * factorial(COLUMNS - len(known) - 1) / factorial(COLUMNS)
                result[column] += weight * (values[known | {column}] - value)
    return result


def against_background(forest, background, row):
    """Shapley values where columns that are not known have the values of the background's rows."""
    rows = np.tile(background, (len(SETS), 1, 1))
    for number, known in enumerate(SETS):
        rows[number][:, list(known)] = row[list(known)]
    means = forest.predict_proba(rows.reshape(-1, COLUMNS))[:, 1].reshape(len(SETS), -1).mean(axis=1)
    return shapley(dict(zip(SETS, means, strict=True)))


def with_rounded_thresholds(forest):
    """The forest with thresholds rounded to the nearest float, which may lie on the other side of a value."""
    rounded = copy.deepcopy(forest)
    for estimator in rounded.estimators_:
        estimator.tree_.threshold[:] = estimator.tree_.threshold.astype(np.float32)
    return rounded


def along_paths(forest, row):
    """Path-dependent Shapley values by their definition, where shap does not know missing values."""

    def expected(tree, node, known):
        if tree.children_left[node] < 0:
            return tree.value[node, 0, 1] / tree.value[node, 0].sum()
        column, left, right = tree.feature[node], tree.children_left[node], tree.children_right[node]
        if column in known:
            value = np.float32(row[column])
            goes_left = bool(tree.missing_go_to_left[node]) if np.isnan(value) else value <= tree.threshold[node]
            return expected(tree, left if goes_left else right, known)
        cover = tree.weighted_n_node_samples
        parts = expected(tree, left, known) * cover[left] + expected(tree, right, known) * cover[right]
        return parts / cover[node]

    def game(known):
        return sum(expected(estimator.tree_, 0, known) for estimator in forest.estimators_) / len(forest.estimators_)

    return shapley({known: game(known) for known in SETS})


def check(program, folder, name, forest, missing):
    values, outcome = sample(500, missing, 1)
    forest.fit(values, outcome)
    ours = Ours(program, folder, forest)
    others, _ = sample(300, missing, 2)
    rows = ours.predict(others, "--explain", "--interactions")
    probabilities = forest.predict_proba(others)[:, 1]
    compare(f"{name}: probabilities", np.abs(probabilities - [row["probability"] for row in rows]).max(), 0)
    path = f"{folder}/model/model.onnx"
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    _, theirs = session.run(None, {"X": others.astype(np.float32)})
    compare(f"{name}: ONNX", np.abs(theirs[:, 1] - probabilities).max(), 5e-6)
    compare(f"{name}: ONNX, the other class", np.abs(theirs.sum(axis=1) - 1).max(), 5e-6)
    sums = np.array([row["base_value"] for row in rows]) + matrix(rows, "shap").sum(axis=1)
    compare(f"{name}: Shapley values add up", np.abs(sums - probabilities).max(), 1e-9)
    check_background(ours, name, forest, values[:40], others[:60], missing)
    check_skops(ours, name, forest, others[:40], ours.predict(others[:40], "--explain"))
    if missing:
        expected = along_paths(forest, others[0])
        compare(f"{name}: a row by the definition", np.abs(matrix(rows, "shap")[0] - expected).max(), 1e-9)
        return
    explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
    compare(f"{name}: base value", abs(explainer.expected_value[1] - rows[0]["base_value"]), 1e-9)
    compare(f"{name}: Shapley values", np.abs(explainer.shap_values(others)[..., 1] - matrix(rows, "shap")).max(), 1e-9)
    pairs = explainer.shap_interaction_values(others[:40])[..., 1]
    compare(f"{name}: interactions", np.abs(pairs - tensor(rows[:40], "shap_interactions")).max(), 1e-9)
    model = subprocess.run(
        [program, "import", path, "--schema", f"{folder}/schema.json", "--out", f"{folder}/back"],
        capture_output=True)  # fmt: skip
    compare(f"{name}: ONNX comes back", model.returncode, 0)


def check_skops(ours, name, forest, rows, expected):
    """The forest from an archive of skops, which says what the JSON says."""
    skops.io.dump(forest, f"{ours.folder}/forest.skops")
    subprocess.run(
        [ours.program, "import", f"{ours.folder}/forest.skops", "--schema", f"{ours.folder}/schema.json",
         "--out", f"{ours.folder}/model"], check=True, capture_output=True)  # fmt: skip
    compare(f"{name}: from skops", 0 if ours.predict(rows, "--explain") == expected else 1, 0)


def check_regression(program, folder):
    name = "regression"
    values, _ = sample(500, 0.1, 1)
    filled = np.nan_to_num(values)
    numbers = 80 + 9 * filled[:, 0] + 4 * np.abs(filled[:, 1]) * filled[:, 2]
    forest = RandomForestRegressor(60, min_samples_leaf=3, random_state=5).fit(values, numbers)
    ours = Ours(program, folder, forest)
    others, _ = sample(300, 0.1, 2)
    rows = ours.predict(others, "--explain")
    expected = forest.predict(others)
    compare(f"{name}: predictions", np.abs(expected - [row["prediction"] for row in rows]).max(), 1e-12)
    sums = np.array([row["base_value"] for row in rows]) + matrix(rows, "shap").sum(axis=1)
    compare(f"{name}: Shapley values add up", np.abs(sums - expected).max(), 1e-9)
    path = f"{folder}/model/model.onnx"
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"X": others.astype(np.float32)})
    compare(f"{name}: ONNX", np.abs(theirs[:, 0] - expected).max() / np.abs(expected).max(), 5e-6)
    check_skops(ours, name, forest, others, rows)


def check_classes(program, folder, name, forest, values, outcome, missing):
    """A forest of more than two classes."""
    forest.fit(values, outcome)
    ours = Ours(program, folder, forest)
    words = [str(word) for word in forest.classes_]
    expected = forest.predict_proba(values)

    def probabilities(rows):
        return np.array([[row[f"probability_{word}"] for word in words] for row in rows])

    rows = ours.predict(values)
    compare(f"{name}: probabilities", np.abs(expected - probabilities(rows)).max(), 0)
    called = [row["predicted"] for row in rows]
    compare(f"{name}: the class that is predicted", called != [str(word) for word in forest.predict(values)], 0)
    path = f"{folder}/model/model.onnx"
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    labels, theirs = session.run(None, {"X": values.astype(np.float32)})
    compare(f"{name}: ONNX", np.abs(theirs - expected).max(), 5e-6)
    # Single precision may call equally probable classes another way.
    clear = np.diff(np.sort(expected, axis=1)[:, -2:], axis=1)[:, 0] > 1e-5
    compare(f"{name}: labels of ONNX", (labels != expected.argmax(axis=1))[clear].sum(), 0)
    some = values[::3]
    explained = ours.predict(some, "--explain", "--interactions")
    chosen = probabilities(explained).argmax(axis=1)
    sums = np.array([row["base_value"] for row in explained]) + matrix(explained, "shap").sum(axis=1)
    gap = np.abs(sums - expected[::3][np.arange(len(some)), chosen]).max()
    compare(f"{name}: Shapley values of the predicted class add up", gap, 1e-9)
    skops.io.dump(forest, f"{folder}/forest.skops")
    onnx_columns = ["--schema", f"{folder}/schema.json", "--out", f"{folder}/back"]
    subprocess.run([program, "import", path, *onnx_columns], check=True, capture_output=True)
    folders, ours.folder = ours.folder, f"{folder}/again"
    os.makedirs(ours.folder)
    os.rename(f"{folder}/back", f"{ours.folder}/model")
    compare(f"{name}: ONNX comes back", np.abs(probabilities(ours.predict(values)) - expected).max(), 5e-6)
    ours.folder = folders
    subprocess.run(
        [program, "import", f"{folder}/forest.skops", "--schema", f"{folder}/schema.json", "--out", f"{folder}/model"],
        check=True,
        capture_output=True,
    )
    compare(f"{name}: from skops", ours.predict(some, "--explain", "--interactions") != explained, 0)
    if missing:
        return
    explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
    theirs, pairs = explainer.shap_values(some), explainer.shap_interaction_values(some[:20])
    for number, word in enumerate(words):
        rows = ours.predict(some, "--explain", "--class", word)
        compare(f"{name}: Shapley values of {word}", np.abs(theirs[..., number] - matrix(rows, "shap")).max(), 1e-9)
        compare(f"{name}: base value of {word}", abs(explainer.expected_value[number] - rows[0]["base_value"]), 1e-9)
    own = theirs[np.arange(len(some)), :, chosen]
    compare(f"{name}: Shapley values of the predicted class", np.abs(own - matrix(explained, "shap")).max(), 1e-9)
    gap = np.abs(pairs[np.arange(20), :, :, chosen[:20]] - tensor(explained[:20], "shap_interactions")).max()
    compare(f"{name}: interactions of the predicted class", gap, 1e-9)


def check_all_classes(program):
    """Forests of more than two classes: flowers, wines, and six classes at random."""
    iris, wine = load_iris(), load_wine()
    values, _ = sample(400, 0, 7)
    six = np.floor(3 * (1 + np.tanh(values[:, 0] + values[:, 1] * values[:, 2]))).astype(int).clip(0, 5)
    holes = values.copy()
    holes[np.random.default_rng(8).random(values.shape) < 0.2] = np.nan
    tables = [
        ("iris", RandomForestClassifier(60, random_state=1), iris.data, iris.target_names[iris.target], 0),
        ("wine", ExtraTreesClassifier(60, min_samples_leaf=2, random_state=2), wine.data, wine.target, 0),
        ("six classes", RandomForestClassifier(40, class_weight="balanced", random_state=3), values, six, 0),
        ("six classes, missing values", RandomForestClassifier(40, random_state=4), holes, six, 0.2),
    ]
    for name, forest, data, outcome, missing in tables:
        with tempfile.TemporaryDirectory() as folder:
            check_classes(program, folder, name, forest, data, outcome, missing)


def check_background(ours, name, forest, background, rows, missing):
    """Explains against a background, by the definition and by shap."""

    def explain(background, rows):
        write_table(f"{ours.folder}/background.csv", background)
        return ours.predict(rows, "--explain", "--background", f"{ours.folder}/background.csv")

    answers = explain(background, rows)
    mean = forest.predict_proba(background)[:, 1].mean()
    compare(f"{name}: mean of the background", abs(mean - answers[0]["base_value"]), 1e-9)
    sums = mean + matrix(answers, "shap").sum(axis=1)
    compare(f"{name}: against a background, sums", np.abs(sums - forest.predict_proba(rows)[:, 1]).max(), 1e-9)
    for index in range(2):
        gap = np.abs(against_background(forest, background, rows[index]) - matrix(answers, "shap")[index]).max()
        compare(f"{name}: against a background, row {index} by the definition", gap, 1e-9)
    if missing:
        return

    def theirs(background, rows):
        explainer = shap.TreeExplainer(forest, data=background, feature_perturbation="interventional")
        return explainer.shap_values(rows, check_additivity=False)[..., 1]

    # shap keeps thresholds as floats here, rounded to the nearest one, and the background's rows as doubles: a value
    # between two such numbers goes the other way, and its own check of additivity fails. So it is held against ours on
    # values that no threshold comes near, and on the others, given as floats, against the definition with thresholds
    # like its own.
    background, others = sample(40, 0, 5, digits=12)[0], sample(60, 0, 6, digits=12)[0]
    gap = np.abs(theirs(background, others) - matrix(explain(background, others), "shap")).max()
    compare(f"{name}: against a background, shap", gap, 1e-6)
    background = background.round(2).astype(np.float32)
    expected = against_background(with_rounded_thresholds(forest), background, rows[0])
    gap = np.abs(theirs(background, rows[:1])[0] - expected).max()
    compare(f"{name}: against a background, shap is the definition with rounded thresholds", gap, 1e-6)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vitals-train", required=True)
    options = parser.parse_args()
    forests = {
        "forest": lambda: RandomForestClassifier(60, random_state=1),
        "forest of small trees": lambda: RandomForestClassifier(60, min_samples_leaf=5, max_depth=6, random_state=2),
        "forest with weights": lambda: RandomForestClassifier(60, class_weight="balanced", random_state=3),
        "extra trees": lambda: ExtraTreesClassifier(60, min_samples_leaf=3, random_state=4),
    }
    for name, make in forests.items():
        for missing in (0, 0.2):
            with tempfile.TemporaryDirectory() as folder:
                title = f"{name}, missing values" if missing else name
                check(options.vitals_train, folder, title, make(), missing)
    with tempfile.TemporaryDirectory() as folder:
        check_regression(options.vitals_train, folder)
    check_all_classes(options.vitals_train)
    finish()


if __name__ == "__main__":
    main()
