#!/usr/bin/env python3
"""Sweeps as job arrays in a real Slurm: submitted, waited for and collected; later; and with a run that fails."""
import json
import os
import pathlib
import subprocess
import sys

import cluster as slurm

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import program  # noqa: E402

# What the machine of this test needs, as a site's own lines in the template would say it.
site = {"OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self,vader", "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
        "OMPI_MCA_oob_tcp_if_include": "lo", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


class Sweep(slurm.Case):
    def setUp(self):
        super().setUp()
        (self.folder / "heat.toml").write_text(program.HEAT)

    def sweep(self, *arguments, status=0):
        command = [program.program, "sweep", "heat.toml", "--slurm", "--output", "study", *arguments]
        done = subprocess.run(command, cwd=self.folder, env={**self.cluster.environment, **site}, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        logs = "".join(f"== {log.name}\n{log.read_text()}" for log in self.folder.glob("study/jobs/*.out"))
        self.assertEqual(done.returncode, status, done.stdout + logs)
        return done.stdout

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
    reason = slurm.why_not()
    if reason:
        print(f"not run: sweeps in a real Slurm: {reason}")
        sys.exit(77)
    slurm.isolate()
    program.main()
