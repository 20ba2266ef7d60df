"""Conditions whose points are rows of a table: what is refused, what is trained on, and what a run goes on with."""
import json
import math
import os
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

ROWS = 700
CONFIG = """
name = "wave"
[problem]
coordinates = ["x"]
domain = { x = [0, 1] }
[[problem.equations]]
name = "wave"
residual = "u_xx + pi^2*u"
weight = 1e-3
[[problem.conditions]]
name = "measured"
points = "wave.h5"
residual = "u - data.u"
sigma = "data.su"
holdout = 0.2
[reference]
exact = { u = "sin(pi*x)" }
[network]
hidden = [8, 8]
[sampling]
points = { wave = 300 }
[training]
seed = 3
reproducibility = "ranks"
[[training.stages]]
optimizer = "lbfgs"
steps = 12
[output]
evaluate_every = 5
"""


def columns():
    x = numpy.modf(0.618 * numpy.arange(ROWS))[0]
    return {"x": x, "u": numpy.sin(math.pi * x), "su": 0.5 + 0.25 * (numpy.arange(ROWS) % 3)}


class Measurements(program.Case):
    def setUp(self):
        super().setUp()
        self.write("wave.toml", CONFIG)
        self.store("wave.h5", columns())

    def store(self, name, table):
        if name.endswith(".csv"):
            rows = zip(*[values.tolist() for values in table.values()])
            self.write(name, ",".join(table) + "\n" + "".join(",".join(map(repr, row)) + "\n" for row in rows))
            return
        with h5py.File(self.folder / name, "w") as file:
            for column, values in table.items():
                file[column] = values

    def train(self, output, *more, ranks=1):
        self.run_program("train", "wave.toml", "--quiet", "--output", output, *more, ranks=ranks)
        return self.summary(output)

    def refused(self, words, *more):
        output = self.run_program("check", "wave.toml", *more, status=2).output
        for word in words:
            self.assertIn(word, output)

    def test_a_small_table_recovers_a_function(self):
        summary = self.train("fit", "--set", "training.stages.0.steps=1500")
        self.assertLess(summary["error"]["u"]["rel_l2"], 1e-4)
        self.assertLess(summary["validation"]["measured"], 1e-4)
        lines = [json.loads(line) for line in (self.folder / "fit/metrics.jsonl").read_text().splitlines()]
        evaluated = [line for line in lines if "loss_independent" in line]
        self.assertGreater(len(evaluated), 5)
        self.assertTrue(all("measured" in line["validation"] for line in evaluated))
        self.assertFalse(any("validation" in line for line in lines if "loss_independent" not in line))

    # Measurements met to their noise are nearly all of the loss, as they should be; where the program cannot know it, it says so.
    def test_noise_is_no_reason_to_warn(self):
        table = columns()
        table["u"] = table["u"] + table["su"] * numpy.random.default_rng(1).standard_normal(ROWS)
        self.store("wave.h5", table)
        steps = ("--set", "training.stages.0.steps=300", "--set", "training.stages.0.optimizer=adam", "--set",
                 "training.stages.0.learning_rate=0.01")
        def shares(output, *more, ranks=1):
            summary = self.train(output, *steps, *more, ranks=ranks)
            self.assertGreater(summary["shares"]["measured"], 0.99)
            return summary["loss"], [warning for warning in summary["warnings"] if "of the weighted loss" in warning]
        loss, warned = shares("noise", ranks=2)
        self.assertTrue(0.7 < loss < 1.3, loss)
        self.assertEqual(warned, [])
        loss, warned = shares("understated", "--set", "problem.conditions.0.sigma=data.su/2")
        self.assertTrue(2.8 < loss < 5.2, loss)
        self.assertEqual(len(warned), 1)
        self.assertIn("lower problem.conditions.0.weight", warned[0])
        self.assertNotIn("noise", warned[0])
        self.write("wave.toml", CONFIG.replace('sigma = "data.su"\n', ""))
        _, warned = shares("unknown")
        self.assertIn("if that is the noise of its rows nothing is wrong: problem.conditions.0.sigma", warned[0])

    # Rows of a tool stay together, on any number of ranks and where the run goes on from its own copy of the table.
    def test_rows_that_belong_together(self):
        table = columns()
        table["tool"] = numpy.floor(numpy.arange(ROWS) / 14)
        self.store("wave.h5", table)
        by_tool = ("--set", "problem.conditions.0.holdout_by=tool")
        one = self.train("one", *by_tool)
        fit = one["held_out"]["measured"]["u"]
        self.assertEqual(fit["rows"] % 14, 0)
        self.assertEqual(self.train("three", *by_tool, ranks=3)["parameter_hash"], one["parameter_hash"])
        self.train("short", *by_tool, "--set", "training.stages.0.steps=5")
        (self.folder / "wave.h5").unlink()
        self.assertEqual(self.train("short", *by_tool, ranks=2)["parameter_hash"], one["parameter_hash"])
        for ranks in (1, 3):
            output = self.run_program("evaluate", "one", ranks=ranks).output
            self.assertIn(f"({fit['rows']} rows held out of 'measured')", output)
            evaluation = json.loads((self.folder / "one/evaluation.json").read_text())
            for name in ("r2", "mae", "rmse"):
                self.assertAlmostEqual(evaluation["held_out"]["measured"]["u"][name], fit[name], delta=1e-12)
            x = numpy.linspace(0, 1, 10000)   # the points of the exact solution
            error = evaluation["error"]["u"]
            self.assertAlmostEqual(error["rmse"], error["rel_l2"] * math.sqrt((numpy.sin(math.pi * x) ** 2).mean()), delta=1e-9)
            self.assertAlmostEqual(1 - error["r2"], error["rmse"] ** 2 / numpy.sin(math.pi * x).var(), delta=1e-9)
        self.refused(["there is no table"], *by_tool)
        self.store("wave.h5", table)
        self.refused(["has no column 'tol'", "did you mean 'tool'?"], "--set", "problem.conditions.0.holdout_by=tol")
        self.refused(["holdout is 0"], *by_tool, "--set", "problem.conditions.0.holdout=0")
        table["tool"][:] = 3
        self.store("wave.h5", table)
        self.refused(["'tool' has one value in all rows"], *by_tool)

    def test_a_table_that_can_be_generated_says_how(self):
        self.refused(["there is no table", "make it by `jetpinn sample machining --file"],
                     "--set", "problem.conditions.0.points=machining.h5")

    # Without a reference, `evaluate` has the rows held out; with neither it has nothing to say.
    def test_evaluate_needs_a_reference_or_rows_held_out(self):
        self.write("wave.toml", CONFIG.replace('[reference]\nexact = { u = "sin(pi*x)" }\n', ""))
        self.train("fit")
        self.assertIn("u: R2 ", self.run_program("evaluate", "fit").output)
        evaluation = json.loads((self.folder / "fit/evaluation.json").read_text())
        self.assertNotIn("error", evaluation)
        self.assertGreater(evaluation["held_out"]["measured"]["u"]["r2"], 0.9)
        self.train("all", "--set", "problem.conditions.0.holdout=0")
        self.assertIn("no [reference] to compare with, and no rows of a table are held out",
                      self.run_program("evaluate", "all", status=2).output)

    # At level `ranks` the same bits; formats hold the same numbers, and autograd takes the same steps.
    def test_ranks_formats_and_engines_agree(self):
        one = self.train("one")
        self.store("wave.csv", columns())
        runs = [self.train(f"on-{ranks}", ranks=ranks) for ranks in (2, 3, 4)]
        runs.append(self.train("csv", "--set", "problem.conditions.0.points=wave.csv", ranks=2))
        for other in runs:
            self.assertEqual(other["parameter_hash"], one["parameter_hash"])
            self.assertAlmostEqual(other["validation"]["measured"], one["validation"]["measured"], delta=1e-12)
            self.assertEqual(other["points"], one["points"])
        reference = self.train("autograd", "--set", "training.engine=reference", "--set", "training.stages.0.steps=3")
        jets = self.train("jets", "--set", "training.stages.0.steps=3")
        self.assertAlmostEqual(reference["loss"], jets["loss"], delta=1e-9 * jets["loss"])
        self.assertAlmostEqual(reference["validation"]["measured"], jets["validation"]["measured"], delta=1e-9)

    def test_the_plan_and_the_log_count_rows(self):
        table = columns()
        table["x"][:3] = [1.5, -0.2, 1 + 1e-14]
        self.store("wave.h5", table)
        plan = self.run_program("check", "wave.toml", ranks=2).output
        log = self.run_program("train", "wave.toml", "--output", "log").output
        with h5py.File(self.folder / "log/points/measured.h5") as kept:
            self.assertEqual(sorted(kept), ["su", "u", "x"])
            self.assertEqual(kept["x"][2], 1)
        for text in (plan, log):
            line = next(line for line in text.splitlines() if "measured: " in line)
            self.assertRegex(line, r"measured: \d+ rows of .*/wave.h5, \d+ held out, 2 outside the domain left out")
            trained, held = (int(word) for word in line.replace(",", "").split() if word.isdigit() and int(word) > 2)
            self.assertEqual(trained + held, ROWS - 2)
            self.assertTrue(100 < held < 180, line)
        self.assertIn("valid.", log)
        self.assertIn("on rows held out", log)

    # A row that is held out changes nothing that is trained, whatever it says; one that is trained on does.
    def test_rows_held_out_are_not_trained_on(self):
        before = self.train("before")
        table, changed = columns(), {"held out": 0, "trained on": 0}
        for row in range(8):
            table["u"] = columns()["u"]
            table["u"][row] += 1
            self.store("wave.h5", table)
            after = self.train(f"row-{row}")
            trained_on = after["parameter_hash"] != before["parameter_hash"]
            changed["trained on" if trained_on else "held out"] += 1
            self.assertTrue(trained_on or after["validation"]["measured"] > before["validation"]["measured"] + 1e-3)
        self.assertTrue(all(changed.values()), changed)

    def test_a_run_goes_on_with_the_rows_it_began_with(self):
        more = ("--set", "training.stages.0.steps=20")
        whole = self.train("whole", *more)
        for name in ("gone", "changed", "broken"):
            self.train(name, ranks=2)
        os.remove(self.folder / "wave.h5")
        said = self.run_program("train", "wave.toml", "--output", "gone", *more, ranks=3).output
        self.assertIn("wave.h5 is gone: the run goes on with the rows that it began with, in gone/points/measured.h5", said)
        self.store("wave.h5", {**columns(), "u": numpy.zeros(ROWS)})
        said = self.run_program("train", "wave.toml", "--output", "changed", *more).output
        self.assertIn("wave.h5 has changed since this run began", said)
        self.write("wave.h5", "no table")
        said = self.run_program("train", "wave.toml", "--output", "broken", *more).output
        self.assertIn("wave.h5 cannot be read any more", said)
        os.remove(self.folder / "wave.h5")
        for name in ("gone", "changed", "broken"):
            self.assertEqual(self.summary(name)["parameter_hash"], whole["parameter_hash"], name)
            self.assertTrue(any("wave.h5" in warning for warning in self.summary(name)["warnings"]))
        self.run_program("predict", "gone", "--grid", "x=0:1:11")
        self.run_program("evaluate", "gone")
        self.run_program("report", "gone")
        self.run_program("train", "wave.toml", "--output", "anew", status=2)

    def test_what_cannot_be_used_is_refused(self):
        self.refused(["there is no table", "did you mean", "wave.h5'?"], "--set", "problem.conditions.0.points=wav.h5")
        self.refused(["has no column 'su2'; did you mean 'su'? it has su, u, x"], "--set", "problem.conditions.0.sigma=data.su2")
        self.refused(["keep one of them"], "--set", "problem.conditions.0.on=x == 0")
        self.refused(["sampling.points has no number for it"], "--set", "sampling.points.measured=10")
        for column, row, value, words in (("su", 4, 0, "is 0 in row 4"), ("su", 4, -2, "is -2 in row 4"),
                                          ("u", 5, math.nan, "row 5 is not a finite number"),
                                          ("x", 6, math.inf, "row 6 is not a finite number")):
            table = columns()
            table[column][row] = value
            self.store("wave.h5", table)
            self.refused([words, "wave.h5"])
        table = columns()
        table["x"] = 3 * table["x"]
        self.store("wave.h5", table)
        self.refused(["lie outside the domain, more than 10 %"])
        self.store("wave.h5", {**columns(), "u": numpy.zeros(ROWS - 1)})
        self.refused(["it has 699 rows, 'x' has 700"])
        self.store("wave.h5", {name: values[:0] for name, values in columns().items()})
        self.refused(["holds no rows"])
        self.write("wave.csv", "x,u,su\n0.5,1\n")
        self.refused(["wave.csv, line 2: it has 2 values, the first line names 3 columns"], "--set", "problem.conditions.0.points=wave.csv")

    # An equation may have the points of a table, and its columns; others are drawn anew meanwhile.
    def test_equations_at_rows_of_a_table(self):
        text = CONFIG.replace('weight = 1e-3\n', 'weight = "1e-3*data.su"\npoints = "wave.h5"\n').replace("[sampling]\npoints = { wave = 300 }\n", "")
        self.write("wave.toml", text)
        one, two = self.train("one"), self.train("two", ranks=2)
        self.assertEqual(one["parameter_hash"], two["parameter_hash"])
        self.assertIn("wave: 700 rows of", self.run_program("check", "wave.toml").output)

    def test_what_is_not_finite_at_a_row_is_named(self):
        self.write("wave.toml", CONFIG.replace('"u - data.u"', '"u - data.u + log(data.su - 0.5 + 0*u)"'))
        output = self.run_program("train", "wave.toml", "--output", "bad", status=3).output
        self.assertIn("log", output)
        self.assertIn("term measured", output)


if __name__ == "__main__":
    program.main()
