"""perf/figures --against in a repository of three commits, whose program is a script with a step time of its own."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

root = pathlib.Path(sys.argv.pop(1)).resolve()

# Builds as the real one does: with its own folder as the root, to build/release/jetpinn.
SETUP = """root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
set_up() {
  echo "$root" >>"$BUILT"
  mkdir -p "$root/build/release" && cp "$root/program" "$root/build/release/jetpinn"
}
"""
BROKEN = "set_up() { echo 'the build of jetpinn failed' >&2; exit 2; }\n"

# `bench step` and `scale strong`, with STEP milliseconds a step.
PROGRAM = """#!/usr/bin/env -S python3 -S
import json, os, pathlib, sys
words = sys.argv[1:]
step = STEP * 1e-3
with open(os.environ["CALLS"], "a") as calls:
    calls.write(f"STEP {words[0]}\\n")
if words[0] == "bench":
    result = {"step_s": step, "bound_s": 0.9 * step, "fraction": 0.9, "gflops": 100}
    pathlib.Path(words[words.index("--json") + 1]).write_text(json.dumps(result))
elif words[0] == "scale":
    folder = pathlib.Path(words[words.index("--output") + 1])
    folder.mkdir()
    runs = [{"ranks": r, "seconds": {"median": step / r}, "speed_up": r} for r in (1, 2)]
    (folder / "study.json").write_text(json.dumps({"configurations": runs}))
else:
    pathlib.Path(words[words.index("--output") + 1]).mkdir()
    (pathlib.Path(words[words.index("--output") + 1]) / "summary.json").write_text(json.dumps({"peak_memory_mib": [300]}))
"""
MPIRUN = "#!/bin/sh\nshift 4   # -n RANKS --bind-to core\nexec \"$@\"\n"


class Against(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.tree = self.folder / "tree"
        (self.tree / "perf").mkdir(parents=True)
        for name in ("figures", "against.py"):
            shutil.copy(root / "perf" / name, self.tree / "perf")
        self.write("bin/mpirun", MPIRUN)
        self.git("init", "--quiet")
        self.write("tree/.gitignore", "/build/\n__pycache__/\n")
        self.write("tree/jobs/requirements.txt", "torch\n")
        self.commit("slow", SETUP, 10.5)
        self.commit("broken", BROKEN, 10)
        self.commit("fast", SETUP, 10)
        self.set_speed(10.1)   # not committed

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=self.tree, check=True)

    def set_speed(self, milliseconds):
        self.write("tree/program", PROGRAM.replace("STEP", str(milliseconds)))

    def commit(self, tag, setup, milliseconds):
        self.write("tree/jobs/setup", setup)
        self.set_speed(milliseconds)
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", f"a {tag} one")
        self.git("tag", tag)

    def figures(self, *options, status=0):
        for log in ("calls", "built"):
            (self.folder / log).write_text("")
        environment = dict(os.environ, PATH=f"{self.folder}/bin:{os.environ['PATH']}", CALLS=str(self.folder / "calls"),
                           BUILT=str(self.folder / "built"))
        command = [sys.executable, "-B", self.tree / "perf/figures", *options]
        done = subprocess.run(command, text=True, capture_output=True, env=environment)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def calls(self):
        return (self.folder / "calls").read_text().splitlines()

    def test_faster_or_little_slower_is_reached(self):
        for tag, ratio in (("slow", "0.962"), ("fast", "1.010")):
            text = self.figures("--only", "fraction", "--against", tag)
            self.assertRegex(text, rf"before: [0-9a-f]+ a {tag} one\nafter:  this tree")
            form = r"^fraction (\d+ fp\d\d) +before +([\d.]+) ms  after +([\d.]+) ms  ratio ([\d.]+)  reached"
            rows = re.findall(form, text, re.M)
            self.assertEqual(len(rows), 6, text)
            self.assertEqual(rows[0], ("256 fp32", {"slow": "10.500", "fast": "10.000"}[tag], "10.100", ratio))

    def test_slower_is_missed(self):
        self.set_speed(10.3)
        text = self.figures("--only", "levels", "--against", "fast", status=1)
        self.assertEqual(re.findall(r"^level (\w+) .* ratio 1.030  MISSED", text, re.M), ["fast", "run", "ranks"])
        self.assertIn("missed: level fast, level run, level ranks\n", text)

    def test_the_programs_run_in_turn(self):
        self.figures("--only", "ranks", "--against", "slow")
        calls = self.calls()
        self.assertEqual(calls[:2], ["10.5 scale", "10.1 scale"])
        self.assertEqual(calls, calls[:2] * (len(calls) // 2))
        self.assertGreaterEqual(len(calls), 10)

    def test_a_program_is_kept(self):
        self.figures("--only", "ranks", "--against", "slow")
        commit = subprocess.run(["git", "rev-parse", "slow"], cwd=self.tree, text=True, capture_output=True).stdout.strip()
        kept = self.tree / "build/against" / commit
        self.assertIn(str(kept), (self.folder / "built").read_text().split())
        mark = kept / "build/mark"
        mark.write_text("")
        self.figures("--only", "ranks", "--against", commit[:9])
        self.assertTrue(mark.exists())
        shutil.rmtree(kept)   # it is made again
        self.figures("--only", "ranks", "--against", "slow")

    def test_wheels_are_shared_where_both_ask_for_the_same(self):
        (self.tree / ".venv").mkdir()
        self.figures("--only", "ranks", "--against", "slow")
        kept, = (self.tree / "build/against").iterdir()
        self.assertEqual((kept / ".venv").resolve(), self.tree / ".venv")
        shutil.rmtree(kept)
        self.write("tree/jobs/requirements.txt", "torch==9\n")
        self.figures("--only", "ranks", "--against", "slow")
        self.assertFalse((kept / ".venv").exists())

    def test_other_rows_are_measured_as_without_it(self):
        self.figures("--only", "ranks", "--against", "slow")   # builds
        text = self.figures("--only", "memory", "--against", "slow")
        self.assertIn("300 MiB resident at the most", text)
        self.assertEqual((self.calls(), (self.folder / "built").read_text()), (["10.1 train"], ""))
        self.figures("--only", "memory", "--against", "nowhere", status=2)
        self.assertEqual(self.calls(), [])

    def test_a_commit_that_is_not_there_or_does_not_build(self):
        text = self.figures("--against", "nowhere", status=2)
        self.assertIn("perf/figures: --against nowhere: there is no such commit", text)
        text = self.figures("--against", "broken", status=2)
        self.assertRegex(text, "--against broken: [0-9a-f]+ a broken one does not build: the build of jetpinn failed")
        self.assertEqual(self.calls(), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
