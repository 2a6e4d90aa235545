"""One peer of `bench comparison`: XGBoost (hist) or scikit-learn's histogram boosting on one data set.

usage: tabular.py CSV_GZ SET xgb|hgb THREADS
Reads commands from standard input, one a line, and answers each with one line of JSON:
  train    seconds and CPU seconds of building the matrix and training 200 rounds; memory before and at its peak (MiB)
  quality  the metrics on the test rows
  predict  seconds of predicting the test rows, from the features and (XGBoost) from a matrix made before
Rows in file order; categories are sorted ordinal codes, missing and unknown ones NaN (the recorded baselines' protocol).
"""
import gc
import json
import os
import sys
import time

path, name, model, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn import metrics

ROUNDS = 200

# set: (task, target, positive label, split, columns to leave out)
SETS = {
    "adult": ("binary", "income", ">50K", "mod5", []),
    "german_credit": ("binary", "class", "bad", "mod5", []),
    "telco_churn": ("binary", "churn", "Yes", "mod5", []),
    "letter_recognition": ("multi", "lettr", None, "mod5", []),
    "kddcup99": ("binary", "attack", 1, "mod5", ["label"]),
    "flights_2001": ("binary", "late", 1, "time80", ["delay", "departure"]),
    "california_housing": ("regression", "median_house_value", None, "mod5", []),
    "bike_hourly": ("regression", "cnt", None, "time80", ["instant", "timestamp", "casual", "registered"]),
    "diamonds": ("regression", "price", None, "mod5", []),
    "taxi_fare": ("regression", "fare_amount", None, "mod5", []),
}


def memory(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(key + ":"))


def reset_peak():
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")


def table():
    d = pd.read_csv(path, low_memory=False)
    if name == "kddcup99":
        d["attack"] = (d.label != "normal").astype(int)
    if name == "flights_2001":
        d = d[d.delay.notna()].reset_index(drop=True)
        t = pd.to_datetime(d.departure)
        d["late"] = (d.delay > 15).astype(int)
        d["month"], d["dow"], d["minute"] = t.dt.month, t.dt.dayofweek, t.dt.hour * 60 + t.dt.minute
    return d.drop(columns=SETS[name][4])


def load():
    task, target, positive, split, _ = SETS[name]
    d = table()
    i = np.arange(len(d))
    test = i % 5 == 0 if split == "mod5" else i >= int(len(d) * 0.8)
    y = d.pop(target)
    if task == "binary":
        y = (y == positive).astype(int)
    if task == "multi":
        y = y.map({c: k for k, c in enumerate(sorted(y[~test].unique()))})
    categories = []
    for f, column in enumerate(d.columns):
        if d[column].dtype not in (object, bool):
            continue
        codes = {c: float(k) for k, c in enumerate(sorted(d[column][~test].dropna().astype(str).unique()))}
        d[column] = d[column].map(lambda v: codes.get(str(v)) if pd.notna(v) else None).astype("float64")
        if len(codes) <= 255:
            categories.append(f)
    x = d.to_numpy(np.float32)
    y = y.to_numpy()
    return task, x[~test], y[~test], x[test], y[test], categories


def fit():
    if model == "hgb":
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
        return kind(max_iter=ROUNDS, learning_rate=0.1, max_leaf_nodes=31, early_stopping=False,
                    categorical_features=categories or None, random_state=0).fit(x, y)
    p = dict(max_depth=6, eta=0.1, tree_method="hist", nthread=threads, seed=0)
    p.update({"regression": dict(objective="reg:squarederror"), "binary": dict(objective="binary:logistic"),
              "multi": dict(objective="multi:softprob", num_class=int(y.max()) + 1)}[task])
    return xgb.train(p, xgb.DMatrix(x, y, nthread=threads), ROUNDS)


def predict():
    if model == "xgb":
        return fitted.predict(xgb.DMatrix(xt, nthread=threads))
    if task == "regression":
        return fitted.predict(xt)
    p = fitted.predict_proba(xt)
    return p[:, 1] if task == "binary" else p


def quality():
    p = predict()
    if task == "regression":
        return {"rmse": float(np.sqrt(np.mean((p - yt) ** 2))), "mae": float(np.mean(np.abs(p - yt))),
                "r2": float(metrics.r2_score(yt, p))}
    if task == "binary":
        return {"roc_auc": float(metrics.roc_auc_score(yt, p)),
                "log_loss": float(metrics.log_loss(yt, np.clip(p, 1e-7, 1 - 1e-7))),
                "accuracy": float(np.mean((p >= 0.5) == yt))}
    return {"accuracy": float(np.mean(p.argmax(1) == yt)),
            "log_loss": float(metrics.log_loss(yt, p, labels=range(p.shape[1]))),
            "f1": float(metrics.f1_score(yt, p.argmax(1), average="macro"))}


def clock(work):
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def fastest(work):
    passes = [clock(work) for _ in range(7)]
    return min(p[1] for p in passes), sum(p[2] for p in passes) / len(passes)


task, x, y, xt, yt, categories = load()
gc.collect()
print(json.dumps({"version": xgb.__version__, "rows": len(x), "testRows": len(xt), "features": x.shape[1]}), flush=True)
for line in sys.stdin:
    command = line.strip()
    answer = {}
    if command == "train":
        fitted = None
        gc.collect()
        before = memory("VmRSS")
        whole = memory("VmHWM")
        reset_peak()
        fitted, answer["seconds"], answer["cpuSeconds"] = clock(fit)
        answer["memoryBefore"], answer["memoryPeak"] = before, memory("VmHWM")
        answer["wholePeak"] = max(whole, answer["memoryPeak"])
    elif command == "quality":
        answer = quality()
    elif command == "predict":
        answer["seconds"], answer["cpuSeconds"] = fastest(predict)
        if model == "xgb":
            # A matrix of its own each time: XGBoost remembers its predictions of a matrix that it has seen.
            made = [xgb.DMatrix(xt, nthread=threads) for _ in range(7)]
            answer["madeSeconds"], answer["madeCpuSeconds"] = fastest(lambda: fitted.predict(made.pop()))
    print(json.dumps(answer), flush=True)
