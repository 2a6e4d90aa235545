#!/usr/bin/env python3
"""Metrics by scikit-learn, for comparison: python3 make-metrics.py > metrics.json (scikit-learn 1.2)."""
import json

import numpy as np
from sklearn import metrics as m

random = np.random.default_rng(7)


def regression(rows):
    y = np.round(random.normal(10, 4, rows), 4)
    p = np.round(y + random.normal(0.5, 2, rows), 4)
    return {"task": "Regression", "classes": [], "actual": y.tolist(), "predicted": p.tolist(), "metrics": {
        "rmse": m.mean_squared_error(y, p, squared=False), "mae": m.mean_absolute_error(y, p), "r2": m.r2_score(y, p)}}


def binary(rows):
    y = (random.random(rows) < 0.3).astype(int)
    p = np.clip(np.round(0.3 + 0.3 * (y - 0.3) + random.normal(0, 0.2, rows), 2), 0.01, 0.99)
    label = (p >= 0.5).astype(int)
    return {"task": "Binary", "classes": ["no", "yes"], "actual": y.tolist(), "predicted": p.tolist(), "metrics": {
        "log_loss": m.log_loss(y, p), "roc_auc": m.roc_auc_score(y, p), "pr_auc": m.average_precision_score(y, p),
        "f1": m.f1_score(y, label), "accuracy": m.accuracy_score(y, label), "brier": m.brier_score_loss(y, p)}}


def multiclass(rows, k):
    y = random.integers(0, k, rows)
    z = random.normal(0, 1, (rows, k)) + 1.5 * np.eye(k)[y]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    label = p.argmax(axis=1)
    one = np.eye(k)[y]
    return {"task": "Multiclass", "classes": [f"c{i}" for i in range(k)], "actual": y.tolist(),
            "predicted": p.ravel().tolist(), "metrics": {
                "log_loss": m.log_loss(y, p), "roc_auc": m.roc_auc_score(y, p, multi_class="ovr"),
                "pr_auc": m.average_precision_score(one, p), "f1": m.f1_score(y, label, average="macro"),
                "accuracy": m.accuracy_score(y, label), "brier": float(np.mean(np.sum((p - one) ** 2, axis=1)))}}


print(json.dumps([regression(120), binary(200), multiclass(150, 4)]))
