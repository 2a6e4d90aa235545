#!/usr/bin/env python3
"""Distances by numpy and scipy, for comparison: python3 make-distances.py > distances.json (numpy 1.24, scipy 1.10)."""
import json

import numpy as np
from scipy.stats import chi2, norm, wasserstein_distance

random = np.random.default_rng(20121)


def psi(reference, window, smoothing=0.5):
    p = (np.array(reference) + smoothing) / (np.sum(reference) + smoothing * len(reference))
    q = (np.array(window) + smoothing) / (np.sum(window) + smoothing * len(window))
    return float(np.sum((q - p) * np.log(q / p)))


def numbers(name, reference, window):
    """Ten quantile bins, closed on the right, with a last bucket for missing values (NaN)."""
    reference, window = np.round(reference, 6), np.round(window, 6)
    seen = reference[~np.isnan(reference)]
    values = window[~np.isnan(window)]
    edges = np.unique(np.quantile(seen, np.arange(1, 10) / 10, method="inverted_cdf"))
    edges = edges[edges < seen.max()]

    def counts(sample, missing):
        return np.append(np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(edges) + 1), missing)

    return {
        "name": name, "reference": listed(reference), "window": listed(window), "edges": edges.tolist(),
        "referenceCounts": counts(seen, np.isnan(reference).sum()).tolist(),
        "windowCounts": counts(values, np.isnan(window).sum()).tolist(),
        "psi": psi(counts(seen, np.isnan(reference).sum()), counts(values, np.isnan(window).sum())),
        "wasserstein": float(wasserstein_distance(seen, values)) / float(seen.std()),
        "mean": float(seen.mean()), "std": float(seen.std()),
    }


def listed(sample):
    return [None if np.isnan(value) else float(value) for value in sample]


def weighted(size, other):
    a, b = np.sort(random.normal(size=size)), np.sort(random.normal(0.3, 1.5, size=other))
    u, v = random.random(size), random.random(other)
    return {"a": a.tolist(), "u": u.tolist(), "b": b.tolist(), "v": v.tolist(),
            "distance": float(wasserstein_distance(a, b, u, v))}


def holed(sample, share):
    sample = sample.copy()
    sample[random.random(len(sample)) < share] = np.nan
    return sample


print(json.dumps({
    "numbers": [
        numbers("same", random.normal(size=180), random.normal(size=150)),
        numbers("shifted", random.normal(size=190), random.normal(0.8, 1, size=120)),
        numbers("wider", random.normal(10, 2, size=170), random.normal(10, 5, size=130)),
        numbers("skewed", random.lognormal(0, 1.5, size=190), random.lognormal(0.5, 1.5, size=130)),
        numbers("missing", holed(random.normal(size=200), 0.1), holed(random.normal(size=140), 0.3)),
        numbers("ties", random.integers(0, 40, size=190).astype(float), random.integers(5, 50, size=140).astype(float)),
    ],
    "weighted": [weighted(40, 60), weighted(1, 30), weighted(50, 1)],
    "psi": [{"reference": r, "window": w, "psi": psi(r, w), "unsmoothed": psi(r, w, 0) if min(r + w) > 0 else None}
            for r, w in [([10, 20, 30], [30, 20, 10]), ([5, 0, 5], [1, 8, 1]), ([100], [3]), ([7, 7, 7, 7], [7, 7, 7, 7])]],
    "noDrift": [{"bins": k, "n": n, "m": m, "quantile": float(chi2.ppf(norm.cdf(3.09), k - 1)) * (1 / n + 1 / m)}
                for k, n, m in [(5, 1000, 100), (10, 5000, 168), (11, 200, 200), (51, 10000, 500)]],
}, indent=None))
