#!/usr/bin/env python3
"""docs/load.py gives what `predict` gives, to 1e-12, for every activation, function, embedding and output transform, first and second
derivatives too; and the numbers that were trained with the network. A file of another format is refused."""
import json
import os
import pathlib
import shutil
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

# A number that is trained in each of two windows, and in a run without windows.
DECAY = """
name = "decay"
[problem]
coordinates = ["t"]
domain = { t = [0, 2] }
trainable = { k = 0.2 }
[[problem.equations]]
name = "decay"
residual = "u_t + k*u"
[[problem.equations]]
name = "known"
residual = "u - exp(-0.7*t)"
[[problem.conditions]]
name = "start"
on = "t == 0"
residual = "u - 1"
[network]
hidden = [6]
[sampling]
points = { decay = 50, known = 50, start = 1 }
[[training.stages]]
optimizer = "adam"
steps = 20
learning_rate = 1e-2
"""


def run(*command):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout}")
    return done.stdout


def trained_numbers(folder):
    """What is not as it should be, of numbers that are trained with the network."""
    path = pathlib.Path(folder) / "decay.toml"
    path.write_text(DECAY)
    told = {}
    for name, count in (("whole", 1), ("cut", 2)):
        run(program, "train", str(path), "--output", f"{folder}/{name}", "--quiet", "--set", f"training.windows.count={count}")
        told[name] = json.loads(pathlib.Path(f"{folder}/{name}/summary.json").read_text())
    whole, cut = (load(f"{folder}/{name}/network.h5") for name in ("whole", "cut"))
    of_windows = [window["trainable"]["k"]["value"] for window in told["cut"]["windows"]]
    if of_windows[0] == of_windows[1]:
        yield "the windows have one number, so nothing tells which is printed"
    if cut.trainable != {"k": told["cut"]["trainable"]["k"]["value"]} or [window.trainable for window in cut.windows] != [{"k": k} for k in of_windows]:
        yield f"numbers of windows: {cut.trainable} in all, {[window.trainable for window in cut.windows]} in each, not {of_windows}"
    if [window.trainable for window in whole.windows] != [{"k": told["whole"]["trainable"]["k"]["value"]}] or whole.window(t=[0.5, 1.5]).tolist() != [0, 0]:
        yield "a run without windows is not its own window"
    if cut.window(t=[0, 1, 1.5, 2]).tolist() != [0, 0, 1, 1]:
        yield f"places in windows {cut.window(t=[0, 1, 1.5, 2])}"
    for t, number in ((0.5, of_windows[0]), (1.5, of_windows[1])):
        printed = dict(line.split() for line in run(sys.executable, f"{root}/docs/load.py", f"{folder}/cut/network.h5", f"t={t}").splitlines())
        if float(printed["k"]) != number or float(printed["u"]) != float(cut(t=t)["u"]):
            yield f"load.py prints {printed} at t = {t}, where k is {number}"


def other_formats(folder):
    """What is not as it should be, of files whose format load.py does not know."""
    path = f"{folder}/other.h5"
    for name, place, found, expected in (
        ("whole", "/", "jetpinn network 2", "other.h5: its format is 'jetpinn network 2', and this docs/load.py reads 'jetpinn network 1'; take the docs/load.py of jetpinn "),
        ("whole", "/", None, "other.h5: it has no attribute 'format'"),
        ("cut", "/", "jetpinn windows 2", "other.h5: its format is 'jetpinn windows 2', and this docs/load.py reads 'jetpinn windows 1'"),
        ("cut", "/windows/1", "jetpinn network 2", "other.h5, /windows/1: its format is 'jetpinn network 2'"),
    ):
        shutil.copy(f"{folder}/{name}/network.h5", path)
        with h5py.File(path, "r+") as file:
            del file[place].attrs["format"]
            if found:
                file[place].attrs["format"] = found
        done = subprocess.run([sys.executable, f"{root}/docs/load.py", path, "t=0.5"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 2 or done.stdout or expected not in done.stderr or len(done.stderr.splitlines()) != 1:
            yield f"a file {name} with the format {found} at {place}: status {done.returncode}, {done.stdout}{done.stderr}"


def bad_words(folder):
    """What is not as it should be, of calls that cannot be answered: one line each, and no trace of the interpreter."""
    (pathlib.Path(folder) / "text.h5").write_text("no network")
    whole = f"{folder}/whole/network.h5"
    for words, expected in (((), "network.h5 t=0.5"), ((f"{folder}/none.h5",), "none.h5: "), ((folder,), f"{folder}: "), ((f"{folder}/text.h5",), "text.h5: "),
                            ((whole,), "'t' is missing"), ((whole, "t=now"), "'t=now' is no number"), ((whole, "t=0.5", "u_ttt"), "'u_ttt' is missing")):
        done = subprocess.run([sys.executable, f"{root}/docs/load.py", *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 2 or done.stdout or expected not in done.stderr or len(done.stderr.splitlines()) != 1:
            yield f"load.py {' '.join(words)}: status {done.returncode}, {done.stdout}{done.stderr}"


failed = 0
with tempfile.TemporaryDirectory() as folder:
    for wrong in (*trained_numbers(folder), *other_formats(folder), *bad_words(folder)):
        failed += 1
        print(wrong)
    for number, (activation, network) in enumerate(cases):
        path, output = pathlib.Path(folder) / f"{number}.toml", f"{folder}/{number}"
        path.write_text(text_of(activation, network))
        run(program, "train", str(path), "--output", output, "--quiet")
        run(program, "predict", output, "--grid", "t=0:2:21,x=-1:1:33", "--quantities", ", ".join(["u", "v", *derivatives]))
        with h5py.File(f"{output}/solution.h5") as file:
            expected = {name: file[name][:] for name in file}
        fields = load(f"{output}/network.h5")
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
    shown = subprocess.run([sys.executable, f"{root}/docs/load.py", f"{output}/network.h5", f"t={first['t']!r}", f"x={first['x']!r}", "u_xx", "v"],
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.split()
    if shown[0::2] != ["u_xx", "v"] or not all(abs(float(value) - first[name]) <= 1e-12 * max(1, abs(first[name])) for name, value in zip(shown[0::2], shown[1::2])):
        failed += 1
        print(f"load.py on the command line prints {shown}, not {first['u_xx']} and {first['v']}")
sys.exit(1 if failed else 0)
