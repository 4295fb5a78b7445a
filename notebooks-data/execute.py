"""Runs a notebook without a server of notebooks: cells in order, in one namespace, as a reader would.

    python notebooks-data/execute.py NOTEBOOK.ipynb DONE.ipynb PICTURES

Writes the notebook with its outputs, and every figure as an SVG file. A cell that fails ends the run with its error.
"""

import ast
import base64
import contextlib
import io
import json
import pathlib
import sys

import matplotlib

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "florilege"
import matplotlib.pyplot as plt  # noqa: E402


def run(source, names, file):
    """Executes a cell; the value of its last line, where that is an expression."""
    tree = ast.parse(source, file)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), names)
    return eval(compile(ast.Expression(last.value), file, "eval"), names) if last else None


def lines(text):
    return text.splitlines(keepends=True)


def drawn(pictures, name):
    """The figures that a cell left open, saved and closed."""
    outputs = []
    for number in plt.get_fignums():
        figure, small = plt.figure(number), io.BytesIO()
        path = pictures / f"{name}-{run.figures}.svg"
        run.figures += 1
        figure.savefig(path, metadata={"Date": None})
        figure.savefig(small, format="png", dpi=80, metadata={"Software": None})
        data = {"image/png": base64.b64encode(small.getvalue()).decode()}
        outputs.append({"output_type": "display_data", "metadata": {}, "data": data})
    plt.close("all")
    return outputs


def main(source, target, pictures):
    notebook = json.loads(source.read_text())
    pictures.mkdir(parents=True, exist_ok=True)
    names, run.figures = {"__name__": "__main__"}, 1
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, 1):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            value = run("".join(cell["source"]), names, f"{source.name}[{number}]")
        outputs = drawn(pictures, source.stem)
        if said.getvalue():
            outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": lines(said.getvalue())})
        if value is not None:
            data = {"text/plain": lines(str(value))}
            outputs.append({"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data})
        cell.update(execution_count=number, outputs=outputs)
    target.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    print(f"{source.name}: {len(cells)} cells, {run.figures - 1} pictures")


main(*map(pathlib.Path, sys.argv[1:4]))
