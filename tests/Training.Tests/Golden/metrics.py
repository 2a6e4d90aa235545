"""Makes metrics.json: metrics by scikit-learn 1.2 over random targets and predictions, unweighted and with row counts as weights.

usage: python3 metrics.py > metrics.json
"""
import json

import numpy as np
from sklearn import metrics as m

rng = np.random.default_rng(7)
n = 150
counts = rng.poisson(1.0, n)


def regression():
    t, p = rng.normal(10, 3, n), rng.normal(10, 3, n)
    p = 0.7 * t + 0.3 * p
    return t, p, lambda w: {
        "rmse": m.mean_squared_error(t, p, sample_weight=w, squared=False),
        "mae": m.mean_absolute_error(t, p, sample_weight=w),
        "r2": m.r2_score(t, p, sample_weight=w),
    }


def binary():
    t = (rng.random(n) < 0.3).astype(int)
    p = np.clip(np.round(0.25 * t + 0.7 * rng.random(n), 2), 0.01, 0.99)  # rounded: many ties
    return t, p, lambda w: {
        "log_loss": m.log_loss(t, p, sample_weight=w),
        "roc_auc": m.roc_auc_score(t, p, sample_weight=w),
        "pr_auc": m.average_precision_score(t, p, sample_weight=w),
        "f1": m.f1_score(t, p >= 0.5, sample_weight=w),
        "accuracy": m.accuracy_score(t, p >= 0.5, sample_weight=w),
        "brier": m.brier_score_loss(t, p, sample_weight=w),
    }


def multiclass():
    t = rng.integers(0, 4, n)
    s = np.round(rng.normal(0, 1, (n, 4)) + 1.2 * np.eye(4)[t], 1)
    p = np.exp(s) / np.exp(s).sum(1, keepdims=True)
    y = np.eye(4)[t]
    return t, p, lambda w: {
        "log_loss": m.log_loss(t, p, sample_weight=w),
        "roc_auc": float(np.mean([m.roc_auc_score(y[:, k], p[:, k], sample_weight=w) for k in range(4)])),
        "pr_auc": float(np.mean([m.average_precision_score(y[:, k], p[:, k], sample_weight=w) for k in range(4)])),
        "f1": m.f1_score(t, p.argmax(1), average="macro", sample_weight=w),
        "accuracy": m.accuracy_score(t, p.argmax(1), sample_weight=w),
        "brier": float(np.average(((p - y) ** 2).sum(1), weights=w)),
    }


cases = {}
for name, make in dict(Regression=regression, Binary=binary, Multiclass=multiclass).items():
    t, p, evaluate = make()
    cases[name] = dict(
        target=t.tolist(), predictions=np.asarray(p).ravel().tolist(),
        metrics=evaluate(np.ones(n)), weighted=evaluate(counts.astype(float)))
print(json.dumps(dict(counts=counts.tolist(), cases=cases), indent=1))
