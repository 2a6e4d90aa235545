"""Makes forest.json: the quality of scikit-learn's forests, for tests/Training.Tests/Forest.

usage: /usr/bin/python3 forest.py DATA_DIR > forest.json      (DATA_DIR holds adult/, california_housing/, letter_recognition/)
Rows by the protocol of the baselines: every fifth row from the first is a test row. Categories as sorted ordinal codes,
missing numbers as the column's median, as this version of the forests takes none. 100 trees, seed 0.
"""
import json
import sys

import numpy as np
import pandas as pd
from sklearn import metrics
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor

SETS = {
    "adult": ("adult/adult.csv.gz", "income"),
    "housing": ("california_housing/california_housing.csv.gz", "median_house_value"),
    "letter": ("letter_recognition/letter_recognition.csv.gz", "lettr"),
}


def load(path, target):
    data = pd.read_csv(f"{sys.argv[1]}/{path}")
    for name in data.columns.drop(target):
        if data[name].dtype == object:
            data[name] = data[name].astype("category").cat.codes
        else:
            data[name] = data[name].fillna(data[name].median())
    test = np.arange(len(data)) % 5 == 0
    x, y = data.drop(columns=[target]), data[target]
    return x[~test], y[~test], x[test], y[test]


def evaluate(name, model, x, y, u, v):
    model.fit(x, y)
    if name == "housing":
        return dict(rmse=float(np.sqrt(np.mean((model.predict(u) - v) ** 2))))
    p = model.predict_proba(u)
    scores = dict(accuracy=float(np.mean(model.predict(u) == v)))
    if name == "adult":
        scores["roc_auc"] = float(metrics.roc_auc_score(v == ">50K", p[:, list(model.classes_).index(">50K")]))
    return scores


result = {}
for name, (path, target) in SETS.items():
    parts = load(path, target)
    leaf = dict(n_estimators=100, random_state=0, n_jobs=2, min_samples_leaf=1 if name == "letter" else 5)
    forest, extra = ((RandomForestRegressor, ExtraTreesRegressor) if name == "housing"
                     else (RandomForestClassifier, ExtraTreesClassifier))
    result[name] = dict(random_forest=evaluate(name, forest(**leaf), *parts),
                        extra_trees=evaluate(name, extra(**leaf), *parts))
print(json.dumps(result, indent=1))
