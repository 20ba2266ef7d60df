#!/usr/bin/env python3
"""docs/load.py gives what `predict` gives, to 1e-12, for every activation, embedding and output transform."""
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"not run: docs/load.py against predict: Python lacks {error.name}")
    sys.exit(77)

root = pathlib.Path(sys.argv[1]).resolve()
program = os.environ["JETPINN_PROGRAM"]
sys.path.insert(0, str(root / "docs"))
sys.dont_write_bytecode = True
from load import load  # noqa: E402

config = """
name = "case"
[problem]
coordinates = ["t", "x"]
fields = ["u", "v"]
constants = {{ k = "0.3/pi" }}
definitions = {{ bump = "x*(1 - x)" }}
domain = {{ t = [0, 2], x = [-1, 1] }}
[[problem.equations]]
name = "pde"
residual = ["u_t + v*u_x - k*u_xx", "v - u"]
[network]
hidden = [9, 7]
activation = "{activation}"
{network}
[sampling]
points = {{ pde = 100 }}
[[training.stages]]
optimizer = "adam"
steps = 3
"""

transform = """periodic = ["x"]
output = { u = "where(x < 0.5 && t > 0.1, 1, 2)*bump*u + sin(pi*t)^2 + k - (1 + abs(x))*step(x)", v = "v*u^3/(1 + x^2) + (x < 0) + (t < 1)*erf(x)" }"""

cases = [(activation, "") for activation in ("tanh", "sin", "silu", "gelu", "softplus")] + [("tanh", transform)]

failed = 0
with tempfile.TemporaryDirectory() as folder:
    for number, (activation, network) in enumerate(cases):
        path, run = pathlib.Path(folder) / f"{number}.toml", f"{folder}/{number}"
        path.write_text(config.format(activation=activation, network=network))
        for command in (["train", str(path), "--output", run, "--quiet"], ["predict", run, "--grid", "t=0:2:21,x=-1:1:33"]):
            done = subprocess.run([program, *command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                sys.exit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout}")
        with h5py.File(f"{run}/solution.h5") as file:
            expected = {name: file[name][:] for name in file}
        actual = load(f"{run}/network.h5")(t=expected["t"], x=expected["x"])
        for field in ("u", "v"):
            error = np.abs(actual[field] - expected[field]).max() / np.abs(expected[field]).max()
            if not error <= 1e-12 or len(expected[field]) != 21 * 33:
                failed += 1
                print(f"{activation} {network}: field {field} differs by {error:.2e} of its largest value")
sys.exit(1 if failed else 0)
