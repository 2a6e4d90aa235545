"""Contributions of XGBoost's own TreeSHAP for models whose trees are given too. Run: /usr/bin/python3 shap.py"""
import json
import os

import numpy as np
import xgboost as xgb

HERE = os.path.dirname(os.path.abspath(__file__))


def trees(booster):
    booster.save_model("/tmp/gyre_shap_golden.json")
    with open("/tmp/gyre_shap_golden.json") as file:
        model = json.load(file)["learner"]["gradient_booster"]["model"]
    return [
        {
            "output": output,
            "left": tree["left_children"],
            "right": tree["right_children"],
            "feature": tree["split_indices"],
            "condition": tree["split_conditions"],
            "default_left": [int(d) for d in tree["default_left"]],
            "cover": tree["sum_hessian"],
        }
        for tree, output in zip(model["trees"], model["tree_info"])
    ]


def case(name, objective, target, x, rounds, depth, **more):
    params = {"objective": objective, "max_depth": depth, "eta": 0.3, "base_score": 0.5, "seed": 1, **more}
    booster = xgb.train(params, xgb.DMatrix(x, label=target), rounds)
    rows = xgb.DMatrix(x[:40])
    contributions = booster.predict(rows, pred_contribs=True)
    margins = booster.predict(rows, output_margin=True)
    return {
        "name": name,
        "trees": trees(booster),
        "contributions": np.asarray(contributions, dtype=float).reshape(-1).tolist(),
        "margins": np.asarray(margins, dtype=float).reshape(-1).tolist(),
    }


random = np.random.default_rng(11)
x = random.normal(size=(600, 8)).astype(np.float32)
x[random.random(x.shape) < 0.1] = np.nan
z = np.nan_to_num(x)
value = 2 * z[:, 0] + z[:, 1] * z[:, 2] + np.where(np.isnan(x[:, 3]), 1.5, 0) + np.sin(3 * z[:, 4]) + 0.1 * random.normal(size=600)
golden = {
    "columns": [[None if np.isnan(v) else float(v) for v in x[:40, f]] for f in range(8)],
    "cases": [
        case("regression", "reg:squarederror", value, x, 12, 6),
        case("binary", "binary:logistic", (value > 0.5).astype(int), x, 10, 4),
        case("multiclass", "multi:softprob", np.digitize(value, [-1, 1]), x, 5, 3, num_class=3),
        case("deep", "reg:squarederror", value, x, 2, 14, min_child_weight=0),
    ],
}
with open(os.path.join(HERE, "shap.json"), "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
