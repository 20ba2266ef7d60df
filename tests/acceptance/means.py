"""Integral constraints (`reduction = "square_of_mean"`): trained, shared by ranks, resumed, refused."""
import pathlib
import sys

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
        output = self.run_program("check", "case.toml", "--set", "training.stages.0={ optimizer = 'ngd' }", status=2).output
        self.assertIn("which ngd does not know yet", output)

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
