"""What perf/frontier makes of a config and of the networks that it has measured."""
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
root = pathlib.Path(sys.argv.pop(1)).resolve()
loader = importlib.machinery.SourceFileLoader("perf_frontier", str(root / "perf/frontier"))
perf = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
loader.exec_module(perf)


class Frontier(unittest.TestCase):
    def test_half_of_the_neurons_are_more_of_the_parameters(self):
        config = {"problem": {"coordinates": ["t", "x"], "fields": ["u"]}, "network": {"hidden": [32, 32, 32, 32]}}
        whole, half = 2 * 32 + 32 + 3 * (32 * 32 + 32) + 32 + 1, 2 * 16 + 16 + 3 * (16 * 16 + 16) + 16 + 1
        self.assertAlmostEqual(perf.share_of_parameters(config, 0.5), 1 - half / whole, delta=1e-15)
        self.assertEqual(perf.share_of_parameters(config, 0), 0)

    def test_what_another_beats_is_not_on_the_frontier(self):
        points = [(1.0, 5.0), (2.0, 2.0), (2.0, 3.0), (1.0, 6.0), (9.0, 1.0), (9.0, 2.0)]   # (error, time)
        self.assertEqual(perf.frontier(points), [True, True, False, False, True, False])
        self.assertEqual(perf.frontier([(1.0, 1.0), (1.0, 1.0)]), [True, True])   # equals do not beat one another

    def test_without_a_reference_the_error_is_what_rows_held_out_leave_unexplained(self):
        fits = {"measured": {"VB": {"r2": 0.96}, "displacement": {"r2": 0.91}}}
        self.assertAlmostEqual(perf.error_of({"error": {}, "held_out": fits}), 0.3, delta=1e-15)
        self.assertEqual(perf.error_of({"error": {"u": {"rel_l2": 0.2}, "v": {"rel_l2": 0.1}}, "held_out": fits}), 0.2)
        fits["measured"]["VB"]["r2"] = None   # its values are all the same
        self.assertAlmostEqual(perf.error_of({"error": {}, "held_out": fits}), 0.3, delta=1e-15)
        fits["measured"]["displacement"]["r2"] = None
        for without in ({}, {"held_out": fits}):
            with self.assertRaises(SystemExit):
                perf.error_of({"error": {}, **without})

    def test_what_needs_a_rate_gets_one(self):
        self.assertEqual(perf.stage("ssbroyden", 7), "training.stages=[{ optimizer = 'ssbroyden', steps = 7 }]")
        self.assertIn("cosine", perf.stage("adam", 7))

    def refused(self, *words, status=2, **environment):
        """What the command says where it refuses: no trace."""
        done = subprocess.run([sys.executable, root / "perf/frontier", *words], capture_output=True, text=True, cwd=self.folder,
                              env={**os.environ, **environment})
        self.assertEqual((done.returncode, done.stderr.count("Traceback")), (status, 0), done.stderr)
        return done.stderr

    def test_bad_arguments_are_refused_before_anything_is_trained(self):
        with tempfile.TemporaryDirectory() as self.folder:
            for words in (("--weights", "0", "1.5"), ("--neurons", "0", "nan"), ("--rounds", "0"), ("--steps", "0"), ("--train-steps", "3"),
                          ("--json", "none/f.json")):
                self.assertIn(f"frontier: error: {words[0]} ", self.refused(*words))
            (pathlib.Path(self.folder) / "file").write_text("")
            self.assertIn("name another one", self.refused("--folder", "file"))
            self.assertEqual(os.listdir(self.folder), ["file"])

    def test_a_run_that_does_not_serve_is_refused_by_name(self):
        with tempfile.TemporaryDirectory() as self.folder:
            run = pathlib.Path(self.folder) / "run"
            run.mkdir()
            summary, config = run / "summary.json", run / "config.toml"
            self.assertIn("it has no summary.json", self.refused("--run", "run"))
            for text, words in (('{"er', "is damaged"), ("{}", "neither a reference")):
                summary.write_text(text)
                self.assertIn(words, self.refused("--run", "run"))
            summary.write_text(json.dumps({"error": {"u": {"rel_l2": 0.1}}}))
            self.assertIn("cannot read run/config.toml: No such file", self.refused("--run", "run"))
            for text, words in (("x = [", "run/config.toml is damaged"), ("x = 1", "no [network] with a list 'hidden'")):
                config.write_text(text)
                self.assertIn(words, self.refused("--run", "run"))

    def test_a_command_that_fails_is_told_with_its_words(self):
        with tempfile.TemporaryDirectory() as self.folder:
            self.assertIn("cannot start /nowhere: No such file", self.refused("--quick", "--folder", "f", JETPINN_PROGRAM="/nowhere"))
            program = pathlib.Path(self.folder) / "program"
            program.write_text("#!/bin/sh\necho step 1\necho 'jetpinn: the disk is full' >&2\nexit 5\n")
            program.chmod(0o755)
            said = self.refused("--quick", "--folder", "f", status=5, JETPINN_PROGRAM=str(program)).splitlines()
            self.assertIn("frontier: status 5 of ", said[0])
            self.assertEqual(said[1:], ["jetpinn: the disk is full", "Mend that and give the same command again: what is done is kept."])


if __name__ == "__main__":
    unittest.main()
