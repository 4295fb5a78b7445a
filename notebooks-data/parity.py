# %% [markdown]
# Saved models against other libraries, on the same yeses.
#
# Needs numpy, scipy, implicit and rectools in an environment of their own, and two folders:
#
#     florilege-indexer train --model ease --data DATA --out models
#     florilege-indexer train --model item-knn --settings '{"model":"item-knn","neighbours":100,"shrink":0}' --data DATA --out models
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
