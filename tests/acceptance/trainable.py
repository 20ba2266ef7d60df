"""Numbers that are trained with the network: found again, told everywhere, the same on any ranks and after any stop."""
import json
import math
import pathlib
import subprocess
import sys

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

# Heat whose conductivity is known by a thermometer at x = 0.3 alone.
INVERSE = program.HEAT.replace("kappa = 0.1", "true_kappa = 0.1").replace("exp(-kappa", "exp(-true_kappa").replace(
    "domain =", "trainable = { kappa = { start = 0.03, min = 1e-3, max = 1, learning_rate = 1e-2 } }\ndomain =").replace(
    "[reference]", """[[problem.conditions]]
name = "thermometer"
on = "x == 0.3"
residual = "u - exp(-true_kappa*pi^2*t)*sin(pi*x)"
[reference]""")
LBFGS = ("--set", "training.stages.1={ optimizer = 'lbfgs', steps = %d, history = 20 }")
EXACT = ("--set", "training.reproducibility=ranks", "--set", "output.log_every=0 s")


def stages(adam, lbfgs):
    options = ["--quiet", "--set", f"training.stages.0.steps={adam}"]
    return options + ([LBFGS[0], LBFGS[1] % lbfgs] if lbfgs else [])


class Trainable(program.Case):
    def setUp(self):
        super().setUp()
        self.write("inverse.toml", INVERSE)

    def train(self, name, *options, ranks=1, config="inverse.toml", **more):
        return self.run_program("train", config, "--output", name, *options, ranks=ranks, **more)

    def lines(self, name):
        return [json.loads(line) for line in (self.folder / name / "metrics.jsonl").read_text().splitlines()]

    def test_is_found_again(self):
        output = self.train("found", *stages(300, 400), "--set", "output.keep_best=false", ranks=2).output
        summary = self.summary("found")
        kappa = summary["trainable"]["kappa"]
        self.assertAlmostEqual(kappa["value"], 0.1, delta=5e-4)
        self.assertIn(f"kappa {kappa['value']:.6g}", output)
        self.assertGreater(kappa["standard_error"], 0)
        self.assertLess(kappa["standard_error"], 1e-3)
        history = [line["trainable"]["kappa"] for line in self.lines("found")]
        self.assertLess(history[0], 0.04)
        self.assertEqual(history[-1], kappa["value"])
        self.assertTrue(all(1e-3 < value < 1 for value in history))
        with h5py.File(self.folder / "found/network.h5") as file:
            self.assertEqual(file["trainable"].attrs["kappa"], kappa["value"])
            self.assertAlmostEqual(1e-3 + 0.999 / (1 + math.exp(-file["parameters"][-1])), kappa["value"], delta=1e-15)
        load = [sys.executable, str(program.root / "docs/load.py"), str(self.folder / "found/network.h5"), "t=0.5", "x=0.3"]
        loaded = dict(line.split() for line in subprocess.run(load, check=True, capture_output=True, text=True).stdout.splitlines())
        self.assertEqual(float(loaded["kappa"]), kappa["value"])
        self.assertAlmostEqual(float(loaded["u"]), math.exp(-0.05 * math.pi**2) * math.sin(0.3 * math.pi), delta=1e-2)

        self.run_program("evaluate", "found", ranks=2)
        self.run_program("predict", "found", "--grid", "t=0:1:5,x=0.3", "--quantities", "u, flux = -kappa*u_x, u_x, kappa + 0*u")
        with h5py.File(self.folder / "found/solution.h5") as file:
            for flux, u_x, value in zip(file["flux"], file["u_x"], file["kappa + 0*u"]):
                self.assertAlmostEqual(value, kappa["value"], delta=1e-15)
                self.assertAlmostEqual(flux, -kappa["value"] * u_x, delta=1e-14)
        self.run_program("report", "found")
        self.assertIn("kappa", (self.folder / "found/report.html").read_text())

    def test_the_standard_error_is_that_of_noise(self):
        # Noise of a deviation of 0.02 at 300 points: over ten seeds the values had a deviation of 5.8e-4.
        noisy = INVERSE.replace("*sin(pi*x)\"\n[reference]", "*sin(pi*x) - 0.02*sqrt(2)*sin(123456*t)\"\n[reference]").replace(
            "walls = 300", "walls = 300, thermometer = 300")
        self.assertNotEqual(noisy, INVERSE)
        self.write("noisy.toml", noisy)
        for seed in (1, 2, 3):
            self.train(f"noisy-{seed}", *stages(300, 400), "--seed", seed, config="noisy.toml")
            summary = self.summary(f"noisy-{seed}")
            kappa = summary["trainable"]["kappa"]
            self.assertAlmostEqual(summary["terms"]["thermometer"] / 4e-4, 1, delta=0.25)
            self.assertAlmostEqual(kappa["standard_error"] / 5.5e-4, 1, delta=0.3)
            self.assertLess(abs(kappa["value"] - 0.1), 4 * kappa["standard_error"])

    def test_what_is_not_determined_has_no_standard_error(self):
        output = self.train("two", "--set", "training.stages.0.steps=5", "--set", "problem.trainable.c=1",
                            "--set", "problem.equations.0.residual=u_t - c*kappa*u_xx").output
        self.assertIn("standard errors", output)
        for number in self.summary("two")["trainable"].values():
            self.assertIsNone(number["standard_error"])

    def test_the_audit_takes_the_start(self):
        grid = ("check", "inverse.toml", "--set", "sampling.method=grid", "--set")
        for change, words in (("problem.conditions.1.residual=u - kappa/t", "is infinite at"),
                              ("problem.equations.0.residual=d(where(u > kappa, u_t, 2*u_t), t) + u_xx", "warning: ")):
            status = 2 if "infinite" in words else 0
            self.assertIn(words, self.run_program(*grid, change, status=status).output)

    def test_a_number_alone_is_a_summand(self):
        output = self.run_program("check", "inverse.toml", "--set", "problem.conditions.1.residual=u - kappa").output
        self.assertNotIn("expression of coordinates", output)
        self.run_program("check", "inverse.toml", "--set", "problem.equations.0.residual=u_t - 0.1*u_xx - kappa*x")

    def test_the_reference_engine_agrees(self):
        few = [*stages(20, 5), "--set", "sampling.points={ heat = 130, initial = 30, walls = 30, thermometer = 30 }"]
        self.train("jets", *few)
        self.train("reference", *few, "--set", "training.engine=reference")
        jets, reference = (self.summary(name)["trainable"]["kappa"] for name in ("jets", "reference"))
        self.assertAlmostEqual(jets["value"], reference["value"], delta=1e-9)
        self.assertNotAlmostEqual(jets["value"], 0.03, delta=1e-4)
        self.assertIsNone(reference["standard_error"])   # it offers no linearisation

    def test_level_ranks_is_bitwise(self):
        for ranks in (1, 2, 3, 4):
            self.train(f"ranks-{ranks}", *stages(20, 10), *EXACT, ranks=ranks)
        told = {(json.dumps(summary["trainable"]), summary["parameter_hash"])
                for summary in (self.summary(f"ranks-{ranks}") for ranks in (1, 2, 3, 4))}
        self.assertEqual(len(told), 1, told)

    def test_goes_on_on_other_ranks(self):
        for ranks, steps in ((1, (10, 0)), (2, (20, 0)), (3, (20, 8)), (1, (20, 16))):
            self.train("moved", *stages(*steps), *EXACT, ranks=ranks)
        self.train("alone", *stages(20, 16), *EXACT)
        moved, alone = self.summary("moved"), self.summary("alone")
        self.assertEqual(moved["parameter_hash"], alone["parameter_hash"])
        self.assertEqual(moved["trainable"], alone["trainable"])
        self.assertEqual(self.lines("moved")[-1]["trainable"], self.lines("alone")[-1]["trainable"])
        other = self.train("moved", *stages(20, 20), *EXACT, "--set", "problem.trainable.kappa.max=2", status=2)
        self.assertIn("problem.trainable.kappa.max: 1 -> 2", other.output)

    def test_the_best_network_has_its_own_number(self):
        # The rate is far too high: the last step is not the best one.
        self.train("best", *stages(40, 0), "--set", "training.stages.0.learning_rate=0.2", "--set", "output.log_every=0 s")
        summary = self.summary("best")
        self.assertLess(summary["kept_step"], 40)
        history = {line["step"]: line["trainable"]["kappa"] for line in self.lines("best")}
        self.assertEqual(summary["trainable"]["kappa"]["value"], history[summary["kept_step"]])

    def test_its_own_rate(self):
        steps = {}
        for rate in ("1e-3", "1e-2"):
            self.train(rate, *stages(1, 0), "--set", f"problem.trainable.kappa.learning_rate={rate}", "--set", "output.keep_best=false")
            steps[rate] = self.summary(rate)["trainable"]["kappa"]["value"] - 0.03
        self.assertAlmostEqual(steps["1e-2"] / steps["1e-3"], 10, delta=0.1)   # the first step of Adam is the rate
        # At first d kappa / d theta is (kappa - min)(max - kappa)/(max - min).
        self.assertAlmostEqual(abs(steps["1e-3"]) / (0.029 * 0.97 / 0.999 * 1e-3), 1, delta=0.01)

    def test_start_from(self):
        self.train("first", *stages(30, 10))
        left = self.summary("first")["trainable"]["kappa"]["value"]
        none = ("--quiet", "--set", "training.stages.0.steps=0", "--set", "training.start_from=first")
        self.train("again", *none, "--set", "problem.trainable.kappa={ start = 0.5, min = 0, max = 2 }")
        self.assertAlmostEqual(self.summary("again")["trainable"]["kappa"]["value"], left, delta=1e-15)
        self.train("more", *none, "--set", "problem.trainable.c=7.5")
        more = self.summary("more")["trainable"]
        self.assertEqual((more["kappa"]["value"], more["c"]["value"]), (left, 7.5))
        refused = self.train("narrow", *none, "--set", "problem.trainable.kappa={ start = 0.5, min = 0.4 }", status=2)
        self.assertIn("it left problem.trainable.kappa = ", refused.output)
        self.write("forward.toml", program.HEAT)
        self.train("forward", *none, config="forward.toml")
        self.assertEqual(self.summary("forward")["trainable"], {})

    def test_check_tells_how_many(self):
        self.assertRegex(self.run_program("check", "inverse.toml").output, "network .* parameters and 1 trained number\n")
        two = self.run_program("check", "inverse.toml", "--set", "problem.trainable.c=1").output
        self.assertRegex(two, "network .* parameters and 2 trained numbers\n")

    def test_what_cannot_be(self):
        for change, words in (
                ("problem.trainable.kappa.start=2", "'kappa' starts outside of its bounds, or on one"),
                ("problem.trainable.kappa.min=3", "max must be above min"),
                ("problem.trainable.u=1", "'u' is declared twice, as a field and as a trained number"),
                ("problem.conditions.0.weight=1 + kappa", "'kappa' is trained; it can stand in residuals"),
                ("problem.conditions.0.on=t == kappa", "'kappa' is trained; it can stand in residuals"),
                ("problem.domain.x=[0, 'kappa']", "'kappa' is trained; it can stand in residuals")):
            for command in ("check", "train"):
                refused = self.run_program(command, "inverse.toml", "--set", change, status=2)
                self.assertIn(words, refused.output)


if __name__ == "__main__":
    program.main()
