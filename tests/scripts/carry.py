"""perf/carry with programs of the system in the place of a build: what it takes along, and that it runs from there."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

root = pathlib.Path(sys.argv.pop(1)).resolve()


class Carry(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        self.build, self.folder = self.place / "build", self.place / "carried"
        (self.build / "tests").mkdir(parents=True)
        shutil.copy(shutil.which("ls"), self.build / "jetpinn")
        shutil.copy(shutil.which("echo"), self.build / "tests/gpu")

    def carry(self, status=0):
        done = subprocess.run([sys.executable, root / "perf/carry", self.folder, "--build", self.build], capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_programs_run_from_the_folder(self):
        self.assertRegex(self.carry(), r"carried: [0-9.]+ MiB")
        (self.place / "elsewhere").mkdir()
        moved = self.folder.rename(self.place / "elsewhere/folder")
        clean = {"PATH": os.environ["PATH"]}
        done = subprocess.run([moved / "build/jetpinn", moved], capture_output=True, text=True, env=clean)
        self.assertEqual(set(done.stdout.split()) - {"lib"}, {"bin", "build", "configs", "perf", "run"}, done.stderr)   # `ls` may need none
        done = subprocess.run([moved / "build/tests/gpu", "two", "words"], capture_output=True, text=True, env=clean)
        self.assertEqual(done.stdout, "two words\n", done.stderr)
        carried = {path.name for path in moved.glob("lib/*")}
        self.assertFalse({name for name in carried if name.startswith(("libc.so", "ld-linux", "libm.so"))}, carried)

    def test_perf_gpu_runs_in_it(self):
        self.carry()
        done = subprocess.run([self.folder / "run", "--only", "memory"], capture_output=True, text=True)
        self.assertIn("the program in this build has no CUDA", done.stdout + done.stderr)
        self.assertEqual(done.returncode, 77, done.stderr)

    def test_builds_are_told_apart(self):
        self.carry()
        first = (self.folder / "build/jetpinn").read_bytes()
        shutil.rmtree(self.folder)
        shutil.copy(shutil.which("echo"), self.build / "jetpinn")
        self.carry()
        self.assertNotEqual((self.folder / "build/jetpinn").read_bytes(), first)

    def test_what_is_missing_is_said(self):
        (self.build / "tests/gpu").unlink()
        self.assertIn("without tests/gpu", self.carry())
        self.assertIn("exists: remove it", self.carry(status=2))
        (self.build / "jetpinn").unlink()
        shutil.rmtree(self.folder)
        self.assertIn("build it with cmake --preset cuda", self.carry(status=2))

    def test_nothing_is_left_where_a_disk_is_full(self):
        done = subprocess.run(["sh", "-c", 'ulimit -f 20; exec "$@"', "sh", sys.executable, "-B", root / "perf/carry", self.folder, "--build",
                               self.build], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"\Aperf/carry: \S+: File too large; [^\n]*\n\Z")
        self.assertFalse(self.folder.exists())


if __name__ == "__main__":
    unittest.main()
