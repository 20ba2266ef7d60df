"""Trains a shipped config as it stands and holds its error against the stated one: convergence.py CONFIG BOUND [SEED...].
With several seeds the median counts. The error is that of the network the run leaves, never one chosen by the reference."""
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402


def main():
    config, bound = pathlib.Path(sys.argv[1]), float(sys.argv[2])
    seeds = [int(seed) for seed in sys.argv[3:]] or [None]
    ranks = min(2, len(os.sched_getaffinity(0)))
    folder = tempfile.mkdtemp(prefix="jetpinn-")
    errors = []
    try:
        for seed in seeds:
            output = pathlib.Path(folder) / f"{config.stem}-{seed}"
            options = [] if seed is None else ["--seed", seed]
            result = program.run("train", config, "--output", output, "--quiet", *options, ranks=ranks, timeout=1200)
            if result.status != 0:
                print(f"status {result.status}\n{result.output[-3000:]}")
                return 1
            summary = json.loads((output / "summary.json").read_text())
            errors.append(max(field["rel_l2"] for field in summary["error"].values()))
            print(f"{config.stem} seed {seed}: rel_l2 {errors[-1]:.2e}, {summary['wall_s']:.0f} s, {summary['steps']} steps, "
                  f"stopped by {summary['stopped_by']}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    error = statistics.median(errors)
    print(f"{'reached' if error <= bound else 'MISSED'}: {error:.2e}, stated {bound:.0e}")
    return 0 if error <= bound else 1


if __name__ == "__main__":
    sys.exit(main())
