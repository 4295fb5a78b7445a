# %% [markdown]
# Metrics against other libraries, on the golden lists and on random ones.
#
# Needs ranx, ir_measures, pyndeval and rectools in an environment of their own (they disagree about the versions of numpy that
# the program's own scripts want). The program is the judge that is judged:
#
#     python notebooks-data/parity_metrics.py target/debug/florilege-indexer [golden.json]
#
# Prints a table in Markdown; ends with an error where a difference is larger than is said here.

# %%
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
import ir_measures  # noqa: E402
import pandas as pd  # noqa: E402
import pyndeval  # noqa: E402
import ranx  # noqa: E402
from ir_measures import AP, RR, P, R, nDCG  # noqa: E402
from rectools import Columns  # noqa: E402
from rectools import metrics as rec  # noqa: E402
from rectools.metrics import PairwiseHammingDistanceCalculator  # noqa: E402

program = sys.argv[1]
golden = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
CUTS = (3, 5, 10)
SAME = 1e-6


# %% Lists of one genre an item where a library knows no more; every user has something relevant and a history.
def made(seed, genres_each, graded):
    dice = random.Random(seed)
    items = {f"i{n:02}": dice.sample([f"g{g}" for g in range(6)], dice.randint(1, genres_each)) for n in range(30)}
    names = list(items)
    users = [f"u{n}" for n in range(12)]
    relevance = (lambda: dice.randint(1, 3)) if graded else (lambda: 1)
    return {
        "items": items,
        "run": {user: dice.sample(names, dice.randint(10, 15)) for user in users},
        "qrels": {user: {item: relevance() for item in dice.sample(names, dice.randint(1, 8))} for user in users},
        "history": {user: dice.sample(names, dice.randint(1, 9)) for user in users},
    }


def ours(case):
    with tempfile.TemporaryDirectory() as folder:
        argv = [program, "metrics", "--json"]
        for name in ("run", "qrels", "items", "history"):
            path = pathlib.Path(folder, name + ".json")
            path.write_text(json.dumps(case[name]))
            argv += ["--" + name, str(path)]
        for cut in CUTS:
            argv += ["--at", str(cut)]
        return json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


# %% What each library says, by the name of our metric. A scored list falls by one a place.
def scored(case):
    return {user: {item: float(100 - place) for place, item in enumerate(items)} for user, items in case["run"].items()}


def of_ranx(case, k):
    names = {"ndcg": "ndcg", "map": "map", "mrr": "mrr", "recall": "recall", "precision": "precision", "hit_rate": "hit_rate"}
    keys = [f"{name}@{k}" for name in names.values()]
    found = ranx.evaluate(ranx.Qrels(case["qrels"]), ranx.Run(scored(case)), keys)
    return {name: found[f"{theirs}@{k}"] for name, theirs in names.items()}


def of_ir_measures(case, k):
    asked = {"ndcg": nDCG @ k, "map": AP @ k, "mrr": RR @ k, "recall": R @ k, "precision": P @ k}
    qrels = [ir_measures.Qrel(u, i, int(r)) for u, all_ in case["qrels"].items() for i, r in all_.items()]
    run = [ir_measures.ScoredDoc(u, i, s) for u, all_ in scored(case).items() for i, s in all_.items()]
    found = ir_measures.calc_aggregate(asked.values(), qrels, run)
    return {name: found[measure] for name, measure in asked.items()}


def of_pyndeval(case, k):
    qrels = [
        pyndeval.SubtopicQrel(u, genre, i, 1)
        for u, all_ in case["qrels"].items()
        for i in all_
        for genre in case["items"][i]
    ]
    run = [pyndeval.ScoredDoc(u, i, s) for u, all_ in scored(case).items() for i, s in all_.items()]
    names = {"alpha_ndcg": "alpha-nDCG", "alpha_dcg": "alpha-DCG", "err_ia": "ERR-IA", "nerr_ia": "nERR-IA", "p_ia": "P-IA", "srecall": "strec"}
    keys = [f"{name}@{k}" for name in names.values()]
    found = pyndeval.ndeval(qrels, run, measures=keys)
    return {name: sum(of[f"{key}@{k}"] for of in found.values()) / len(found) for name, key in names.items()}


def frame(of, rank=False):
    rows = [(u, i, n + 1) for u, items in of.items() for n, i in enumerate(items)]
    columns = [Columns.User, Columns.Item, Columns.Rank]
    return pd.DataFrame(rows, columns=columns)[columns if rank else columns[:2]]


def of_rectools(case, k):
    features = pd.get_dummies(pd.Series({i: g[0] for i, g in case["items"].items()})).astype(float)
    asked = {
        "recall": rec.Recall(k=k),
        "precision": rec.Precision(k=k),
        "hit_rate": rec.HitRate(k=k),
        "mrr": rec.MRR(k=k),
        "map": rec.MAP(k=k),
        "ndcg": rec.NDCG(k=k),
        "miuf": rec.MeanInvUserFreq(k=k),
        "serendipity": rec.Serendipity(k=k),
        "coverage": rec.CatalogCoverage(k=k, normalize=True),
        "ild": rec.IntraListDiversity(k=k, distance_calculator=PairwiseHammingDistanceCalculator(features)),
    }
    return rec.calc_metrics(
        asked,
        reco=frame(case["run"], rank=True),
        interactions=frame(case["qrels"]),
        prev_interactions=frame(case["history"]),
        catalog=list(case["items"]),
    )


# %% Where a library differs, what it does instead, and what then is the same.
REMARKS = {
    ("ild", "RecTools"): ("distance of one-hot genres, two where we have one", lambda theirs, k: theirs / 2),
    ("ndcg", "RecTools"): ("divides by the gain of k hits, also where fewer are relevant", None),
}
LIBRARIES = [
    ("ranx", of_ranx, {"genres_each": 3, "graded": True}),
    ("ir_measures", of_ir_measures, {"genres_each": 3, "graded": True}),
    ("pyndeval", of_pyndeval, {"genres_each": 3, "graded": False}),
    ("RecTools", of_rectools, {"genres_each": 1, "graded": False}),
]
CASES = 25

print("| metric | library | lists | largest difference | remark |\n|---|---|---|---|---|")
bad = []
for library, of, kind in LIBRARIES:
    worst, lists = {}, 0
    for seed in range(CASES):
        case = made(seed, **kind)
        mine = ours(case)
        lists += len(case["run"]) * len(CUTS)
        for k in CUTS:
            for metric, theirs in of(case, k).items():
                _, translated = REMARKS.get((metric, library), ("", lambda value, _: value))
                same = theirs if translated is None else translated(theirs, k)
                worst[metric] = max(worst.get(metric, 0.0), abs(same - mine[f"{metric}@{k}"]))
    for metric, difference in sorted(worst.items()):
        remark, translated = REMARKS.get((metric, library), ("", True))
        print(f"| `{metric}` | {library} | {lists} | {difference:.1e} | {remark} |")
        if difference > SAME and translated is not None:
            bad.append((metric, library, difference))

# %% The golden file, whose numbers each library gave for itself.
if golden:
    given = json.loads(golden.read_text())
    case = {
        "run": given["run"],
        "qrels": given["qrel"],
        "items": {item: [genre] for item, genre in given["cat"].items()},
        "history": given["prev"],
    }
    mine = ours(case)
    for metric, theirs in {**of_ranx(case, 5), **of_pyndeval(case, 5)}.items():
        if abs(theirs - mine[f"{metric}@5"]) > SAME:
            bad.append((metric, "golden", theirs - mine[f"{metric}@5"]))
assert not bad, bad
