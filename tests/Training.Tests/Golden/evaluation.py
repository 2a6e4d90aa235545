"""Curves, calibration and tests of scikit-learn and scipy. Run: /usr/bin/python3 evaluation.py"""
import json
import os

import numpy as np
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve, roc_curve

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(5)

y = (random.random(300) < 0.35).astype(int)
p = np.round(np.clip(0.35 + 0.25 * (y - 0.35) + 0.2 * random.normal(size=300), 0.01, 0.99), 2)  # with ties

fpr, tpr, thresholds = roc_curve(y, p, drop_intermediate=False)
precision, recall, _ = precision_recall_curve(y, p)
uniform = calibration_curve(y, p, n_bins=10, strategy="uniform")
quantile = calibration_curve(y, p, n_bins=7, strategy="quantile")

# Platt's method is a logistic regression on the log-odds with Platt's targets: here by a fine-grained Newton iteration.
scores = np.log(p / (1 - p))
positives, negatives = y.sum(), len(y) - y.sum()
targets = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
a, b = 0.0, 0.0
for _ in range(200):
    q = 1 / (1 + np.exp(-(a * scores + b)))
    g = np.array([((q - targets) * scores).sum(), (q - targets).sum()])
    w = q * (1 - q)
    h = np.array([[(w * scores**2).sum(), (w * scores).sum()], [(w * scores).sum(), w.sum()]])
    step = np.linalg.solve(h, g)
    a, b = a - step[0], b - step[1]
grid = np.linspace(0, 1, 41)
isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(p, y)

pairs = [(3, 11), (0, 0), (25, 60), (40, 31), (1, 7)]


def mcnemar(b, c):
    n = b + c
    exact = 1.0 if n == 0 else stats.binomtest(b, n, 0.5).pvalue
    corrected = 0.0 if n == 0 else max(abs(b - c) - 1, 0) ** 2 / n
    return {"b": b, "c": c, "exact": exact, "statistic": corrected, "p": float(stats.chi2.sf(corrected, 1))}


golden = {
    "y": y.tolist(),
    "p": p.tolist(),
    "fpr": fpr.tolist(),
    "tpr": tpr.tolist(),
    "thresholds": thresholds[1:].tolist(),
    "precision": precision[::-1].tolist(),
    "recall": recall[::-1].tolist(),
    "uniform_true": uniform[0].tolist(),
    "uniform_mean": uniform[1].tolist(),
    "quantile_true": quantile[0].tolist(),
    "quantile_mean": quantile[1].tolist(),
    "brier": float(np.mean((p - y) ** 2)),
    "platt": [float(a), float(b)],
    "grid": grid.tolist(),
    "isotonic": isotonic.predict(grid).tolist(),
    "mcnemar": [mcnemar(*pair) for pair in pairs],
}
with open(os.path.join(HERE, "evaluation.json"), "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
