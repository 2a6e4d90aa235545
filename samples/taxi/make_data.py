"""Cuts taxi_fare.csv.gz into a competition: train.csv.gz, test.csv.gz without fares, solution.csv.gz.

Usage: python3 make_data.py taxi_fare.csv.gz

Row i of the file is a test row when i mod 5 = 0. The file is the taxi-fare sample of the ML.NET samples (MIT).
"""
import csv
import gzip
import io
import sys


def write(path, header, rows):
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        text = io.TextIOWrapper(packed, "utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
        text.flush()


with gzip.open(sys.argv[1], "rt", newline="") as file:
    header, *rows = csv.reader(file)
numbered = list(enumerate(rows))
write("data/train.csv.gz", header, (row for i, row in numbered if i % 5))
write("data/test.csv.gz", ["id", *header[:-1]], ([i, *row[:-1]] for i, row in numbered if not i % 5))
write("data/solution.csv.gz", ["id", header[-1]], ([i, row[-1]] for i, row in numbered if not i % 5))
