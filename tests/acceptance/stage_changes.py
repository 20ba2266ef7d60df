"""Stages with other weights and points: each trains what a run with these trains, and a run goes on exactly."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

EXACT = "training.reproducibility=ranks"
SECOND = "training.stages.1={{ optimizer = '{}', steps = {}{} }}"


class Stages(program.Case):
    def train(self, folder, *sets, ranks=1, status=0):
        options = [word for one in sets for word in ("--set", one)]
        return self.run_program("train", "heat.toml", "--output", folder, *options, ranks=ranks, status=status).output

    def check(self, *sets, ranks=1, status=0, more=()):
        options = [word for one in sets for word in ("--set", one)]
        return self.run_program("check", "heat.toml", *options, *more, ranks=ranks, status=status).output

    def hash_of(self, folder):
        return self.summary(folder)["parameter_hash"]


class StageWeights(Stages):
    WEIGHTS = ["training.stages.0.weights.initial=1 + 5*x", "training.stages.0.weights.walls=20"]

    def test_a_stage_trains_what_a_run_with_its_weights_trains(self):
        self.train("runs/base")
        output = self.train("runs/stage", *self.WEIGHTS)
        self.assertIn("in this stage weights initial 1 + 5*x, walls 20", output)
        self.train("runs/run", "problem.conditions.0.weight=1 + 5*x", "problem.conditions.1.weight=20")
        stage, run = self.summary("runs/stage"), self.summary("runs/run")
        for key in ("parameter_hash", "loss", "loss_independent", "terms"):
            self.assertEqual(stage[key], run[key], key)
        self.assertNotEqual(self.hash_of("runs/stage"), self.hash_of("runs/base"))

    def test_a_curriculum_ends_with_the_weights_of_the_problem(self):
        """The first stage has a loss that is lower by far: its network is not kept, and nothing is called a setback."""
        output = self.train("runs/heat", "training.stages.0.weights={ heat = 1e-6, initial = 1e-6, walls = 1e-6 }",
                            SECOND.format("adam", 20, ""), "output.log_every_steps=1")
        self.assertIn("in this stage all terms have the weights of the problem", output)
        self.assertNotIn("ended at loss", output)
        summary = self.summary("runs/heat")
        self.assertGreaterEqual(summary["kept_step"], 20)
        self.assertAlmostEqual(summary["loss"], sum(summary["terms"].values()), delta=1e-9 * summary["loss"])

    def test_the_end_tells_of_the_last_stage(self):
        weights = {"heat": 2, "initial": 50, "walls": 3}
        self.train("runs/heat", SECOND.format("lbfgs", 5, ", weights = { heat = 2, initial = 50, walls = 3 }"))
        summary = self.summary("runs/heat")
        self.assertAlmostEqual(summary["loss"], sum(weights[term] * loss for term, loss in summary["terms"].items()),
                               delta=1e-9 * summary["loss"])

    def test_going_on_keeps_the_bits(self):
        """Stopped between the stages and within the second, each part on another number of ranks."""
        mean = "problem.conditions.1.reduction=square_of_mean"
        for optimizer in ("adam", "lbfgs"):
            with self.subTest(optimizer):
                whole, parts = f"runs/whole-{optimizer}", f"runs/parts-{optimizer}"
                level = [EXACT, mean, *self.WEIGHTS, "sampling.resample_every=6"]
                second = ", weights = { walls = 7, heat = '1 + t' }"
                self.train(parts, *level, ranks=3)
                for ranks, steps in ((2, 3), (4, 8)):
                    self.train(parts, *level, SECOND.format(optimizer, steps, second), ranks=ranks)
                self.train(whole, *level, SECOND.format(optimizer, 8, second))
                self.assertEqual(self.hash_of(parts), self.hash_of(whole))
                self.assertEqual(self.summary(parts)["loss"], self.summary(whole)["loss"])

    def test_other_weights_are_another_run(self):
        self.train("runs/heat", *self.WEIGHTS)
        output = self.train("runs/heat", self.WEIGHTS[0], "training.stages.0.weights.walls=21", status=2)
        self.assertIn("training.stages.0.weights.walls: 20 -> 21", output)

    def test_balancing_multiplies_them(self):
        """A weight that is ten times as large, and a tenth from the balance: the sum of both is what it was."""
        balance = ["training.balance.method=gradnorm", "training.balance.momentum=0", "training.balance.every=5"]
        self.train("runs/one", *balance)
        self.train("runs/ten", *balance, "training.stages.0.weights={ heat = 10, initial = 10, walls = 10 }")
        one, ten = (self.summary(f"runs/{name}")["loss"] for name in ("one", "ten"))
        self.assertAlmostEqual(ten, 10 * one, delta=1e-2 * ten)

    def test_bad_input(self):
        for change, says in (("training.stages.0.weights.wals=1", "'wals' is not a term; did you mean 'walls'?"),
                             ("training.stages.0.weights.walls=-1", "a weight cannot be negative"),
                             ("training.stages.0.weights.walls=u", "'u' is a field"),
                             ("training.stages.0.weights.walls=[1, 2]", "has 1 residual but 2 weights"),
                             ("training.stages.0.weights.walls=x - 0.5", "a weight is a finite number >= 0"),
                             ("training.stages.0.weigths.walls=1", "did you mean 'weights'?")):
            for ranks in (1, 2):
                self.assertIn(says, self.check(change, ranks=ranks, status=2))
        self.assertIn("the weight of a mean is a number",
                      self.check("problem.conditions.1.reduction=square_of_mean", "training.stages.0.weights.walls=1 + t", status=2))

    def test_check_knows_them(self):
        self.assertIn("learning rate constant 0.001, weights initial 1 + 5*x, walls 20", self.check(*self.WEIGHTS))
        self.assertIn("all weights of 'walls' are zero (training.stages.0.weights.walls)",
                      self.check("training.stages.0.weights.walls=0", status=2, more=("--strict",)))


class StageSampling(Stages):
    SAMPLING = 'training.stages.0.sampling={ points = { heat = 600, walls = 40 }, method = "lhs", resample_every = 7 }'

    def stored_points(self, *sets, ranks=1):
        return re.search(r"stored points ([^+]*?) \+", self.check(*sets, ranks=ranks)).group(1)

    def test_a_stage_trains_what_a_run_with_its_points_trains(self):
        output = self.train("runs/stage", self.SAMPLING)
        self.assertIn("in this stage points heat 600, walls 40, method lhs, resample_every 7", output)
        self.train("runs/run", "sampling.points.heat=600", "sampling.points.walls=40", "sampling.method=lhs", "sampling.resample_every=7")
        stage, run = self.summary("runs/stage"), self.summary("runs/run")
        for key in ("parameter_hash", "loss", "loss_independent", "terms", "points", "points_seen"):
            self.assertEqual(stage[key], run[key], key)

    def test_points_are_counted_stage_by_stage(self):
        """Of each stage its own; what the end evaluates is the last stage's."""
        output = self.train("runs/heat", SECOND.format("adam", 10, ", sampling = { points = { heat = 300 } }"), ranks=2)
        self.assertIn("in this stage points heat 300", output)
        summary = self.summary("runs/heat")
        self.assertEqual(summary["points"], 300 + 600)
        left = summary["points_seen"] - 20 * (1300 + 600) - 10 * 900
        self.assertEqual((left > 0, left % 900), (True, 0))

    def test_a_stage_returns_to_the_points_of_the_run(self):
        output = self.train("runs/heat", self.SAMPLING, SECOND.format("lbfgs", 5, ""))
        self.assertIn("in this stage points are those of the config's sampling", output)
        self.assertEqual(self.summary("runs/heat")["points"], 1900)

    def test_going_on_keeps_the_bits(self):
        """Stopped between the stages and within the second, each part on another number of ranks."""
        for optimizer, more in (("adam", ["sampling.batch.heat=300"]), ("lbfgs", ["sampling.resample_every=6"])):
            with self.subTest(optimizer):
                whole, parts = f"runs/whole-{optimizer}", f"runs/parts-{optimizer}"
                level = [EXACT, self.SAMPLING, *more]
                second = ", sampling = { points = { heat = 2100, initial = 20 }, method = 'sobol' }"
                self.train(parts, *level, ranks=3)
                for ranks, steps in ((2, 3), (4, 8)):
                    self.train(parts, *level, SECOND.format(optimizer, steps, second), ranks=ranks)
                self.train(whole, *level, SECOND.format(optimizer, 8, second))
                for key in ("parameter_hash", "loss", "points", "points_seen"):
                    self.assertEqual(self.summary(parts)[key], self.summary(whole)[key], key)

    def test_check_plans_for_the_stage_of_most_points(self):
        large, small = "training.stages.0.sampling.points.heat=90000", "training.stages.0.sampling.points.heat=900"
        for ranks in (1, 2):
            self.assertEqual(self.stored_points(large, ranks=ranks), self.stored_points("sampling.points.heat=90000", ranks=ranks))
        self.assertEqual(self.stored_points(small), self.stored_points("sampling.points.heat=900"))
        self.assertEqual(self.stored_points(large, SECOND.format("adam", 1, "")), self.stored_points(large))
        self.assertIn("learning rate constant 0.001, points heat 90000, 90 600 points in all", self.check(large))
        self.check("run.memory_limit=3 MiB")
        self.assertIn("is beyond run.memory_limit", self.check(large, "run.memory_limit=3 MiB", status=2))

    def test_check_looks_at_the_faces_of_a_stage(self):
        output = self.check("training.stages.0.sampling.points.walls=1", status=2, more=("--strict",))
        self.assertIn("let training.stages.0.sampling.points.walls be at least 2", output)

    def test_bad_input(self):
        stage = "training.stages.0.sampling."
        for changes, says in (([stage + "points.haet=10"], "'haet' is not a term; did you mean 'heat'?"),
                              ([stage + "points.heat=0"], "out of range"),
                              ([stage + "method=sobl"], "did you mean 'sobol'?"),
                              (["sampling.method=grid", stage + "resample_every=5"], "a grid is the same grid"),
                              (["sampling.resample_every=5", stage + "method=grid"], "resample_every = 0"),
                              (["training.balance.method=rba", stage + "points.heat=10"], "keeps a weight for each point"),
                              (["training.windows.count=2", stage + "points.initial=10"], "windows take over this condition")):
            for ranks in (1, 2):
                self.assertIn(says, self.check(*changes, ranks=ranks, status=2))

    def test_windows_have_the_stages_of_the_run(self):
        self.train("runs/heat", "training.windows.count=2", "training.stages.0.weights={ initial = 5, walls = 2 }",
                   "training.stages.0.sampling={ points = { heat = 200 }, method = 'lhs' }")
        self.assertEqual(self.summary("runs/heat")["status"], "completed")


if __name__ == "__main__":
    program.main()
