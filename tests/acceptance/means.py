"""Integral constraints (`reduction = "square_of_mean"`): trained, shared by ranks, resumed, refused."""
import math
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import pairs  # noqa: E402
import program  # noqa: E402

# Neumann's problem determines its solution but for a constant, which the mean fixes.
NEUMANN = """
name = "neumann"
[problem]
coordinates = ["x"]
fields = ["u"]
domain = { x = [0, 1] }
[[problem.equations]]
name = "poisson"
residual = "u_xx + pi^2*cos(pi*x)"
[[problem.equations]]
name = "mean"
residual = "u - 1"
reduction = "square_of_mean"
weight = 10
[[problem.conditions]]
name = "walls"
on = "boundary"
residual = "u_x"
[reference]
exact = { u = "1 + cos(pi*x)" }
[network]
hidden = [12, 12]
[sampling]
points = { poisson = 300, mean = 600, walls = 2 }
[[training.stages]]
optimizer = "adam"
steps = 20
learning_rate = 5e-3
"""


class Means(pairs.Trained, program.Case):
    text = NEUMANN

    def test_check_counts_the_columns(self):
        output = self.run_program("check", "case.toml").output
        self.assertIn("means      mean: the square of its mean, 194 more numbers in the sum of a step", output)
        self.assertNotIn("warning", output)

    def test_the_mean_is_met(self):
        self.train("mean", "--set", "training.stages.0.steps=200", *pairs.LBFGS, ranks=2)
        summary = self.summary("mean")
        self.assertLess(summary["terms"]["mean"], 1e-8)
        self.assertLess(summary["loss_independent"], 1e-3)

    def test_optimizers(self):
        for optimizer in ("ssbroyden", "bfgs", "adamw"):
            self.train(optimizer, "--set", f"training.stages.0={{ optimizer = '{optimizer}', steps = 60 }}", ranks=2)
            first, last = self.first_line(optimizer)["loss"], self.summary(optimizer)["loss"]
            self.assertLess(last, first)

    def test_ngd_in_both_spaces(self):
        # 193 parameters, fewer than the places of residuals; 1021, more than them.
        for hidden, space, others in (("[12, 12]", "193 x 193, an unknown for each parameter", 2),
                                      ("[30, 30]", "448 x 448, an unknown for each residual", 3)):
            ngd = ("--set", f"network.hidden={hidden}", "--set", "training.stages.0={ optimizer = 'ngd', steps = 20 }",
                   "--set", "training.reproducibility=ranks")
            self.assertRegex(self.run_program("check", "case.toml", *ngd).output, f"ngd.*{space}")
            hashes = set()
            for ranks in (1, others):
                folder = f"ngd-{space[:3]}-{ranks}"
                self.train(folder, *ngd, ranks=ranks)
                summary = self.summary(folder)
                hashes.add(summary["parameter_hash"])
                self.assertLess(summary["loss"], 1e-5 * self.first_line(folder)["loss"])
                self.assertLess(summary["terms"]["mean"], 1e-5)
                self.assertLess(summary["error"]["u"]["rel_l2"], 5e-3)
            self.assertEqual(len(hashes), 1, hashes)

    def test_standard_errors(self):
        # Measurements c - n_i and a mean that pulls c to 1, with a field v that is 1 whatever its network says:
        # loss = 1/N sum (c - n_i)^2 + w (c - 1)^2, whose answer to changes of residuals is
        # dc = (1/N sum dn_i + w d(c - 1)) / (1 + w).
        weight, points = 0.5, 400
        self.write("case.toml", NEUMANN.replace("[[problem.conditions]]", f"""[[problem.equations]]
name = "noise"
residual = "c*v - 0.02*sin(12345*x)"
[[problem.equations]]
name = "pull"
residual = "c - v"
reduction = "square_of_mean"
weight = {weight}
[[problem.conditions]]""", 1).replace('fields = ["u"]', 'fields = ["u", "v"]\ntrainable = { c = 0.2 }').replace(
            "[network]", '[network]\noutput = { v = "1 + 1e-300*v" }').replace("points = {", f"points = {{ noise = {points}, pull = 300, "))
        told = set()
        for ranks in (1, 2):
            self.train(f"c{ranks}", "--set", "training.stages.0={ optimizer = 'ngd', steps = 20 }", "--set", "training.reproducibility=ranks",
                       ranks=ranks)
            summary = self.summary(f"c{ranks}")
            c = summary["trainable"]["c"]
            self.assertAlmostEqual(c["value"], weight / (1 + weight), delta=1e-3)
            variance = summary["terms"]["noise"] / points + weight**2 * summary["terms"]["pull"]
            self.assertAlmostEqual(c["standard_error"] / (math.sqrt(variance) / (1 + weight)), 1, delta=1e-6)
            told.add((c["value"], c["standard_error"]))
        self.assertEqual(len(told), 1, told)

    def test_a_mean_determines_a_number(self):
        # The network alone cannot tell c: it is the mean of the solution, and stands in no other residual.
        self.write("case.toml", NEUMANN.replace('residual = "u - 1"', 'residual = "c - u"').replace(
            "fields =", "trainable = { c = 0.2 }\nfields =").replace('name = "walls"', """name = "known"
on = "x == 0"
residual = "u - 2"
[[problem.conditions]]
name = "walls\""""))
        self.train("c", "--set", "training.stages.0={ optimizer = 'ngd', steps = 20 }", "--set", "sampling.points.known=1")
        c = self.summary("c")["trainable"]["c"]
        self.assertAlmostEqual(c["value"], 1, delta=1e-3)
        self.assertLess(abs(c["value"] - 1), 3 * c["standard_error"])

    # u is 1 + cos(pi*x) whatever its network says, and c its mean over the points that are trained on, which nothing misses.
    # So the error of c is that of these points as a sample: how far c is from the mean m' over independent ones, where alone
    # something is left of the loss, w (c - m')^2.
    def write_known_field(self):
        text = NEUMANN.replace('residual = "u - 1"', 'residual = "c - u"').replace("fields =", "trainable = { c = 0.2 }\nfields =")
        self.write("case.toml", text.replace("[network]", '[network]\noutput = { u = "1 + cos(pi*x) + 1e-300*u" }'))

    NGD = ("--set", "training.stages.0={ optimizer = 'ngd', steps = 20 }", "--set", "training.reproducibility=ranks")

    def test_the_error_of_a_mean_is_that_of_its_sample(self):
        self.write_known_field()
        for points in (600, 6000):
            told = set()
            for ranks in (1, 2, 3):
                folder = f"c-{points}-{ranks}"
                self.train(folder, *self.NGD, "--set", f"sampling.points.mean={points}", "--set", "sampling.method=uniform", ranks=ranks)
                summary = self.summary(folder)
                c = summary["trainable"]["c"]
                self.assertLess(summary["loss"], 1e-3 * summary["loss_independent"])
                self.assertAlmostEqual(c["standard_error"] / math.sqrt(summary["loss_independent"] / 10), 1, delta=1e-6)
                self.assertLess(abs(c["value"] - 1), 3 * c["standard_error"])
                told.add((c["value"], c["standard_error"]))
            self.assertEqual(len(told), 1, told)

    def test_a_mean_without_another_sample_has_no_error(self):
        # Every row is trained on: the mean over them is met, and nothing says what it is worth.
        self.write_known_field()
        rows = 100
        with h5py.File(self.folder / "rows.h5", "w") as file:
            file["x"], file["v"] = (numpy.arange(rows) + 0.5) / rows, numpy.random.default_rng(3).normal(2, 0.1, rows)
        table = 'problem.conditions.1={ name = "rows", points = "rows.h5", residual = "c - data.v + 1e-300*u", reduction = "square_of_mean"%s }'
        for more, known in (("", False), (", holdout = 0.3", True)):
            folder = f"rows-{known}"
            output = self.run_program("train", "case.toml", "--output", folder, *self.NGD, "--set", table % more).output
            self.assertEqual(self.summary(folder)["trainable"]["c"]["standard_error"] is not None, known)
            self.assertEqual("'rows' squares the mean over points all of which are trained on" in output, not known, output)

    def test_batches_of_other_terms(self):
        self.train("batches", "--set", "sampling.batch={ poisson = 256 }", "--set", "sampling.points.poisson=600", ranks=2)
        output = self.run_program("check", "case.toml", "--set", "sampling.batch={ mean = 256 }", status=2).output
        self.assertIn("takes no batch", output)
        output = self.run_program("check", "case.toml", "--set", "training.stages.0.batch={ mean = 256 }", status=2).output
        self.assertIn("takes no batch", output)

    def test_of_a_pair(self):
        # The mean of a jump over a face.
        text = pairs.CIRCLE.replace('pair = "x == 1"', 'pair = "x == 1"\nreduction = "square_of_mean"')
        self.write("case.toml", text)
        self.test_ranks()
        self.test_engines_agree()

    def test_weights_that_follow_the_training(self):
        # They are of the other terms: a squared mean has no residuals at points.
        for method in ("rba", "gradnorm"):
            balance = ("--set", f"training.balance={{ method = '{method}', every = 5 }}", "--set", "training.reproducibility=ranks")
            output = self.run_program("check", "case.toml", *balance).output
            self.assertRegex(output, r"balance +\w+.*; terms poisson walls\n")
            hashes = set()
            for ranks in (1, 2, 3):
                self.train(f"{method}{ranks}", *balance, ranks=ranks)
                hashes.add(self.summary(f"{method}{ranks}")["parameter_hash"])
            self.assertEqual(len(hashes), 1, hashes)
        output = self.run_program("check", "case.toml", "--set", "training.balance={ method = 'rba', terms = ['mean'] }", status=2).output
        self.assertIn("keeps its weight", output)
        output = self.run_program("check", "case.toml", "--set", "problem.equations.1.causal=x", status=2).output
        self.assertIn("this equation squares their mean", output)

    def test_bad_reductions(self):
        line = 'reduction = "square_of_mean"'
        self.refused(line, 'reduction = "square_of_means"', "did you mean 'square_of_mean'")
        self.refused(line, "reduction = 2", "reduction")
        self.refused("weight = 10", 'weight = "1 + x"', "weight of a mean is a number")


if __name__ == "__main__":
    program.main()
