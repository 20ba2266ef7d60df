"""Sweeps: every combination is trained once, failures stand in the table with their status, a stop leaves a sweep that goes on."""
import csv
import json
import pathlib
import signal
import statistics
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

SWEEP = ("sweep", "heat.toml", "--set", "training.seed=0,1,2", "--set", "network.hidden=[8],[8, 8]", "--output", "study")


class Sweep(program.Case):
    def sweep(self, folder="study"):
        return json.loads((self.folder / folder / "sweep.json").read_text())

    def test_every_combination(self):
        listed = self.run_program(*SWEEP, "--dry-run").output
        self.assertIn("--set 'network.hidden=[8, 8]'", listed)
        self.assertIn("6 runs, 0 of them there already", listed)
        self.assertFalse((self.folder / "study").exists())

        output = self.run_program(*SWEEP).output
        self.assertIn("run 6/6", output)
        sweep = self.sweep()
        self.assertEqual((sweep["status"], len(sweep["runs"])), (0, 6))
        summaries = {}
        for run in sweep["runs"]:
            summary = self.summary("study/" + run["folder"])
            self.assertEqual((run["state"], run["loss"], run["error"]["u"]), ("done", summary["loss"], summary["error"]["u"]["rel_l2"]))
            summaries[run["values"]["network.hidden"], run["values"]["training.seed"]] = summary
        # Each run is what train makes of its values alone.
        self.assertEqual(len({summary["parameter_hash"] for summary in summaries.values()}), 6)
        self.run_program("train", "heat.toml", "--quiet", "--seed", "2", "--set", "network.hidden=[8, 8]")
        self.assertEqual(self.summary("runs/heat")["parameter_hash"], summaries["[8, 8]", "2"]["parameter_hash"])
        # Medians and ranges over the seeds.
        self.assertEqual([s["values"] for s in sweep["settings"]], [{"network.hidden": "[8]"}, {"network.hidden": "[8, 8]"}])
        for setting in sweep["settings"]:
            errors = [summaries[setting["values"]["network.hidden"], seed]["error"]["u"]["rel_l2"] for seed in "012"]
            self.assertEqual((setting["done"], setting["error"]["samples"]), (3, 3))
            for what, value in (("median", statistics.median(errors)), ("min", min(errors)), ("max", max(errors))):
                self.assertAlmostEqual(setting["error"][what], value, delta=1e-15)
        best = min(sweep["settings"], key=lambda s: s["error"]["median"])
        self.assertIn(f"network.hidden = {best['values']['network.hidden']}", sweep["sentences"][0])
        rows = list(csv.DictReader((self.folder / "study/sweep.csv").open()))
        self.assertEqual({(row["network.hidden"], row["training.seed"]) for row in rows}, set(summaries))
        text = "".join(ElementTree.parse(self.folder / "study/index.html").getroot().itertext())   # well-formed
        self.assertIn(sweep["sentences"][0], text)

        # Again: nothing is started. With more values only what is new is.
        self.assertIn("6 of them there already", self.run_program(*SWEEP).output)
        output = self.run_program(*SWEEP[:3], "training.seed=0,1,2,3", *SWEEP[4:]).output
        self.assertIn("8 runs, 6 of them there already", output)
        self.assertEqual(self.sweep()["settings"][1]["error"]["samples"], 4)
        # A sweep of another config is not written over.
        self.assertIn("holds another study", self.run_program(*SWEEP, "--set", "network.activation=sin", status=2).output)

    def test_ranks(self):
        self.run_program("sweep", "heat.toml", "--set", "training.seed=0,1", "--ranks", "2", "--output", "two")
        for run in self.sweep("two")["runs"]:
            self.assertEqual(self.summary("two/" + run["folder"])["ranks"], 2)

    def test_failures_stand_in_the_table(self):
        # One run of three is not finite; one wants more memory than there may be.
        sets = ("--set", "problem.equations.0.residual=u_t - kappa*u_xx,u_t + log(u - 1000)", "--set", "training.stages.0.steps=5")
        output = self.run_program("sweep", "heat.toml", *sets, "--output", "holes", status=3).output
        self.assertIn("failed: status 3", output)
        self.assertEqual([run["state"] for run in self.sweep("holes")["runs"]], ["done", "failed"])
        self.assertEqual(self.sweep("holes")["status"], 3)
        self.assertIn('class="hole"', (self.folder / "holes/index.html").read_text())
        output = self.run_program("sweep", "heat.toml", "--set", "sampling.points.heat=500,20000000", "--set", 'run.memory_limit="200 MiB"', "--output", "large", status=2).output
        self.assertIn("failed: status 2", output)
        self.assertIn("memory", self.sweep("large")["runs"][1]["reason"])

    def test_refused_before_anything_is_started(self):
        cases = [
            (("--set", "training.seed=1"), "needs a --set with several values"),
            (("--set", "training.sead=1,2"), "did you mean 'seed'"),
            (("--set", "training.seed=1,two"), "must be a whole number"),
            (("--set", "training.seed=1,,2"), "a value is missing"),
            (("--set", "training.seed=1,2", "--seed", "3"), "given twice"),
            (("--set", "training.seed=1,2", "--set", 'network.hidden=[8],[ 8]'), "have one config"),
            (("--set", "problem.equations.0.residual=u_t,u_tt - v"), "'v'"),
            (("--set", "training.seed=1,2", "--ranks", "100000"), "cores"),
            (("--set", "training.seed=1,2", "--sbatch=-p x"), "add --slurm"),
            (("--set", "training.seed=" + ",".join(map(str, range(1001)))), "at most 1000"),
        ]

        def refuse(case):
            arguments, words = case
            result = self.run_program("sweep", "heat.toml", *arguments, status=2)
            self.assertIn(words, result.output)
            self.assertEqual(result.output.count("jetpinn: "), 1, result.output)

        program.side_by_side(refuse, cases)
        self.assertFalse((self.folder / "studies").exists())
        self.assertIn("starts its runs itself", self.run_program(*SWEEP, ranks=2, status=2).output)

    def test_a_stop_leaves_a_sweep_that_goes_on(self):
        endless = ("sweep", "heat.toml", "--set", "training.seed=0,1,2", "--output", "stopped")
        self.stop_a_study(*endless, "--set", "training.stages.0.steps=3000000", run_folder="stopped/runs/seed-0", how=signal.SIGINT)
        self.assertEqual(self.sweep("stopped")["runs"][0]["state"], "stopped")
        step = self.summary("stopped/runs/seed-0")["steps"]
        # It goes on where it stopped, with a stage that ends.
        self.run_program(*endless, "--set", f"training.stages.0.steps={step + 5}")
        self.assertEqual(self.summary("stopped/runs/seed-0")["steps"], step + 5)
        self.assertEqual([run["state"] for run in self.sweep("stopped")["runs"]], ["done"] * 3)


if __name__ == "__main__":
    program.main()
