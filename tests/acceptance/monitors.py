"""What [[monitors]] say: integrals with their measure, at their steps, with the same bits on any ranks, and nothing of the run changed."""
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402
from configs import HEAT  # noqa: E402

MONITORS = """
[[monitors]]
name = "flux"
on = "x == 0"
integral = "kappa*u_x"
every = 4
[[monitors]]
name = "hottest"
max = "u"
points = 500
[[monitors]]
mean = "1"
method = "gauss_legendre"
[output]
evaluate_every = 10
"""


class Monitors(program.Case):
    def metrics(self, run_folder):
        return [json.loads(line) for line in (self.folder / run_folder / "metrics.jsonl").read_text().splitlines()]

    def test_drag_as_flux(self):
        self.write("watched.toml", HEAT.replace('steps = 20\n', 'steps = 300\n').replace("start = 1e-3", "start = 5e-3") + MONITORS)
        screen = self.run_program("train", "watched.toml", "--output", "runs/watched").output
        summary = self.summary("runs/watched")
        self.assertEqual(list(summary["monitors"]), ["flux", "hottest", "monitor_2"])
        # int_0^1 kappa pi exp(-kappa pi^2 t) dt
        exact = (1 - math.exp(-0.1 * math.pi ** 2)) / math.pi
        self.assertAlmostEqual(summary["monitors"]["flux"], exact, delta=0.15 * exact)
        self.assertAlmostEqual(summary["monitors"]["hottest"], 1, delta=0.1)
        self.assertAlmostEqual(summary["monitors"]["monitor_2"], 1, delta=1e-12)
        self.assertRegex(screen, r"(?m)^monitors +flux 0\.\d+, hottest [01]\.\d+, monitor_2 1$")

    def test_steps_and_ranks(self):
        self.write("watched.toml", HEAT + MONITORS)
        exact = ["--quiet", "--set", "training.reproducibility=ranks", "--set", "sampling.method=gauss_legendre"]
        for ranks in (1, 2, 3):
            self.run_program("train", "watched.toml", *exact, "--output", f"runs/{ranks}", ranks=ranks)
        lines = self.metrics("runs/1")
        named = {line["step"]: list(line["monitors"]) for line in lines if "monitors" in line}
        self.assertEqual(named, {step: ["flux", "hottest", "monitor_2"] if step % 10 == 0 else ["flux"] for step in (4, 8, 10, 12, 16, 20)})
        for ranks in (2, 3):
            self.assertEqual([line.get("monitors") for line in self.metrics(f"runs/{ranks}")], [line.get("monitors") for line in lines])
            for key in ("monitors", "loss", "parameter_hash"):
                self.assertEqual(self.summary(f"runs/{ranks}")[key], self.summary("runs/1")[key])
        self.run_program("train", "heat.toml", *exact, "--output", "runs/alone")
        self.assertEqual(self.summary("runs/alone")["parameter_hash"], self.summary("runs/1")["parameter_hash"])

    def test_another_monitor_is_the_same_run(self):
        self.write("watched.toml", HEAT + MONITORS)
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/heat")
        self.run_program("train", "watched.toml", "--quiet", "--output", "runs/heat", "--set", "training.stages.0.steps=24")
        self.assertIn("flux", self.summary("runs/heat")["monitors"])

    def test_bad_input(self):
        for text, says in (('integral = "p + u"', "p"), ('on = "x == 7"\nmax = "u"', "outside"), ('on = "x == 0"', "has no expression")):
            self.write("bad.toml", HEAT + '[[monitors]]\nname = "bad"\n' + text)
            output = self.run_program("check", "bad.toml", status=2).output
            self.assertIn(says, output)
            self.assertIn("bad.toml:", output)


if __name__ == "__main__":
    program.main()
