"""Makes linear.json: coefficients and predictions of scikit-learn 1.2 on the inputs that LinearPreprocessing documents.

usage: python3 linear.py > linear.json
"""
import json

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

rng = np.random.default_rng(3)
n = 120
a = rng.normal(50, 20, n).astype(np.float32)
a[rng.random(n) < 0.15] = np.nan
b = rng.normal(0, 1, n).astype(np.float32)
names = np.array(["red", "green", "blue", ""])
c = rng.choice(names, n, p=[0.4, 0.3, 0.2, 0.1])


def scale(v):
    return ((v - np.float32(v.astype(np.float64).mean())) * np.float32(1 / v.astype(np.float64).std())).astype(np.float32)


filled = np.where(np.isnan(a), np.float32(np.nanmedian(a)), a)
x = np.column_stack([
    scale(filled), np.isnan(a), scale(b),
    *[c == k for k in ["blue", "green", "red"]], c == "", np.zeros(n),
]).astype(np.float64)
signal = 0.05 * filled + b + (c == "red") - 2 * np.isnan(a)
value = signal + rng.normal(0, 0.5, n)
binary = (signal + rng.logistic(0, 1, n) > np.median(signal)).astype(int)
multi = np.argmax(np.column_stack([signal, 1.5 * b + 2, 4 - signal]) + rng.gumbel(0, 1, (n, 3)), 1)

ridge = Ridge(alpha=2.5, solver="cholesky").fit(x, value)
options = dict(C=1 / 2.5, solver="newton-cg", tol=1e-12, max_iter=10000)
logistic = LogisticRegression(**options).fit(x, binary)
softmax = LogisticRegression(multi_class="multinomial", **options).fit(x, multi)
print(json.dumps(dict(
    a=[None if np.isnan(v) else float(v) for v in a], b=b.tolist(), c=c.tolist(),
    value=value.tolist(), binary=binary.tolist(), multi=multi.tolist(),
    ridge=dict(weights=ridge.coef_.tolist(), intercepts=[ridge.intercept_], predictions=ridge.predict(x).tolist()),
    logistic=dict(weights=logistic.coef_.ravel().tolist(), intercepts=logistic.intercept_.tolist(),
                  predictions=logistic.predict_proba(x)[:, 1].tolist()),
    softmax=dict(weights=softmax.coef_.ravel().tolist(), intercepts=softmax.intercept_.tolist(),
                 predictions=softmax.predict_proba(x).ravel().tolist()),
)))
