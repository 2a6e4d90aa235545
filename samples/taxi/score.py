"""The root mean squared error of a submission. Usage: python3 score.py submission.csv"""
import csv
import gzip
import math
import sys

with gzip.open("data/solution.csv.gz", "rt", newline="") as file:
    truth = {row["id"]: float(row["fare_amount"]) for row in csv.DictReader(file)}
with open(sys.argv[1], newline="") as file:
    said = {row["id"]: float(row["fare_amount"]) for row in csv.DictReader(file)}
if said.keys() != truth.keys():
    sys.exit(f"{len(said)} ids, {len(truth)} expected")
print(f"RMSE {math.sqrt(sum((said[i] - truth[i]) ** 2 for i in truth) / len(truth)):.4f}")
