# %% [markdown]
# Saved models against other libraries, on the same yeses.
#
# Needs numpy, scipy, implicit and rectools in an environment of their own, and three folders:
#
#     florilege-indexer train --model ease --data DATA --out models
#     florilege-indexer train --model item-knn --settings '{"model":"item-knn","neighbours":100,"shrink":0}' --data DATA --out models
#     florilege-indexer train --model ials --data DATA --out models
#     python notebooks-data/parity.py DATA models
#
# Ends with an error where a weight differs.

# %%
import csv
import json
import pathlib
import sys

import numpy as np
from scipy import sparse

data, models = map(pathlib.Path, sys.argv[1:3])


def folder(name):
    return next(path for path in models.iterdir() if path.name.startswith(name + "-"))


def weights(path):
    starts, columns, values = (np.load(path / f"{name}.npy") for name in ("starts", "columns", "values"))
    size = len(starts) - 1
    return sparse.csr_matrix((values, columns.astype(np.int64), starts.astype(np.int64)), shape=(size, size))


# %% The yeses, as the indexer reads MovieLens: the latest rating of a film, 4 or more.
latest = {}
with open(data / "ratings.csv", encoding="utf-8-sig") as lines:
    for row in csv.reader(list(lines)[1:]):
        pair, act = (row[0], row[1]), (int(row[3]), float(row[2]))
        latest[pair] = max(latest.get(pair, act), act)
yes = [pair for pair, (_, value) in latest.items() if value >= 4.0]
names = json.loads((folder("ease") / "items.json").read_text())
item = {name: number for number, name in enumerate(names)}
user = {name: number for number, name in enumerate(sorted({pair[0] for pair in yes}))}
rows, columns = [user[u] for u, _ in yes], [item[i] for _, i in yes]
x = sparse.csr_matrix((np.ones(len(yes), dtype=np.float32), (rows, columns)), shape=(len(user), len(item)))

# %% EASE: every weight kept is that of RecTools.
from rectools import Columns  # noqa: E402
from rectools.dataset import Dataset  # noqa: E402
from rectools.models import EASEModel  # noqa: E402
import pandas as pd  # noqa: E402

ridge = json.loads((folder("ease") / "manifest.json").read_text())["settings"]["lambda"]
frame = pd.DataFrame({Columns.User: rows, Columns.Item: columns, Columns.Weight: 1.0, Columns.Datetime: "2024-01-01"})
known = Dataset.construct(frame)
theirs = EASEModel(regularization=ridge).fit(known)
order = known.item_id_map.convert_to_internal(np.arange(len(item)))
theirs = theirs.weight[np.ix_(order, order)]
ours = weights(folder("ease")).tocoo()
difference = np.abs(theirs[ours.row, ours.col] - ours.data).max()
print(f"EASE: {ours.nnz} weights, largest difference from RecTools {difference:.2e}")
assert difference < 1e-4

# %% item-kNN without shrinkage: the neighbours of implicit's cosine.
from implicit.nearest_neighbours import CosineRecommender  # noqa: E402

cosine = CosineRecommender(K=len(item))
cosine.fit(x, show_progress=False)
ours = weights(folder("item-knn")).tocoo()
theirs = np.asarray(cosine.similarity[ours.row, ours.col]).ravel()
difference = np.abs(theirs - ours.data).max()
print(f"item-kNN: {ours.nnz} weights, largest difference from implicit {difference:.2e}")
assert difference < 1e-5

# %% iALS: both are given our items' vectors, and solve readers' from them.
# implicit minimises Σ c (1 − ŷ)² + Σ_others ŷ² + λ|w|² with c = 1 + α where somebody had the item; ours weighs every pair by α₀
# and those had by one more, with a ridge that grows with activity. Divided by α₀, a reader's problem is implicit's with
# c = 1 + 1/α₀ and the target 1/(1 + α₀) in place of 1: vectors differ by that factor, their order not at all.
from implicit.cpu.als import AlternatingLeastSquares  # noqa: E402

kept = json.loads((folder("ials") / "manifest.json").read_text())["settings"]
h = np.load(folder("ials") / "items.npy").astype(np.float64)
alpha0, worst = kept["alpha0"], 0.0
for reader in range(0, x.shape[0], 25):
    had = x[reader].indices
    activity = len(had) + alpha0 * len(item)
    ridge = kept["lambda"] * activity ** kept["nu"]
    one = sparse.csr_matrix(([1 + 1 / alpha0] * len(had), ([0] * len(had), had)), shape=(1, len(item)), dtype=np.float32)
    solver = AlternatingLeastSquares(factors=h.shape[1], regularization=ridge / alpha0, use_cg=False, dtype=np.float64, alpha=1.0)
    solver.item_factors = h
    theirs = solver.recalculate_user(0, one) / (1 + alpha0)
    # Folded in as the program does it.
    a = alpha0 * h.T @ h + h[had].T @ h[had] + ridge * np.eye(h.shape[1])
    mine = np.linalg.solve(a, h[had].sum(axis=0))
    worst = max(worst, np.abs(mine - theirs).max() / np.abs(mine).max())
print(f"iALS: {len(range(0, x.shape[0], 25))} readers folded in, largest difference from implicit {worst:.2e} of the largest number")
assert worst < 1e-4
