"""Makes losses.json: predictions of scikit-learn 1.2 and XGBoost 1.7 on their own training rows.

usage: /usr/bin/python3 losses.py > losses.json
Every feature has fewer than 255 distinct values, so bins lose nothing and the same trees must come out.
"""
import json

import numpy as np
import xgboost as xgb
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, HistGradientBoostingRegressor

rng = np.random.default_rng(12)
n = 503
x = np.column_stack([
    np.round(rng.normal(0, 1, n), 1), rng.integers(0, 40, n), np.round(rng.random(n), 2), rng.integers(0, 2, n),
]).astype(np.float32)
signal = np.sin(2 * x[:, 0]) + 0.05 * x[:, 1] + x[:, 2] * x[:, 3]
value = signal + rng.standard_t(3, n) * 0.4
count = rng.poisson(np.exp(0.7 * signal)).astype(float)
binary = (signal + rng.logistic(0, 0.5, n) > 1.3).astype(int)
weight = rng.integers(1, 5, n).astype(float) / 2

common = dict(max_iter=12, learning_rate=0.3, max_leaf_nodes=8, min_samples_leaf=7, max_bins=255, early_stopping=False)


def hist(loss, y, weights=None, **more):
    model = HistGradientBoostingRegressor(loss=loss, **common, **more)
    return model.fit(x, y, sample_weight=weights).predict(x).tolist()


def xgboost(y, weights=None, **more):
    base = float(np.float32(np.average(y, weights=weights)))
    parameters = dict(objective="reg:squarederror", tree_method="exact", max_depth=3, eta=0.3, min_child_weight=2,
                      base_score=base, **more)
    return xgb.train(parameters, xgb.DMatrix(x, y, weight=weights), 12).predict(xgb.DMatrix(x)).astype(float).tolist()


def quantile(alpha):
    model = GradientBoostingRegressor(loss="quantile", alpha=alpha, criterion="squared_error", n_estimators=12,
                                      learning_rate=0.3, max_leaf_nodes=8, max_depth=None, min_samples_leaf=7)
    residual = value - model.fit(x, value).predict(x)
    return float(np.mean(np.maximum(alpha * residual, (alpha - 1) * residual)))


logistic = HistGradientBoostingClassifier(**common).fit(x, binary, sample_weight=weight).predict_proba(x)[:, 1]
print(json.dumps(dict(
    features=x.T.astype(float).tolist(), value=value.tolist(), count=count.tolist(), binary=binary.tolist(),
    weight=weight.tolist(),
    squared_weighted=hist("squared_error", value, weight),
    absolute=hist("absolute_error", value),
    poisson=hist("poisson", count),
    poisson_weighted=hist("poisson", count, weight),
    monotone=xgboost(value, reg_lambda=1.5, monotone_constraints="(1,1,-1,0)"),
    quantile_loss=quantile(0.9),
    logistic_weighted=logistic.tolist(),
    l1=xgboost(value, reg_alpha=3.0, reg_lambda=1.5),
    l1_weighted=xgboost(value, weight, reg_alpha=3.0, reg_lambda=1.5),
)))
