"""A gate trains some points of each step: the same ones on any number of ranks and after a stop, told of in every log, refused with a
message where it cannot be; the study that compares it."""
import fcntl
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

STAGES = ["sampling.points.heat=900", "training.stages.0.optimizer=adam", "training.stages.0.steps=14",
          "training.stages.1={ optimizer = 'adam', steps = 6 }", "training.reproducibility=ranks", "output.log_every_steps=1"]
METHODS = {"unbiased": ["gate.significance.gradient=0.5"], "plain": ["gate.unbiased=false"]}


class Gate(program.MethodsCase):
    methods, plain = METHODS, STAGES

    def sets_of(self, method):
        return ["gate.target=0.2", "gate.refresh=4", "gate.warm_up=2", *METHODS[method], *STAGES]

    def lines(self, folder):
        return [json.loads(line) for line in (self.folder / folder / "metrics.jsonl").read_text().splitlines()]

    def test_logs_tell_of_rate_and_energy(self):
        search = "training.stages.1={ optimizer = 'lbfgs', steps = 6 }"
        log = self.train("runs/told", [*self.sets_of("plain"), "training.stages.0.steps=40", search])
        self.assertIn("active, samples saved, energy", log)
        lines = self.lines("runs/told")
        rates = [line["gate"]["activation"] for line in lines]
        self.assertEqual(rates[:2], [1, 1])
        for line in lines[25:40]:
            self.assertLess(abs(line["gate"]["activation"] - 0.2), 0.005 + 3 / 1500)   # of 1500 points, three terms round
        self.assertEqual(rates[-1], 1)   # the line search trains all points
        self.assertGreater(lines[-1]["joules"], lines[0]["joules"])
        gate = self.summary("runs/told")["gate"]
        self.assertEqual(gate["candidates"], 40 * 1500)
        self.assertAlmostEqual(gate["saved"], 1 - gate["trained"] / gate["candidates"], places=12)
        self.assertAlmostEqual(gate["trained"], sum(rates[:40]) * 1500, delta=1e-6)
        self.assertEqual(gate["scored"], 10 * 1500)   # before steps 3, 7, ..., 39
        self.assertEqual(self.summary("runs/told")["points_seen"], gate["trained"] + self.evaluated(lines))
        self.run_program("report", "runs/told")
        page = (self.folder / "runs/told/report.html").read_text()
        self.assertIn("Gate: share of the points trained", page)
        self.assertIn("Energy", page)

    def evaluated(self, lines):
        """Points of all evaluations but the forty of Adam: those of the search and of the end, all 1500 each."""
        summary = self.summary("runs/told")
        rest = summary["points_seen"] - summary["gate"]["trained"]
        self.assertEqual(rest % 1500, 0)
        self.assertGreaterEqual(rest // 1500, 7)
        return rest

    def test_check_tells(self):
        output = self.run_program("check", "heat.toml", "--set", "gate.target=0.06").output
        self.assertIn("gate       stage 0: 6 % of the points", output)
        self.assertIn("terms heat initial walls", output)

    def test_windows_pairs_and_points_that_follow_have_gates_too(self):
        self.train("runs/windows", [*self.sets_of("unbiased"), "training.windows.count=2", "problem.time=t"])
        self.assertEqual(self.summary("runs/windows")["status"], "completed")
        adaptive = ["sampling.adaptive={ method = 'rad', every = 5 }", "sampling.resample_every=6"]
        self.train("runs/adaptive", [*self.sets_of("unbiased"), *adaptive])
        self.assertEqual(self.summary("runs/adaptive")["status"], "completed")
        pair = ["problem.conditions.1={ name = 'walls', on = 'x == 0', pair = 'x == 1', residual = 'u - other(u)' }"]
        self.train("runs/pair", [*self.sets_of("unbiased"), *pair])
        self.assertEqual(self.summary("runs/pair")["status"], "completed")

    def test_bad_input(self):
        for sets, words in (
                (["gate.target=0"], "> 0"), (["gate.target=1.5"], "<= 1"), (["gate.target=1e-9"], "less than one of 1900 points"), (["gate.refresh=3"], "needs a target below 1"),
                (["training.stages.0.gate.refresh=3"], "changes a gate that there is not"),
                (["gate.target=0.1", "training.stages.0={ optimizer = 'lbfgs', steps = 3, gate = true }"], "a stage of lbfgs has no gate"),
                (["gate.target=0.1", "sampling.batch.heat=256"], "batches choose too"),
                (["gate.target=0.1", "problem.equations.0.causal=t"], "causal weights of 'heat'"),
                (["gate.target=0.1", "training.balance.method=rba"], "the residual of every point"),
                (["gate.target=0.1", "gate.terms=['haet']"], "did you mean 'heat'?"),
                (["gate.target=0.1", "gate.significance={ residual = 0, change = 0, age = 0 }"], "nothing is significant"),
                (["gate.target=0.1", "gate.controller={ integral = 1.5, proportional = 0.5 }"], "swings ever wider"),
                (["gate.target=0.1", "gate.controller={ lowest = 2, highest = 1 }"], "no threshold is left"),
                (["gate.target=0.1", "gate.significance.gradient=1", "training.engine=reference"], "needs a linearisation"),
                (["gate.target=0.1", "gate.terms=['initial']", "problem.conditions.0.reduction=square_of_mean"], "it squares a mean")):
            self.assertIn(words, self.train("runs/bad", sets, status=2))
            self.assertFalse((self.folder / "runs/bad").exists())
            # What cannot be trained is not checked as if it could, nor begun in windows.
            assignments = [word for assignment in sets for word in ("--set", assignment)]
            self.assertIn(words, self.run_program("check", "heat.toml", *assignments, status=2).output)
        self.train("runs/bad", ["gate.target=1e-9", "training.windows.count=2", "problem.time=t"], status=2)
        self.assertFalse((self.folder / "runs/bad").exists())

    def test_study(self):
        arguments = ("study", "gate", "heat.toml", "--seeds", "2", "--steps", "30", "--output", "study")
        output = self.run_program(*arguments).output
        study = json.loads((self.folder / "study/gate.json").read_text())
        self.assertEqual((study["status"], len(study["runs"])), (0, 14))
        for words in ("The same steps", "The same seconds", "J (modelled)" if study["runs"][0]["joules_modelled"] else "J", study["verdict"]):
            self.assertIn(words, output)
        runs = {run["name"]: run for run in study["runs"]}
        self.assertEqual(runs["steps-ungated-0"]["saved"], 0)
        for run in study["runs"]:
            if run["variant"] != "ungated" and run["steps"] >= 20:   # as many seconds may be fewer steps than the warm-up
                self.assertGreater(run["saved"], 0.3)
        arm = study["arms"]["steps"]["gated"]
        self.assertLessEqual(arm["error"]["low"], arm["error"]["mean"])
        self.assertEqual(arm["error"]["samples"], 2)
        # Of a stage that has a gate of its own, ungated runs have none either.
        own = "training.stages.0.gate={ target = 0.3, warm_up = 3, uniform = 0.5 }"
        self.run_program(*arguments[:3], "--seeds", "1", "--steps", "12", "--output", "own", "--set", own)
        study = json.loads((self.folder / "own/gate.json").read_text())
        runs = {run["name"]: run for run in study["runs"]}
        self.assertEqual((runs["steps-ungated-0"]["saved"], study["target"]), (0, 0.3))
        self.assertGreater(runs["steps-gated-0"]["saved"], 0)
        self.assertNotEqual(runs["steps-gated-0"]["error"], runs["steps-uniform-0"]["error"])
        # Again: nothing is trained a second time.
        before = (self.folder / "study/runs/steps-gated-1/summary.json").stat().st_mtime_ns
        self.run_program(*arguments)
        self.assertEqual((self.folder / "study/runs/steps-gated-1/summary.json").stat().st_mtime_ns, before)
        # A run that was broken off is begun anew in its place.
        (self.folder / "study/runs/seconds-gated-1/summary.json").unlink()
        self.run_program(*arguments)
        self.assertTrue((self.folder / "study/runs/seconds-gated-1/summary.json").exists())
        self.assertEqual(list((self.folder / "study/runs").glob("*.old-*")), [])
        # One whose log has lost its end is named, and begun anew.
        metrics = self.folder / "study/runs/seconds-gated-1/metrics.jsonl"
        whole = metrics.read_text()
        metrics.write_text(whole[:-9])
        self.assertIn(f"seconds-gated-1/metrics.jsonl is damaged in line {len(whole.splitlines())}; it is trained again\n",
                      self.run_program(*arguments).output)
        metrics.write_text("".join(metrics.read_text().splitlines(keepends=True)[:-1]))
        self.assertIn("metrics.jsonl is cut off: it does not end with the last step of the run; it is trained again\n",
                      self.run_program(*arguments).output)
        # One that has not ended yet is left to its process.
        begun = self.folder / "study/runs/seconds-gated-1"
        (begun / "summary.json").unlink()
        with open(begun / ".lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("another process trains in the run folder", self.run_program(*arguments, status=2).output)
        self.assertTrue((begun / "checkpoints").is_dir())
        for seed in (("--seed", "5"), ("--set", "training.seed=5")):
            refused = self.run_program("study", "gate", "heat.toml", "--output", "other", *seed, status=2)
            self.assertIn("leave training.seed=5 away, --seeds says how many", refused.output)
            self.assertFalse((self.folder / "other").exists())


if __name__ == "__main__":
    program.main()
