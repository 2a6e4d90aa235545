"""Makes boosting.json: predictions of XGBoost 1.7 (exact greedy) on its own training rows, some values missing.

usage: python3 boosting.py > boosting.json
Every feature has fewer than 255 distinct values, so histograms lose nothing and the same trees must come out.
"""
import json

import numpy as np
import xgboost as xgb

rng = np.random.default_rng(11)
n = 400
x = np.column_stack([
    np.round(rng.normal(0, 1, n), 1), rng.integers(0, 40, n), np.round(rng.random(n), 2), rng.integers(0, 2, n),
]).astype(np.float32)
signal = np.sin(2 * x[:, 0]) + 0.05 * x[:, 1] + x[:, 2] * x[:, 3]
x[rng.random(x.shape) < 0.1] = np.nan
value = signal + rng.normal(0, 0.3, n)
binary = (signal + rng.logistic(0, 0.5, n) > 1.3).astype(int)


def train(target, objective, base):
    parameters = dict(
        objective=objective, tree_method="exact", max_depth=4, eta=0.3, reg_lambda=1.5, min_child_weight=2, base_score=base)
    model = xgb.train(parameters, xgb.DMatrix(x, target), 20)
    return model.predict(xgb.DMatrix(x)).astype(float).tolist()


print(json.dumps(dict(
    features=[[None if np.isnan(v) else float(v) for v in column] for column in x.T],
    value=value.tolist(), binary=binary.tolist(),
    regression=train(value, "reg:squarederror", float(np.float32(value.mean()))),
    logistic=train(binary, "binary:logistic", float(binary.mean())),
)))
