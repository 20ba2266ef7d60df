"""problem.parameters: one network for a range of values, compared and predicted at single ones."""
import json
import math
import pathlib
import subprocess
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402
from configs import HEAT  # noqa: E402

RANGE = HEAT.replace("constants = { kappa = 0.1 }", 'constants = { low = 0.05 }\nparameters = { kappa = ["low", "4*low"] }')
STAGES = ("--set", "training.stages.0.steps=100", "--set", "training.stages.1={ optimizer = 'lbfgs', steps = 200, history = 20 }")


def heat(t, x, kappa):
    return numpy.exp(-kappa * math.pi**2 * t) * numpy.sin(math.pi * x)


class Parameters(program.Case):
    def setUp(self):
        super().setUp()
        self.write("range.toml", RANGE)

    def train(self, name, *options, ranks=1):
        return self.run_program("train", "range.toml", "--output", name, *options, ranks=ranks).output

    def errors(self, name):
        return json.loads((self.folder / name / "evaluation.json").read_text())["error"]["u"]

    def refused(self, words, *arguments):
        output = self.run_program(*arguments, status=2).output
        for word in words:
            self.assertIn(word, output)

    def test_one_network_for_all_values(self):
        output = self.train("runs/range", "--quiet", *STAGES, ranks=2)
        self.assertNotIn("warning", output)
        self.assertLess(self.summary("runs/range")["error"]["u"]["rel_l2"], 0.02)
        for kappa in (0.05, 0.1, 0.2):
            with self.subTest(kappa=kappa):
                told = self.run_program("evaluate", "runs/range", "--at", f"kappa={kappa}", ranks=2).output
                self.assertIn(f"the errors are those at kappa = {kappa}", told)
                self.assertLess(self.errors("runs/range")["rel_l2"], 0.03)
                self.run_program("predict", "runs/range", "--grid", "t=0:1:21,x=0:1:11", "--at", f"kappa={kappa}",
                                 "--quantities", "u, u_x, kappa, u*kappa", "--file", f"at-{kappa}.h5", ranks=2)
                with h5py.File(self.folder / f"at-{kappa}.h5") as file:
                    self.assertEqual(set(file["kappa"][:]), {kappa})
                    u = file["u"][:]
                    exact = heat(file["t"][:], file["x"][:], kappa)
                    self.assertLess(numpy.linalg.norm(u - exact), 0.03 * numpy.linalg.norm(exact))
                    numpy.testing.assert_allclose(file["u*kappa"][:], u * kappa, rtol=1e-15)
        load = [sys.executable, str(program.root / "docs/load.py"), str(self.folder / "runs/range/network.h5"), "t=0.5", "x=0.5",
                "kappa=0.2"]
        loaded = dict(line.split() for line in subprocess.run(load, check=True, capture_output=True, text=True).stdout.splitlines())
        with h5py.File(self.folder / "at-0.2.h5") as file:
            row = numpy.flatnonzero((file["t"][:] == 0.5) & (file["x"][:] == 0.5))[0]
            self.assertAlmostEqual(float(loaded["u"]), file["u"][row], delta=1e-12)
        self.run_program("report", "runs/range")

    def test_a_grid_may_span_the_range(self):
        self.train("runs/short", "--quiet")
        self.run_program("predict", "runs/short", "--grid", "kappa=0.05:0.2:4,t=0.5,x=0:1:5", "--file", "axis.h5")
        with h5py.File(self.folder / "axis.h5") as file:
            self.assertEqual(list(file.attrs["shape"]), [4, 1, 5])
            self.assertEqual(len(set(file["kappa"][:])), 4)
        told = self.run_program("predict", "runs/short", "--grid", "t=0,x=0:1:5", "--at", "kappa=0.4", "--file", "far.h5").output
        self.assertIn("5 of 5 points lie outside the domain", told)
        self.assertIn("problem.domain and problem.parameters", told)

    def test_what_a_run_suggests_works(self):
        told = " ".join(self.train("runs/told").split())
        self.assertIn("predict runs/told --grid t=0:1:101,x=0:1:101 --at kappa=0.125", told)
        self.run_program("predict", "runs/told", "--grid", "t=0:1:101,x=0:1:101", "--at", "kappa=0.125")

    def test_bits(self):
        """The same on any ranks, and when a run goes on; a range of nothing but itself is another run."""
        hashes = set()
        for ranks in (1, 2):
            self.train(f"runs/{ranks}", "--quiet", "--set", "training.reproducibility=ranks", ranks=ranks)
            hashes.add(self.summary(f"runs/{ranks}")["parameter_hash"])
        self.train("runs/parts", "--quiet", "--set", "training.reproducibility=ranks", "--set", "training.stages.0.steps=8")
        self.train("runs/parts", "--quiet", "--set", "training.reproducibility=ranks", ranks=2)
        hashes.add(self.summary("runs/parts")["parameter_hash"])
        self.assertEqual(len(hashes), 1)
        self.refused(["problem.parameters.kappa"], "train", "range.toml", "--output", "runs/parts", "--set",
                     "training.reproducibility=ranks", "--set", "problem.parameters.kappa=[0.05, 0.3]")

    def test_bad_input(self):
        check = ("check", "range.toml", "--set")
        self.refused(["'kappa' is a parameter, and nothing is differentiated"], *check, "problem.equations.0.residual=u_t - d(u, kappa)")
        self.refused(["the range of the parameter 'kappa' is empty"], *check, "problem.parameters.kappa=[1, 1]")
        self.refused(["'x' is declared twice, as a coordinate and as a parameter"], *check, "problem.parameters.x=[0, 1]")
        self.refused(["'kappa' is not a coordinate"], *check, "network.periodic=['kappa']")
        self.refused(["'kappa' is not a coordinate"], *check, "problem.time=kappa")
        self.refused(["'kappa' is not a coordinate"], *check, "problem.domain.kappa=[0, 1]")
        self.train("runs/short", "--quiet", "--set", "training.stages.0.steps=1")
        predict = ("predict", "runs/short", "--grid", "t=0,x=0:1:5")
        self.refused(["'kappa' has no value", "--at kappa=VALUE"], *predict)
        self.refused(["'x' is a coordinate"], *predict, "--at", "x=1")
        self.refused(["did you mean 'kappa'?"], *predict, "--at", "kapa=1")
        self.refused(["was trained for kappa from 0.05 to 0.2"], "evaluate", "runs/short", "--at", "kappa=0.3")
        with h5py.File(self.folder / "one.h5", "w") as file:
            for name, values in {"t": [0, 0.5], "x": [0.5, 0.5], "u": [1, heat(0.5, 0.5, 0.1)]}.items():
                file[name] = numpy.array(values, dtype=float)
        table = ("--set", "reference.exact={}", "--set", f"reference.file={self.folder / 'one.h5'}")
        self.refused(["no column for the parameter 'kappa'"], "train", "range.toml", "--output", "runs/none", *table)
        self.refused(["no column for the parameter 'kappa'"], "evaluate", "runs/short", *table)
        self.assertIn("(2 points", self.run_program("evaluate", "runs/short", *table, "--at", "kappa=0.1").output)


if __name__ == "__main__":
    program.main()
