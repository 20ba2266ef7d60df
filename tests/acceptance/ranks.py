"""The rank count is no part of the result: losses agree to rounding, and to the last bit where that is promised."""
import json
import os
import pathlib
import sys
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402


class Ranks(program.Case):
    def train(self, ranks, level, *options):
        name = f"runs/{level}-{ranks}"
        self.run_program("train", "heat.toml", "--quiet", "--output", name, "--set", f"training.reproducibility={level}",
                         "--set", "output.log_every=0 s", *options, ranks=ranks)
        lines = (self.folder / name / "metrics.jsonl").read_text().splitlines()
        return self.summary(name), [json.loads(line) for line in lines]

    def test_first_loss_and_gradient_agree(self):
        _, alone = self.train(1, "run")
        for ranks in (2, 3, 4):
            _, shared = self.train(ranks, "run")
            for key in ("loss", "gradient_norm"):
                # The sums of 1900 points in another order.
                self.assertAlmostEqual(shared[0][key] / alone[0][key], 1, delta=1e-13, msg=f"{key} on {ranks} ranks")

    def test_level_ranks_is_bitwise(self):
        hashes = {ranks: self.train(ranks, "ranks")[0]["parameter_hash"] for ranks in (1, 2, 3, 4)}
        self.assertEqual(len(set(hashes.values())), 1, hashes)

    def test_kinds_of_sums(self):
        # Wide enough for pieces that start early.
        wide = ["--set", "network.hidden=[48, 48, 48]", "--set", "training.stages.0.steps=20", "--force"]
        alone, _ = self.train(1, "ranks", *wide)
        for kind in ("plain", "hierarchical", "early"):
            shared, _ = self.train(3, "ranks", *wide, "--set", f"run.gradient_sync={kind}")
            self.assertEqual(shared["parameter_hash"], alone["parameter_hash"], kind)
        # Another kind is another run, unless sums are exact.
        more = ["heat.toml", "--quiet", *wide[:2], "--set", "training.stages.0.steps=25", "--set", "run.gradient_sync=plain"]
        exact = ["--output", "runs/ranks-3", "--set", "training.reproducibility=ranks", "--set", "output.log_every=0 s"]
        self.run_program("train", *more, *exact, ranks=3)
        self.train(2, "run", *wide, "--set", "run.gradient_sync=early")
        refused = self.run_program("train", *more, "--output", "runs/run-2", ranks=2, status=2)
        self.assertIn('run.gradient_sync: "early" -> "plain"', refused.output)

    def test_level_run_repeats_itself(self):
        first, _ = self.train(2, "run", "--set", "training.seed=5")
        second, _ = self.train(2, "run", "--set", "training.seed=5", "--force")
        other, _ = self.train(2, "run", "--set", "training.seed=6", "--force")
        self.assertEqual(first["parameter_hash"], second["parameter_hash"])
        self.assertNotEqual(first["parameter_hash"], other["parameter_hash"])

    def test_a_process_that_no_launcher_started_has_no_session_folder(self):
        # All of a user's share its name: the first that ends would take it away from under one that begins.
        with unittest.mock.patch.dict(os.environ, TMPDIR="/dev/null/no-folder"):
            # A method with columns in its checkpoints, which are written by way of MPI's files.
            done = self.run_program("train", "heat.toml", "--quiet", "--set", "training.balance.method=rba", "--set",
                                    "training.stages.0.steps=3")
        self.assertNotIn("mca_", done.output)

    def test_more_ranks_than_blocks(self):
        # 50 + 10 + 10 points are three blocks: the fourth rank has none.
        few = ["--set", "sampling.points={ heat = 50, initial = 10, walls = 10 }"]
        _, alone = self.train(1, "fast", *few)
        _, shared = self.train(4, "fast", *few)
        self.assertAlmostEqual(shared[0]["loss"] / alone[0]["loss"], 1, delta=1e-13)


if __name__ == "__main__":
    program.main()
