#!/usr/bin/env python3
"""Scaling studies in a real Slurm: a study that submits, waits and collects, and one with a job that fails and is submitted again."""
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


class Scale(slurm.Case):
    def setUp(self):
        super().setUp()
        (self.folder / "heat.toml").write_text(program.HEAT)

    def scale(self, *arguments, status=0):
        command = [program.program, "scale", "strong", "heat.toml", "--ranks", "1,2", "--steps", "20", "--repeats", "2", "--slurm",
                   "--output", "study", *arguments]
        done = subprocess.run(command, cwd=self.folder, env={**self.cluster.environment, **site}, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        logs = "".join(f"== {log.name}\n{log.read_text()}" for log in self.folder.glob("study/jobs/*.out"))
        self.assertEqual(done.returncode, status, done.stdout + logs)
        return done.stdout

    def study(self):
        return json.loads((self.folder / "study/study.json").read_text())

    def test_submits_waits_and_collects(self):
        output = self.scale()
        self.assertIn("waiting for Slurm: job", output)
        study = self.study()
        self.assertEqual([(c["ranks"], c["seconds"]["samples"]) for c in study["configurations"]], [(1, 2), (2, 2)])
        self.assertIsNotNone(study["configurations"][1]["efficiency"])
        self.assertTrue((self.folder / "study/index.html").exists())
        # Done already: nothing is submitted.
        self.assertNotIn("job ", self.scale())

    def test_collects_later(self):
        output = self.scale("--no-wait")
        self.assertIn("the same command collects the results", output)
        self.assertFalse((self.folder / "study/study.json").exists())
        self.scale()
        self.assertEqual([c["seconds"]["samples"] for c in self.study()["configurations"]], [2, 2])

    def test_a_job_that_fails_leaves_a_hole(self):
        # A program that fails as soon as it is one of two ranks.
        failing = self.folder / "failing"
        failing.write_text(f'#!/bin/sh\n[ "${{SLURM_NTASKS:-1}}" = 1 ] || {{ echo "$SLURM_PROCID 3" >>"$JETPINN_STATUS_FILE"; exit 3; }}\nexec {program.program} "$@"\n')
        failing.chmod(0o755)
        site["JETPINN_PROGRAM"] = str(failing)
        self.addCleanup(site.pop, "JETPINN_PROGRAM")
        output = self.scale(status=3)
        self.assertIn("failed: status 3", output)
        one, two = self.study()["configurations"]
        self.assertEqual(one["seconds"]["samples"], 2)
        self.assertIsNone(two["seconds"])
        self.assertEqual([run["status"] for run in two["runs"]], [3, 3])
        # The next call submits what is missing.
        site["JETPINN_PROGRAM"] = program.program
        self.scale()
        self.assertEqual(self.study()["configurations"][1]["seconds"]["samples"], 2)

    def test_a_refused_job_is_one_message(self):
        output = self.scale("--sbatch=--partition=nowhere", status=2)
        self.assertIn("sbatch refused the job of 1 ranks", output)


if __name__ == "__main__":
    reason = slurm.why_not()
    if reason:
        print(f"not run: scaling studies in a real Slurm: {reason}")
        sys.exit(77)
    slurm.isolate()
    program.main()
