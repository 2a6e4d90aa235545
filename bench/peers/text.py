"""Text classifiers of scikit-learn on the rows that `bench text` uses: every fifth row tests, banking77 by its own split.

usage: /usr/bin/python3 bench/peers/text.py ../shared/data [set …]

Prints a row per set and model. TF-IDF of word 1-2 grams, sublinear, min_df 2 (1 below 5,000 training rows), with
LogisticRegression(C=10, lbfgs); counts of the same terms with MultinomialNB(0.1). At most two threads.
"""
import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.naive_bayes import MultinomialNB

SETS = {
    "sms_spam": (["text"], "spam"),
    "sentiment_sentences": (["text"], "1"),
    "spamassassin": (["subject", "body"], "spam"),
    "banking77": (["text"], None),
}


def main(root, names):
    print("| set | model | train/test | vocabulary | accuracy | macro F1 | F1 | AUC | vectorise s | fit s | ms a row |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name in names or SETS:
        columns, positive = SETS[name]
        frame = pd.read_csv(f"{root}/{name}/{name}.csv.gz", dtype=str, keep_default_na=False)
        text = frame[columns].agg("\n".join, axis=1)
        test = frame["split"] == "test" if "split" in frame else pd.Series(np.arange(len(frame)) % 5 == 0)
        label = frame["label"]
        for model in ("linear", "naive_bayes"):
            row(name, model, text[~test], label[~test], text[test], label[test], positive)


def row(name, model, train, label, test, actual, positive):
    options = dict(ngram_range=(1, 2), min_df=2 if len(train) >= 5000 else 1)
    if model == "linear":
        vectorizer, classifier = TfidfVectorizer(sublinear_tf=True, **options), LogisticRegression(C=10, max_iter=1000)
    else:
        vectorizer, classifier = CountVectorizer(**options), MultinomialNB(alpha=0.1)
    start = time.perf_counter()
    x = vectorizer.fit_transform(train)
    vectorised = time.perf_counter() - start
    start = time.perf_counter()
    classifier.fit(x, label)
    fitted = time.perf_counter() - start
    said = classifier.predict(vectorizer.transform(test))
    scores = [accuracy_score(actual, said), f1_score(actual, said, average="macro")]
    if positive is None:
        scores += [None, None]
    else:
        p = classifier.predict_proba(vectorizer.transform(test))[:, list(classifier.classes_).index(positive)]
        scores += [f1_score(actual, said, pos_label=positive), roc_auc_score(actual == positive, p)]
    rows = test.iloc[:200]
    start = time.perf_counter()
    for text in rows:
        classifier.predict_proba(vectorizer.transform([text]))
    single = (time.perf_counter() - start) / len(rows) * 1000
    cells = ["" if s is None else f"{s:.4f}" for s in scores]
    print(f"| {name} | {model} | {len(train)}/{len(test)} | {x.shape[1]} | {' | '.join(cells)} | {vectorised:.2f} | {fitted:.2f} | {single:.2f} |",
          flush=True)


main(sys.argv[1], sys.argv[2:])
