"""Makes transforms.json: scikit-learn 1.2's PCA and KMeans (from given centres) on standardised columns.

usage: python3 transforms.py > transforms.json
"""
import json

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

rng = np.random.default_rng(5)
n = 300
group = rng.integers(0, 4, n)
middle = rng.normal(0, 3, (4, 5))
x = middle[group] + rng.normal(0, 1, (n, 5)) @ np.diag([1, 2, 0.5, 1, 3])
x[:, 4] += x[:, 0]
x = x.astype(np.float32).astype(float)
x[rng.random((n, 5)) < 0.05] = np.nan
median = np.nanmedian(x, axis=0).astype(np.float32)
filled = np.where(np.isnan(x), median, x)
z = (filled - filled.mean(0)) / filled.std(0)
pca = PCA(3).fit(z)
start = z[:4]
kmeans = KMeans(4, init=start, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(z)
print(json.dumps(dict(
    columns=[[None if np.isnan(v) else float(v) for v in column] for column in x.T],
    components=np.abs(pca.transform(z)).tolist(), shares=(pca.explained_variance_ratio_).tolist(),
    start=start.tolist(), standard=z.tolist(), labels=kmeans.labels_.tolist(), inertia=float(kmeans.inertia_),
    best=float(KMeans(4, n_init=20, random_state=1).fit(z).inertia_),
)))
