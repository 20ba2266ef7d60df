#!/usr/bin/env python3
"""Scaling studies in a real Slurm: a study that submits, waits and collects, and one with a job that fails and is submitted again."""
import json

import cluster as slurm
from cluster import program


class Scale(slurm.StudyCase):
    def scale(self, *arguments, status=0):
        return self.study("scale", "strong", "heat.toml", "--ranks", "1,2", "--steps", "20", "--repeats", "2", *arguments, status=status)

    def results(self):
        return json.loads((self.folder / "study/study.json").read_text())

    def test_submits_waits_and_collects(self):
        output = self.scale()
        self.assertIn("waiting for Slurm: job", output)
        study = self.results()
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
        self.assertEqual([c["seconds"]["samples"] for c in self.results()["configurations"]], [2, 2])

    def test_a_job_that_fails_leaves_a_hole(self):
        # A program that fails as soon as it is one of two ranks.
        failing = self.folder / "failing"
        failing.write_text(f'#!/bin/sh\n[ "${{SLURM_NTASKS:-1}}" = 1 ] || {{ echo "$SLURM_PROCID 3" >>"$JETPINN_STATUS_FILE"; exit 3; }}\nexec {program.program} "$@"\n')
        failing.chmod(0o755)
        self.site["JETPINN_PROGRAM"] = str(failing)
        output = self.scale(status=3)
        self.assertIn("failed: status 3", output)
        one, two = self.results()["configurations"]
        self.assertEqual(one["seconds"]["samples"], 2)
        self.assertIsNone(two["seconds"])
        self.assertEqual([run["status"] for run in two["runs"]], [3, 3])
        # The next call submits what is missing.
        self.site["JETPINN_PROGRAM"] = program.program
        self.scale()
        self.assertEqual(self.results()["configurations"][1]["seconds"]["samples"], 2)

    def test_a_refused_job_is_one_message(self):
        output = self.scale("--sbatch=--partition=nowhere", status=2)
        self.assertIn("sbatch refused the job of 1 rank:", output)


if __name__ == "__main__":
    slurm.main("scaling studies")
