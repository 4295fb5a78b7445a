# %% [markdown]
# Reading the fronts of an evaluation: what variety costs, and who gives most of it for a given loss.
#
# Needs polars and duckdb. After `florilege-indexer evaluate --data DATA --out fronts`:
#
#     python notebooks-data/fronts.py fronts

# %%
import json
import pathlib
import sys

import duckdb
import polars as pl

folder = pathlib.Path(sys.argv[1])
points = pl.read_ipc(folder / "points.arrow")
duels = pl.read_csv(folder / "duels.csv")
numbers = json.loads((folder / "numbers.json").read_text())
print(numbers["data"], "-", numbers["judged"], "judged readers -", points.height, "settings")

# %% [markdown]
# Models by themselves.

# %%
key = f"ndcg@{numbers['options']['k']}"
alone = pl.DataFrame([{"model": one["model"], **one["metrics"][key]} for one in numbers["models"]])
print(alone.sort("value", descending=True))
best = alone.sort("value", descending=True)["model"][0]

# %% [markdown]
# For each way, the most even categories that cost at most 2 % of nDCG.

# %%
print(
    duckdb.sql(
        f"""
        with points as (from read_csv('{folder / "points.csv"}')),
             plain as (select ndcg from points where model = '{best}' and reranker = 'relevance' and not rule)
        select reranker, rule, arg_max(strength, main_entropy) as strength, max(main_entropy) as entropy,
               arg_max(ndcg, main_entropy) as ndcg, arg_max(main_calibration_kl, main_entropy) as kl
        from points where model = '{best}' and ndcg >= 0.98 * (select ndcg from plain)
        group by all order by entropy desc
        """
    )
)

# %% [markdown]
# Where our front, calibrated under the rule, is surely larger or smaller than another's.

# %%
told = duels.filter((pl.col("model") == best) & (pl.col("p_holm") < 0.05))
print(
    told.select("plane", "rival", "rival_rule", "difference", "low", "high", "p_holm").sort("plane", "difference")
)
