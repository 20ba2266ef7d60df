"""evaluate and predict on runs that still train, were stopped or killed, or failed: the newest parameters, and a line that says which."""
import json
import pathlib
import shutil
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

ENDLESS = ["train", "heat.toml", "--quiet", "--set", "training.stages.0.steps=1000000", "--set", "output.checkpoint.every=0.05",
           "--set", "output.log_every=0", "--set", "output.evaluate_every=1"]


class Unfinished(program.Case):
    def newest_checkpoint(self, run):
        return max(int(path.name[5:]) for path in (self.folder / run / "checkpoints").glob("step-*"))

    def error_of(self, run, *options, ranks=1):
        """evaluate's error, and its output."""
        output = self.run_program("evaluate", run, *options, "--file", "evaluation.json", ranks=ranks).output
        return json.loads((self.folder / "evaluation.json").read_text())["error"]["u"]["rel_l2"], output

    def test_while_it_trains_and_after_its_death(self):
        process = self.start(*ENDLESS)
        self.wait_for_steps("runs/heat", 100)
        before = self.newest_checkpoint("runs/heat")
        _, output = self.error_of("runs/heat", ranks=2)
        step = int(output.split(" of step ")[1].split()[0])
        self.assertIn("runs/heat is still training: the parameters are those of step", output)
        self.assertEqual(output.count("jetpinn: "), 1, output)
        self.assertLessEqual(before, step)
        self.stop(process, how=signal.SIGKILL)

        newest = self.newest_checkpoint("runs/heat")
        error, output = self.error_of("runs/heat")
        self.assertIn("runs/heat ended without a summary (killed, or a rank was lost): the parameters are those of step "
                      f"{newest} in runs/heat/checkpoints/step-{newest:08d}", output)
        logged = [json.loads(line) for line in (self.folder / "runs/heat/metrics.jsonl").read_text().splitlines()[:newest]]
        self.assertEqual((logged[-1]["step"], logged[-1]["error"]["u"]["rel_l2"]), (newest, error))
        predicted = self.run_program("predict", "runs/heat", "--grid", "t=0:1:3,x=0:1:3", "--quiet").output
        self.assertEqual(predicted, "")
        # Damage is passed over, with the reason.
        shutil.copytree(self.folder / "runs/heat", self.folder / "runs/damaged")
        with open(self.folder / f"runs/damaged/checkpoints/step-{newest:08d}/state.h5", "r+b") as file:
            file.truncate(1000)
        other, output = self.error_of("runs/damaged")
        self.assertIn("jetpinn: warning: runs/damaged/checkpoints", output)
        self.assertNotEqual(error, other)
        # Stopped, it has a network of its own.
        self.run_program(*ENDLESS, "--max-time", "0.01", status=75)
        summary = self.summary("runs/heat")
        stopped, output = self.error_of("runs/heat")
        self.assertIn(f"runs/heat was stopped after {summary['steps']} steps: the parameters are those of step {summary['steps']} in runs/heat/network.h5", output)
        self.assertEqual(stopped, summary["error"]["u"]["rel_l2"])

    def test_network_of_an_earlier_part(self):
        self.run_program("train", "heat.toml", "--quiet")
        complete, output = self.error_of("runs/heat")
        self.assertNotIn("jetpinn: ", output)
        process = self.start(*ENDLESS)
        self.wait_for_steps("runs/heat", 200)
        self.stop(process, how=signal.SIGKILL)
        later, output = self.error_of("runs/heat")
        self.assertIn(f"of step {self.newest_checkpoint('runs/heat')} in runs/heat/checkpoints", output)
        self.assertLess(later, complete)
        # Without newer checkpoints the old network is the newest there is.
        for path in (self.folder / "runs/heat/checkpoints").glob("step-*"):
            if int(path.name[5:]) > 20:
                shutil.rmtree(path)
        self.assertEqual(self.error_of("runs/heat")[0], complete)

    def test_failed_runs(self):
        broken = ["--set", "problem.equations.0.residual=u_t + log(u - 1000)"]
        self.run_program("train", "heat.toml", "--quiet", *broken, status=3)
        for ranks in (1, 3):
            for command in (["evaluate", "runs/heat"], ["predict", "runs/heat", "--grid", "t=0:1:3,x=0:1:3"]):
                result = self.run_program(*command, ranks=ranks, status=2)
                self.assertRegex(result.output, r"jetpinn: runs/heat failed after \d+ steps \(not finite\) and has left no trained parameters")
                self.assertEqual(result.output.count("jetpinn: "), 1, result.output)

    def test_a_config_of_another_network(self):
        process = self.start(*ENDLESS)
        self.wait_for_steps("runs/heat", 100)
        self.stop(process, how=signal.SIGKILL)
        result = self.run_program("evaluate", "runs/heat", "--set", "network.hidden=[8]", status=2)
        self.assertIn("holds 337 parameters, the config's network has 33", result.output)


if __name__ == "__main__":
    program.main()
