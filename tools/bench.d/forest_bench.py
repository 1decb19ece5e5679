"""Grows, asks and explains forests by several libraries, in turn, and prints the best seconds of each."""

import argparse
import importlib.machinery
import importlib.util
import json
import math
import os
import subprocess
import time
import warnings

import lightgbm
import numpy as np
import shap
import xgboost
import ydf
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

from bench_report import report

ydf.verbose(0)
warnings.filterwarnings("ignore", message="X does not have valid feature names")
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
loader = importlib.machinery.SourceFileLoader("export_sklearn", os.path.join(ROOT, "tools/export-sklearn"))
exporter = importlib.util.module_from_spec(importlib.util.spec_from_loader("export_sklearn", loader))
loader.exec_module(exporter)


def patients(rows, columns, seed):
    """Numbers of few digits, some of them missing, and an outcome that follows some of them by chance."""
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(rows, columns)).round(2)
    logit = values[:, 0] + values[:, 1] * values[:, 2] + np.abs(values[:, 3]) - 1.3
    outcome = (chance.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    values[:, 4:6][chance.random((rows, 2)) < 0.3] = np.nan
    return values.astype(np.float32), outcome


def save(path, values, outcome):
    """Column after column, the outcome last."""
    np.vstack([values.T, outcome.astype(np.float32)]).astype("<f4").tofile(path)


def seconds(rounds, body):
    best = math.inf
    for _ in range(rounds):
        start = time.perf_counter()
        body()
        best = min(best, time.perf_counter() - start)
    return best


class Yggdrasil:
    """YDF's random forest, asked as scikit-learn's is."""

    def __init__(self, trees, leaf, depth):
        # YDF counts the root as a level.
        self.learner = ydf.RandomForestLearner(
            label="outcome", num_trees=trees, min_examples=leaf, max_depth=depth + 1 if depth else -1, num_threads=1,
            winner_take_all=False, compute_oob_performances=False, random_seed=1)  # fmt: skip

    def fit(self, values, outcome):
        self.model = self.learner.train({**self.columns(values), "outcome": outcome})

    def predict_proba(self, values):
        probability = self.model.predict(self.columns(values))
        return np.stack([1 - probability, probability], axis=1)

    @staticmethod
    def columns(values):
        return {f"c{place}": values[:, place] for place in range(values.shape[1])}


class Bench:
    def __init__(self, options):
        self.options = options
        self.lines = []

    def ours(self, *arguments):
        command = [self.options.program, *map(str, arguments), "--rounds", str(self.options.rounds)]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    def line(self, case, ours, rival, theirs, unit, target):
        ratio = theirs / ours
        self.lines.append([case, round(ours, 4), rival, round(theirs, 4), unit, round(ratio, 2), target,
                           ratio >= target])  # fmt: skip

    def auc(self, case, ours, rival, theirs):
        self.lines.append([case, round(ours, 4), rival, round(theirs, 4), "AUC", round(ours / theirs, 3), "-0.005",
                           bool(ours >= theirs - 0.005)])  # fmt: skip

    def grow(self, case, rows, columns, trees, leaf, depth=None):
        """All with the same number of trees and columns at a node, fewest rows of a leaf, and most levels."""
        train, test = patients(rows, columns, 1), patients(max(20_000, rows // 4), columns, 2)
        paths = [f"{self.options.folder}/{name}.bin" for name in ("train", "test")]
        save(paths[0], *train)
        save(paths[1], *test)
        mine = self.ours("fit", "--train", paths[0], "--test", paths[1], "--columns", columns, "--trees", trees,
                         "--leaf", leaf, *(["--depth", depth] if depth else []))  # fmt: skip
        share = round(math.isqrt(columns)) / columns
        rivals = {
            "scikit-learn": RandomForestClassifier(
                trees, min_samples_leaf=leaf, max_depth=depth, n_jobs=1, random_state=1),
            "LightGBM": lightgbm.LGBMClassifier(
                boosting_type="rf", n_estimators=trees, min_child_samples=leaf, num_leaves=max(31, rows // leaf),
                max_depth=depth or -1, subsample=0.632, subsample_freq=1, colsample_bynode=share, n_jobs=1, verbose=-1,
                random_state=1),
            "XGBoost": xgboost.XGBRFClassifier(
                n_estimators=trees, max_depth=depth or 0, min_child_weight=leaf / 4, reg_lambda=1e-5,
                colsample_bynode=share, tree_method="hist", n_jobs=1, random_state=1),
            "YDF": Yggdrasil(trees, leaf, depth),
        }  # fmt: skip
        rounds = self.options.rounds if rows < 10_000 else 1
        taken, areas = {}, {}
        for name, model in rivals.items():
            taken[name] = seconds(rounds, lambda: model.fit(*train))
            areas[name] = roc_auc_score(test[1], model.predict_proba(test[0])[:, 1])
        fastest = min(taken, key=taken.get)
        for name in rivals:
            target = 3 if name == "scikit-learn" else 1
            self.line(f"grow {case}", mine["seconds"], name, taken[name], "s", target)
            self.auc(f"grow {case}, held out", mine["auc"], name, areas[name])
        self.line(f"grow {case}, the fastest", mine["seconds"], fastest, taken[fastest], "s", 1)

    def apply(self, rows, trees):
        folder, columns = self.options.folder, 8
        train, table = patients(768, columns, 1), patients(rows, columns, 3)
        # shap does not know missing values of scikit-learn's trees.
        train, table = [(np.nan_to_num(values), outcome) for values, outcome in (train, table)]
        forest = RandomForestClassifier(trees, min_samples_leaf=5, n_jobs=1, random_state=1).fit(*train)
        with open(f"{folder}/forest.json", "w") as file:
            json.dump(exporter.export(forest), file, allow_nan=False)
        save(f"{folder}/table.bin", *table)
        mine = self.ours("apply", "--forest", f"{folder}/forest.json", "--table", f"{folder}/table.bin", "--columns",
                         columns)  # fmt: skip
        rounds, some = self.options.rounds, table[0][:100]
        theirs = seconds(rounds, lambda: forest.predict_proba(table[0]))
        self.line(f"predict {rows:,} rows, {trees} trees", mine["predict"], "scikit-learn", theirs, "s", 4)
        if abs(mine["mean"] - forest.predict_proba(table[0])[:, 1].mean()) > 1e-12:
            raise SystemExit("our predictions are not those of scikit-learn")
        one = seconds(rounds, lambda: [forest.predict_proba(row[None]) for row in some[:20]]) / 20
        self.line("predict one row", mine["one_row"] * 1e6, "scikit-learn", one * 1e6, "us", 1)
        self.lines.append(["predict one row", round(mine["one_row"] * 1e6, 2), "the target", 25, "us",
                           round(25 / (mine["one_row"] * 1e6), 2), 1, mine["one_row"] <= 25e-6])  # fmt: skip
        explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
        taken = {"shap": seconds(rounds, lambda: explainer.shap_values(some)) / len(some)}
        light = lightgbm.LGBMClassifier(
            boosting_type="rf", n_estimators=trees, min_child_samples=5, num_leaves=154, subsample=0.632,
            subsample_freq=1, colsample_bynode=0.25, n_jobs=1, verbose=-1).fit(*train)  # fmt: skip
        taken["LightGBM"] = seconds(rounds, lambda: light.predict(some, pred_contrib=True)) / len(some)
        extreme = xgboost.XGBRFClassifier(
            n_estimators=trees, max_depth=0, min_child_weight=1.25, reg_lambda=1e-5, colsample_bynode=0.25,
            tree_method="hist", n_jobs=1).fit(*train)  # fmt: skip
        matrix = xgboost.DMatrix(some, nthread=1)
        taken["XGBoost"] = seconds(
            rounds, lambda: extreme.get_booster().predict(matrix, pred_contribs=True)) / len(some)  # fmt: skip
        fastest = min(taken.values())
        for name, figure in taken.items():
            target = 5 if figure == fastest else 1
            self.line("explain, a row of many", mine["explain"] * 1e6, name, figure * 1e6, "us", target)
        both = (mine["explain_one"] + mine["one_row"]) * 1e6
        self.lines.append(["predict and explain one row", round(both, 1), "the target", 400, "us",
                           round(400 / both, 2), 1, both <= 400])  # fmt: skip
        self.lines.append(["prepare to explain", round(mine["prepare"], 3), "", "", "s", "", "", ""])
        if mine["gap"] > 1e-9:
            raise SystemExit(f"the values of our explanations miss the prediction by {mine['gap']}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    bench, large = Bench(options), 20_000 if options.quick else 200_000
    bench.grow("500 trees on 768 x 8", 768, 8, 500, 5)
    bench.grow(f"20 trees on {large:,} x 20", large, 20, 20, 5, depth=16)
    bench.apply(large, 500)
    report(bench.lines, options.json)


if __name__ == "__main__":
    main()
