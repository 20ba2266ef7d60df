"""Trains a shipped config as it stands and holds its errors against the stated ones:

    convergence.py CONFIG BOUND... [SEED... | --set=KEY=VALUE...]

A bound is a number for all fields of the reference (1e-5), one for a field (p:1e-4), or a trained number with its true
value (nu=3.183e-3:5e-3, a relative error). With several seeds, or several settings such as the column that is measured,
each has a run and the medians count. The errors are those of the network the run leaves, never of one chosen by the
reference; a trained number's standard error, which the run estimates itself, is told beside its error as a share of the
true value too."""
import json
import os
import pathlib
import re
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402


class Bounds:
    def __init__(self, words):
        self.all_fields, self.fields, self.numbers = None, {}, {}
        for word in words:
            name, truth, bound = re.fullmatch(r"(?:(\w+)(?:=([^:]+))?:)?([^:]+)", word).groups()
            if truth is not None:
                self.numbers[name] = (float(truth), float(bound))
            elif name is not None:
                self.fields[name] = float(bound)
            else:
                self.all_fields = float(bound)

    def errors(self, summary):
        """What was reached and what is stated, by name."""
        found = {}
        for field, error in summary["error"].items():
            bound = self.fields.get(field, self.all_fields)
            if bound is not None:
                found[field] = (error["rel_l2"], bound)
        for name, (truth, bound) in self.numbers.items():
            found[name] = (abs(summary["trainable"][name]["value"] / truth - 1), bound)
        missing = (set(self.fields) | set(self.numbers)) - set(found)
        assert found and not missing, f"no error of {missing or 'anything'} to hold against a bound"
        return found

    def standard_error(self, name, summary):
        deviation = summary["trainable"][name]["standard_error"] if name in self.numbers else None
        return "" if deviation is None else f" (standard error {deviation / abs(self.numbers[name][0]):.2e})"


def main():
    config = pathlib.Path(sys.argv[1])
    words = sys.argv[2:]
    variants = [["--seed", word] for word in words if word.isdigit()]
    variants += [["--set", word.removeprefix("--set=")] for word in words if word.startswith("--set=")]
    bounds = Bounds([word for word in words if not word.isdigit() and not word.startswith("--set=")])
    ranks = min(2, len(os.sched_getaffinity(0)))
    folder = tempfile.mkdtemp(prefix="jetpinn-")
    runs = []
    try:
        for number, options in enumerate(variants or [[]]):
            output = pathlib.Path(folder) / f"{config.stem}-{number}"
            result = program.run("train", config, "--output", output, "--quiet", *options, ranks=ranks, timeout=1200)
            if result.status != 0:
                print(f"status {result.status}\n{result.output[-3000:]}")
                return 1
            summary = json.loads((output / "summary.json").read_text())
            runs.append(bounds.errors(summary))
            text = ", ".join(f"{name} {error:.2e}{bounds.standard_error(name, summary)}"
                             for name, (error, _) in runs[-1].items())
            print(f"{' '.join([config.stem, *options])}: {text}, {summary['wall_s']:.0f} s, {summary['steps']} steps, "
                  f"stopped by {summary['stopped_by']}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    missed = False
    for name, (_, bound) in runs[0].items():
        error = statistics.median(run[name][0] for run in runs)
        missed = missed or not error <= bound
        print(f"{name} {'reached' if error <= bound else 'MISSED'}: {error:.2e}, stated {bound:.2g}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
