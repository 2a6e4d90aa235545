"""Makes metrics.json: metrics by scikit-learn 1.2 over random targets and predictions, unweighted and with row counts as weights.

usage: python3 metrics.py > metrics.json
"""
import json

import numpy as np
from scipy.stats import ks_2samp
from sklearn import metrics as m

rng = np.random.default_rng(7)
n = 150
counts = rng.poisson(1.0, n)


def repeated(values, w):
    return np.repeat(values, w.astype(int))


def decisions(t, y, w, average):
    """Of labels; specificity is the recall of the rest."""
    if average == "binary":
        specificity = m.recall_score(t, y, pos_label=0, sample_weight=w)
    else:
        specificity = float(np.mean([m.recall_score(t != k, y != k, sample_weight=w) for k in range(4)]))
    return {
        "precision": m.precision_score(t, y, average=average, sample_weight=w),
        "recall": m.recall_score(t, y, average=average, sample_weight=w),
        "specificity": specificity,
        "balanced_accuracy": m.balanced_accuracy_score(t, y, sample_weight=w),
        "mcc": m.matthews_corrcoef(t, y, sample_weight=w),
        "cohen_kappa": m.cohen_kappa_score(t, y, sample_weight=w),
        "f1_micro": m.f1_score(t, y, average="micro", sample_weight=w),
        "f1_weighted": m.f1_score(t, y, average="weighted", sample_weight=w),
    }


def calibration_error(hit, p, w):
    bins = np.searchsorted(np.arange(1, 10) / 10, p)
    return float(sum(abs(np.sum((w * (p - hit))[bins == b])) for b in range(10)) / w.sum())


def ks(positive, p, w):
    return float(ks_2samp(repeated(p[positive], w[positive]), repeated(p[~positive], w[~positive])).statistic)


def regression():
    t, p = rng.normal(10, 3, n), rng.normal(10, 3, n)
    p = 0.7 * t + 0.3 * p
    return t, p, lambda w: {
        "rmse": m.mean_squared_error(t, p, sample_weight=w, squared=False),
        "mae": m.mean_absolute_error(t, p, sample_weight=w),
        "r2": m.r2_score(t, p, sample_weight=w),
        "mape": m.mean_absolute_percentage_error(t, p, sample_weight=w),
        "median_absolute_error": m.median_absolute_error(repeated(t, w), repeated(p, w)),
        "max_error": m.max_error(repeated(t, w), repeated(p, w)),
        "explained_variance": m.explained_variance_score(t, p, sample_weight=w),
        "poisson_deviance": m.mean_poisson_deviance(t, p, sample_weight=w),
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
        **decisions(t, (p >= 0.5).astype(int), w, "binary"),
        "expected_calibration_error": calibration_error(t, p, w),
        "ks": ks(t == 1, p, w),
        "gini": 2 * m.roc_auc_score(t, p, sample_weight=w) - 1,
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
        **decisions(t, p.argmax(1), w, "macro"),
        "expected_calibration_error": calibration_error(t == p.argmax(1), p.max(1), w),
        "ks": float(np.mean([ks(t == k, p[:, k], w) for k in range(4)])),
        "gini": float(np.mean([2 * m.roc_auc_score(y[:, k], p[:, k], sample_weight=w) - 1 for k in range(4)])),
        # of equals scikit-learn takes the last class first, we the first
        "top_3_accuracy": m.top_k_accuracy_score(t, p - 1e-9 * np.arange(4), k=3, sample_weight=w),
    }


cases = {}
for name, make in dict(Regression=regression, Binary=binary, Multiclass=multiclass).items():
    t, p, evaluate = make()
    cases[name] = dict(
        target=t.tolist(), predictions=np.asarray(p).ravel().tolist(),
        metrics=evaluate(np.ones(n)), weighted=evaluate(counts.astype(float)))
print(json.dumps(dict(counts=counts.tolist(), cases=cases), indent=1))
