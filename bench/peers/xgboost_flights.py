"""Trains XGBoost (hist) as bench/BoostingBenchmark.cs trains Gyre; prints one JSON line per run.

usage: xgboost_flights.py FLIGHTS_CSV_GZ RUNS THREADS
Rows with a known delay, in file order; the first 80 % train. Target: more than 15 minutes late. Categories are sorted
ordinal codes, unknown ones missing. The time is that of building the matrix and training.
It waits for a line on standard input before each run, so that both sides can take turns.
"""
import json
import sys
import time

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn import metrics

path, runs, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
d = pd.read_csv(path)
d = d[d.delay.notna()].reset_index(drop=True)
t = pd.to_datetime(d.departure)
y = (d.delay > 15).astype(int).to_numpy()
cut = int(len(d) * 0.8)


def codes(column):
    names = {v: float(i) for i, v in enumerate(sorted(column[:cut].dropna().unique()))}
    return column.map(names).astype("float64")


x = np.column_stack([
    d.distance, codes(d.origin), codes(d.destination), t.dt.month, t.dt.dayofweek, t.dt.hour * 60 + t.dt.minute,
]).astype(np.float32)
parameters = dict(max_depth=6, eta=0.1, tree_method="hist", nthread=threads, seed=0, objective="binary:logistic")
print(json.dumps({"version": xgb.__version__}), flush=True)
for _ in range(runs):
    sys.stdin.readline()
    start, cpu = time.perf_counter(), time.process_time()
    model = xgb.train(parameters, xgb.DMatrix(x[:cut], y[:cut], nthread=threads), 200)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    p = model.predict(xgb.DMatrix(x[cut:], nthread=threads))
    print(json.dumps({
        "seconds": seconds,
        "cpuSeconds": cpu,
        "auc": metrics.roc_auc_score(y[cut:], p),
        "logLoss": metrics.log_loss(y[cut:], p),
    }), flush=True)
