"""Makes text.json: TF-IDF rows of scikit-learn 1.2 over sentences, and linear and naive Bayes models over them.

usage: python3 text.py > text.json
"""
import json

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression
from sklearn.naive_bayes import CategoricalNB, GaussianNB, MultinomialNB

SENTENCES = [
    "Call now to claim your FREE prize!", "The prize is free, call the number now", "see you at 8 tonight",
    "I'll call you tonight, love", "Free entry in 2 a weekly competition", "is the train late tonight?",
    "claim claim claim: your prize is waiting", "love the new train, see you there", "",
    "WINNER!! You have won a weekly prize of 900 pounds", "ok then, the train at 8", "caf\u00e9 au lait \u00e0 8 heures, na\u00efve",
    "\u00dcber uns: \u00fcber das neue B\u00fcro", "x2 _under_score 3rd", "you have 2 new messages, call 900 now", "there there, love",
]
LABELS = [1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0]
WEIGHTS = [1, 2, 1, 0.5, 1, 1, 3, 1, 1, 1, 0, 1, 1, 2, 1, 1]


def vectorized(**options):
    vectorizer = TfidfVectorizer(norm="l2", **options)
    x = vectorizer.fit_transform(SENTENCES).tocoo()
    names = vectorizer.get_feature_names_out()
    return dict(rows=[dict(row=int(r), term=names[c], weight=float(v)) for r, c, v in zip(x.row, x.col, x.data)])


rng = np.random.default_rng(5)
n = 150
a, b, c = rng.normal(3, 2, n), rng.normal(0, 1, n), rng.normal(-1, 5, n)
z = np.column_stack([a, b, c]).astype(np.float32).astype(np.float64)
z = (z - z.mean(0)) / z.std(0)
value = 2 * z[:, 0] - 0.3 * z[:, 1] + rng.normal(0, 0.5, n)
three = np.argmax(np.column_stack([z[:, 0], 0.5 * z[:, 1] + 0.2, -z[:, 0]]) + rng.gumbel(0, 0.7, (n, 3)), 1)
color = rng.choice(["red", "green", "blue"], n)
color = np.where((three == 1) & (rng.random(n) < 0.5), "blue", color)
weight = rng.integers(1, 4, n).astype(float)

elastic = ElasticNet(alpha=0.1, l1_ratio=0.6, tol=1e-12, max_iter=100000).fit(z, value)
lasso = Lasso(alpha=0.5, tol=1e-12, max_iter=100000).fit(z, value)
saga = dict(solver="saga", tol=1e-12, max_iter=200000)
sparse = LogisticRegression(penalty="l1", C=0.1, **saga).fit(z, (three == 0).astype(int))
mixed = LogisticRegression(penalty="elasticnet", C=0.2, l1_ratio=0.5, multi_class="multinomial", **saga).fit(z, three)
weighted = LogisticRegression(C=1.0, solver="newton-cg", tol=1e-12, max_iter=10000).fit(z, (three == 0).astype(int), weight)

counter = CountVectorizer(ngram_range=(1, 2))
counts = counter.fit_transform(SENTENCES)
multinomial = MultinomialNB(alpha=0.1).fit(counts, LABELS, sample_weight=WEIGHTS)
tfidf = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
x = tfidf.fit_transform(SENTENCES)
text = LogisticRegression(C=10, solver="newton-cg", tol=1e-12, max_iter=10000).fit(x, LABELS)
gaussian = GaussianNB().fit(z, three, weight)
codes = np.searchsorted(["blue", "green", "red"], color).reshape(-1, 1)
categorical = CategoricalNB(alpha=1.0).fit(codes, three)

print(json.dumps(dict(
    sentences=SENTENCES, labels=LABELS, weights=WEIGHTS,
    vectors={
        "word 1-2 sublinear": vectorized(ngram_range=(1, 2), sublinear_tf=True),
        "word 1-1 min_df 2": vectorized(min_df=2),
        "word 2-3": vectorized(ngram_range=(2, 3), sublinear_tf=True),
        "char 2-3": vectorized(analyzer="char", ngram_range=(2, 3), sublinear_tf=True),
    },
    a=[float(np.float32(v)) for v in a], b=[float(np.float32(v)) for v in b], c=[float(np.float32(v)) for v in c],
    value=value.tolist(), three=three.tolist(), color=color.tolist(), weight=weight.tolist(),
    elastic=dict(weights=elastic.coef_.tolist(), intercepts=[elastic.intercept_]),
    lasso=dict(weights=lasso.coef_.tolist(), intercepts=[lasso.intercept_]),
    sparse=dict(weights=sparse.coef_.ravel().tolist(), intercepts=sparse.intercept_.tolist()),
    mixed=dict(weights=mixed.coef_.ravel().tolist(), predictions=mixed.predict_proba(z).ravel().tolist()),
    weighted=dict(weights=weighted.coef_.ravel().tolist(), intercepts=weighted.intercept_.tolist()),
    text=text.predict_proba(x)[:, 1].tolist(),
    multinomial=multinomial.predict_proba(counts)[:, 1].tolist(),
    gaussian=gaussian.predict_proba(z).ravel().tolist(),
    categorical=categorical.predict_proba(codes).ravel().tolist(),
)))
