"""The usual Python service of a tabular model: FastAPI on uvicorn, XGBoost behind it. Started by `bench -- serving peer`.

python3 serving.py DATA PORT WORKERS: trains 100 trees of depth 6 on adult (every fifth row left out), serves one row a
request as {"rows": [{column: value}]} at /predict. Debian: python3-fastapi python3-uvicorn python3-xgboost python3-pandas.
"""
import os
import sys

import numpy as np
import pandas as pd
import uvicorn
import xgboost as xgb
from fastapi import FastAPI, Request

TARGET = "income"


def load(folder):
    frame = pd.read_csv(os.path.join(folder, "adult", "adult.csv.gz"))
    frame = frame[frame.index % 5 != 0]
    target = (frame.pop(TARGET) == ">50K").astype(int).to_numpy()
    return frame, target


def fit(folder):
    frame, target = load(folder)
    codes = {name: {value: code for code, value in enumerate(sorted(frame[name].dropna().unique()))}
             for name in frame.columns if frame[name].dtype == object}
    matrix = np.column_stack([
        frame[name].map(codes[name]).to_numpy(float) if name in codes else frame[name].to_numpy(float)
        for name in frame.columns])
    booster = xgb.train({"objective": "binary:logistic", "max_depth": 6, "eta": 0.1, "tree_method": "hist", "nthread": 2},
                        xgb.DMatrix(matrix, target), 100)
    booster.set_param({"nthread": 1})  # one row has no work for two
    return booster, codes, list(frame.columns)


def create():
    booster, codes, columns = fit(os.environ["GYRE_PEER_DATA"])
    app = FastAPI()

    @app.get("/health")
    async def health():
        return {"status": "ok"}

    @app.post("/predict")
    async def predict(request: Request):
        rows = (await request.json())["rows"]
        matrix = np.array([[codes[c].get(row[c], np.nan) if c in codes else row[c] for c in columns] for row in rows], float)
        return {"predictions": booster.inplace_predict(matrix).tolist()}

    return app


if __name__ == "__main__":
    os.environ["GYRE_PEER_DATA"] = sys.argv[1]
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    uvicorn.run("serving:create", factory=True, host="127.0.0.1", port=int(sys.argv[2]), workers=int(sys.argv[3]),
                log_level="warning")
