#!/usr/bin/env python3
"""Runs that fail: one message, and in $JETPINN_STATUS_FILE a line with the contract's status from every rank, on one and on three ranks."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1]).resolve()
launcher = sys.argv[2:]   # mpirun with its options, without a number of ranks
program = os.environ["JETPINN_PROGRAM"]
configs = root / "configs"
burgers, heat = str(configs / "burgers.toml"), str(configs / "heat_1d.toml")
folder = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-exit-status-"))


# Arguments, status, a part of the message.
cases = [
    (["check", burgers, "--set", "training.seed=x"], 2, "must be a whole number"),
    (["check", burgers, "--set", "run.memory_limit=1 MiB"], 2, "beyond run.memory_limit"),
    (["train", burgers, "--output", "/proc/jetpinn"], 2, "cannot create"),
    (["train", heat, "--output", folder / "run", "--quiet", "--set", "problem.equations.0.residual=log(u_t - 1e9)"], 3, "not finite"),
    (["classify", burgers], 2, "run it by `jetpinn train`"),
]


def complaint(arguments, status, fragment, ranks):
    """A sentence about what is wrong with the program's end, or None."""
    statuses = folder / "statuses"
    statuses.unlink(missing_ok=True)
    command = ([*launcher, "-n", str(ranks)] if ranks > 1 else []) + [program, *map(str, arguments)]
    try:
        done = subprocess.run(command, cwd=folder, env={**os.environ, "JETPINN_STATUS_FILE": str(statuses)}, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return "it hangs"
    written = sorted(statuses.read_text().splitlines()) if statuses.exists() else []
    if written != [f"{rank} {status}" for rank in range(ranks)]:
        return f"the ranks' statuses are {written}\n{done.stdout}"
    if ranks == 1 and done.returncode != status:
        return f"status {done.returncode}\n{done.stdout}"
    messages = [line for line in done.stdout.splitlines() if line.startswith("jetpinn: ")]
    if len(messages) != 1 or fragment not in done.stdout:
        return f"not one message with '{fragment}':\n{done.stdout}"
    return None


failures = 0
try:
    for ranks in (1, 3):
        for arguments, status, fragment in cases:
            trouble = complaint(arguments, status, fragment, ranks)
            if trouble:
                failures += 1
                print(f"FAILED on {ranks} rank(s): {' '.join(map(str, arguments))}: {trouble}")
            shutil.rmtree(folder / "run", ignore_errors=True)
    print(f"{len(cases)} kinds of failure on 1 and 3 ranks, {failures} failed")
finally:
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(1 if failures else 0)
