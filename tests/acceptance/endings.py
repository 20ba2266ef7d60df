"""How a run ends: what it says of the last step, and that no run with a loss that is not finite calls itself done."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402


class Endings(program.Case):
    def metrics(self, run_folder):
        return [json.loads(line) for line in (self.folder / run_folder / "metrics.jsonl").read_text().splitlines()]

    def test_loss_that_is_not_finite(self):
        # 5 steps: fewer than may be skipped in the hope that the next points are better.
        broken = ["--set", "problem.equations.0.residual=u_t + log(u - 1000)", "--set", "training.stages.0.steps=5"]
        for ranks, options in ((1, []), (2, ["--set", "training.reproducibility=ranks"]), (1, ["--set", "training.stages.0.steps=0"])):
            with self.subTest(ranks=ranks, options=options):
                result = self.run_program("train", "heat.toml", "--quiet", "--force", *broken, *options, ranks=ranks, status=3)
                self.assertIn("heat", result.output)
                self.assertEqual(result.output.count("jetpinn: "), 1, result.output)
                summary = self.summary("runs/heat")
                self.assertEqual((summary["status"], summary["stopped_by"]), ("failed", "not finite"))

    def test_the_last_step_is_logged(self):
        self.run_program("train", "heat.toml", "--quiet")
        first, last = self.metrics("runs/heat")
        summary = self.summary("runs/heat")
        self.assertEqual((first["step"], last["step"], last["stage"]), (1, summary["steps"], 0))
        self.assertEqual(last["error"], summary["error"])

    def test_full_disk(self):
        # A small file system of its own, in a mount namespace that ends with the command.
        alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
        mount = "mkdir -p runs && mount -t tmpfs -o size=64k tmpfs runs"
        if subprocess.run([*alone, mount], cwd=self.folder, capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        command = f"{mount} && {program.program} train heat.toml --quiet --set 'network.hidden=[200, 200]'; status=$?; ls runs/heat; exit $status"
        result = subprocess.run([*alone, command], cwd=self.folder, stdin=subprocess.DEVNULL, text=True, timeout=120,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(result.returncode, 5, result.stdout)
        messages = [line for line in result.stdout.splitlines() if line.startswith("jetpinn: ")]
        files = [line for line in result.stdout.splitlines() if line not in messages]
        # A checkpoint or a profile that cannot be written is a warning, a network is not.
        for line in messages[:-1]:
            self.assertRegex(line, "^jetpinn: warning: .*(the checkpoint of step|/profile/)", result.stdout)
        self.assertIn("network.h5", messages[-1])
        self.assertIn("summary.json", files)
        self.assertFalse([name for name in files if name.startswith("network.h5")], "no half of a network is left")

    def test_weight_that_cannot_be_one(self):
        result = self.run_program("train", "heat.toml", "--set", "problem.conditions.1.weight=t - 2", ranks=2, status=2)
        self.assertIn("term 'walls'", result.output)

    def test_more_points_than_any_memory(self):
        for command in ("check", "train"):
            result = self.run_program(command, "heat.toml", "--set", "sampling.points.heat=1000000000000000", status=2)
            self.assertIn("sampling.points", result.output)
        self.run_program("train", "heat.toml", "--quiet")
        result = self.run_program("predict", "runs/heat", "--grid", "t=0:1:1000000,x=0:1:10000000", status=2)
        self.assertIn("space", result.output)


if __name__ == "__main__":
    program.main()
