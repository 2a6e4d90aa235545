"""What numpy says of small recommenders: biases, half a step of implicit ALS, metrics of lists.

    /usr/bin/python3 tests/Training.Tests/Golden/recommenders.py
"""
import json
import os

import numpy as np

rng = np.random.default_rng(11)
USERS, ITEMS, FACTORS = 25, 15, 6

# Ratings: every user rates 3 to 8 items.
rows = []
for u in range(USERS):
    for i in rng.choice(ITEMS, size=rng.integers(3, 9), replace=False):
        rows.append((int(u), int(i), float(np.round(5 + rng.normal() + (u % 3) - (i % 4), 2))))

mean = np.mean([r for _, _, r in rows])
bu, bi = np.zeros(USERS), np.zeros(ITEMS)
USER_DAMPING, ITEM_DAMPING = 3.0, 2.0
for _ in range(5):
    for i in range(ITEMS):
        own = [r - mean - bu[u] for u, j, r in rows if j == i]
        bi[i] = sum(own) / (ITEM_DAMPING + len(own))
    for u in range(USERS):
        own = [r - mean - bi[i] for v, i, r in rows if v == u]
        bu[u] = sum(own) / (USER_DAMPING + len(own))

# One user of implicit ALS: (unseen * Q'Q + ridge I + sum w q q') p = sum w q.
Q = rng.normal(size=(ITEMS, FACTORS))
linked = np.array([1, 4, 7, 9])
weights = np.array([1.0, 2.0, 0.5, 1.0])
unseen, ridge = 0.1, 0.7
A = unseen * Q.T @ Q + ridge * np.eye(FACTORS)
b = np.zeros(FACTORS)
for w, i in zip(weights, linked):
    A += w * np.outer(Q[i], Q[i])
    b += w * Q[i]

# Lists: users with one to twelve wanted items, some beyond the list.
lists = []
for u in range(12):
    wanted = 1 + u
    places = rng.permutation(30)[:wanted] + 1
    for p in places:
        lists.append((u, int(p) if p <= 10 else 0))
ndcg, hit, ap = [], [], []
for u in range(12):
    places = sorted(p for v, p in lists if v == u and p > 0)
    wanted = sum(1 for v, _ in lists if v == u)
    best = sum(1 / np.log2(1 + k) for k in range(1, min(wanted, 10) + 1))
    ndcg.append(sum(1 / np.log2(1 + p) for p in places) / best)
    hit.append(1.0 if places else 0.0)
    ap.append(sum((k + 1) / p for k, p in enumerate(places)) / min(wanted, 10))

out = {
    "users": [r[0] for r in rows], "items": [r[1] for r in rows], "ratings": [r[2] for r in rows],
    "user_damping": USER_DAMPING, "item_damping": ITEM_DAMPING, "mean": mean,
    "user_bias": bu.tolist(), "item_bias": bi.tolist(),
    "factors": FACTORS, "q": Q.ravel().tolist(), "linked": linked.tolist(), "weights": weights.tolist(),
    "unseen": unseen, "ridge": ridge, "p": np.linalg.solve(A, b).tolist(),
    "list_users": [v for v, _ in lists], "list_places": [p for _, p in lists],
    "ndcg_at_10": float(np.mean(ndcg)), "hr_at_10": float(np.mean(hit)), "map_at_10": float(np.mean(ap)),
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recommenders.json")
with open(path, "w") as f:
    json.dump(out, f)
    f.write("\n")
