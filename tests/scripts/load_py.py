#!/usr/bin/env python3
"""docs/load.py gives what `predict` gives, to 1e-12, for every activation, function, embedding and output transform, first and second
derivatives too."""
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
from portable_cases import cases, text_of  # noqa: E402

derivatives = [f"{field}_{by}" for field in "uv" for by in ("t", "x", "tt", "tx", "xx")]

failed = 0
with tempfile.TemporaryDirectory() as folder:
    for number, (activation, network) in enumerate(cases):
        path, run = pathlib.Path(folder) / f"{number}.toml", f"{folder}/{number}"
        path.write_text(text_of(activation, network))
        for command in (["train", str(path), "--output", run, "--quiet"], ["predict", run, "--grid", "t=0:2:21,x=-1:1:33", "--quantities", ", ".join(["u", "v", *derivatives])]):
            done = subprocess.run([program, *command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                sys.exit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout}")
        with h5py.File(f"{run}/solution.h5") as file:
            expected = {name: file[name][:] for name in file}
        fields = load(f"{run}/network.h5")
        values, actual = fields(t=expected["t"], x=expected["x"]), fields(2, t=expected["t"], x=expected["x"])
        same = [(values[field], actual[field]) for field in values] + [(actual["u_tx"], actual["u_xt"])]
        if set(values) != {"u", "v"} or not all(np.allclose(a, b, rtol=0, atol=1e-13 * np.abs(b).max()) for a, b in same):
            failed += 1
            print(f"{activation} {network}: values depend on the order asked for, or on the order of differentiation")
        for name in ["u", "v", *derivatives]:
            error = np.abs(actual[name] - expected[name]).max() / np.abs(expected[name]).max()
            if not error <= 1e-12 or len(expected[name]) != 21 * 33:
                failed += 1
                print(f"{activation} {network}: {name} differs by {error:.2e} of its largest value")
    first = {name: float(values[0]) for name, values in expected.items()}
    shown = subprocess.run([sys.executable, f"{root}/docs/load.py", f"{run}/network.h5", f"t={first['t']!r}", f"x={first['x']!r}", "u_xx", "v"],
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.split()
    if shown[0::2] != ["u_xx", "v"] or not all(abs(float(value) - first[name]) <= 1e-12 * max(1, abs(first[name])) for name, value in zip(shown[0::2], shown[1::2])):
        failed += 1
        print(f"load.py on the command line prints {shown}, not {first['u_xx']} and {first['v']}")
sys.exit(1 if failed else 0)
