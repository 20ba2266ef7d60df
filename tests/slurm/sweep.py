#!/usr/bin/env python3
"""Sweeps as job arrays in a real Slurm: submitted, waited for and collected; later; and with a run that fails."""
import json

import cluster as slurm


class Sweep(slurm.StudyCase):
    def sweep(self, *arguments, status=0):
        return self.study("sweep", "heat.toml", *arguments, status=status)

    def runs(self):
        return json.loads((self.folder / "study/sweep.json").read_text())["runs"]

    def test_submits_waits_and_collects(self):
        sets = ("--set", "training.seed=0,1", "--set", "network.hidden=[8],[8, 8]", "--ranks", "2", "--at-once", "2")
        output = self.sweep(*sets)
        self.assertIn("an array of 4 runs on 2 ranks each", output)
        self.assertEqual([run["state"] for run in self.runs()], ["done"] * 4)
        for run in self.runs():
            self.assertEqual(json.loads((self.folder / "study" / run["folder"] / "summary.json").read_text())["ranks"], 2)
        # Done already: nothing is submitted; of more values only the new ones are.
        self.assertNotIn("job ", self.sweep(*sets))
        self.assertIn("an array of 2 runs", self.sweep("--set", "training.seed=0,1,2", *sets[2:]))

    def test_collects_later(self):
        sets = ("--set", "training.seed=0,1")
        self.assertIn("the same command collects the results", self.sweep(*sets, "--no-wait"))
        self.assertFalse((self.folder / "study/sweep.json").exists())
        self.sweep(*sets)
        self.assertEqual([run["state"] for run in self.runs()], ["done"] * 2)

    def test_a_run_that_fails(self):
        output = self.sweep("--set", "problem.equations.0.residual=u_t - kappa*u_xx,u_t + log(u - 1000)", "--set", "training.stages.0.steps=5", status=3)
        self.assertIn("failed: status 3", output)
        self.assertEqual([run["state"] for run in self.runs()], ["done", "failed"])

    def test_a_refused_array_is_one_message(self):
        self.assertIn("sbatch refused the job array", self.sweep("--set", "training.seed=0,1", "--sbatch=--partition=nowhere", status=2))


if __name__ == "__main__":
    slurm.main("sweeps")
