"""Scaling studies: what they leave, what a run that fails leaves, and what they refuse before anything is started."""
import json
import os
import pathlib
import signal
import struct
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

STRONG = ("scale", "strong", "heat.toml", "--ranks", "1,2", "--repeats", "2", "--steps", "8")
OTHER = ("scale", "strong", "heat.toml", "--ranks", "1", "--repeats", "1")
two_cores = len(os.sched_getaffinity(0)) >= 2
# On a machine with one core the same is measured unbound.
UNBOUND = () if two_cores else ("--oversubscribe",)


class Scale(program.Case):
    def setUp(self):
        super().setUp()
        for name in ("SLURM_JOB_ID", "SLURM_NTASKS"):
            os.environ.pop(name, None)

    def study(self, folder):
        return json.loads((self.folder / folder / "study.json").read_text())

    def check_pictures(self, folder, wanted):
        page = ElementTree.parse(self.folder / folder / "index.html").getroot()   # well-formed
        text = "".join(page.itertext())
        if "built without Cairo" in text:
            self.skipTest("built without Cairo")
        figures = len(page.findall(".//{http://www.w3.org/1999/xhtml}figure"))
        names = {path.stem for path in (self.folder / folder).glob("*.svg")}
        self.assertEqual((names, figures), (wanted, len(wanted)))
        for name in names:
            ElementTree.parse(self.folder / folder / f"{name}.svg")
            png = (self.folder / folder / f"{name}.png").read_bytes()
            self.assertEqual(png[:8], b"\x89PNG\r\n\x1a\n")
            width, height = struct.unpack(">II", png[16:24])
            self.assertGreater(min(width, height), 400)
            self.assertGreater(len(png), 5000)   # there is something on it
        return text

    def test_strong(self):
        output = self.run_program(*STRONG, *UNBOUND, "--points", "1.9k,4000", "--output", "study").output
        study = self.study("study")
        self.assertEqual(study["status"], 0)
        found = {(c["ranks"], c["points"]): c for c in study["configurations"]}
        self.assertEqual(set(found), {(p, n) for p in (1, 2) for n in (1900, 4000)})
        for (ranks, points), c in found.items():
            self.assertEqual(c["seconds"]["samples"], 2)
            one = found[1, points]["seconds"]["median"]
            self.assertAlmostEqual(c["efficiency"], one / (ranks * c["seconds"]["median"]), delta=1e-12)   # the same points on one rank
            self.assertEqual(len(c["runs"][0]["peak_memory_mib"]), ranks)
            # The parts of a step are the whole step, of each run and of what is shown.
            self.assertAlmostEqual(sum(c["runs"][0]["split_s"].values()) / c["runs"][0]["step_s"], 1, delta=1e-9)
            self.assertAlmostEqual(sum(c["split_s"].values()) / c["seconds"]["median"], 1, delta=1e-9)
        # Each run had as many points as was asked, and nothing but Adam steps.
        for name, points in (("p0002-n00001900-r1", 1900), ("p0001-n00004000-r2", 4000)):
            summary = self.summary(f"study/runs/{name}")
            self.assertEqual((summary["points"], summary["steps"]), (points, 8))
        self.assertEqual(study["model"]["message_bytes"], 8 * study["parameters"])
        self.assertTrue(all(p["extrapolated"] and p["ranks"] > 2 for p in study["predictions"]))
        # What the machine was doing beside this decides which of them is said.
        self.assertRegex(output, r"efficiency on 2 ranks is >= 90 %|no number of points makes the efficiency|measured on 2 ranks: an efficiency of")
        lines = (self.folder / "study/study.csv").read_text().splitlines()
        self.assertEqual(len(lines), 5)
        text = self.check_pictures("study", {"speed-up", "efficiency", "points-per-rank", "time", "memory", "split"})
        self.assertIn("both times with the same N points", text)

        # Again: nothing is started, the result is the same.
        before = (self.folder / "study/runs/p0002-n00004000-r2/summary.json").stat().st_mtime_ns
        self.assertIn("8 of 8 runs are there already", self.run_program(*STRONG, *UNBOUND, "--points", "1.9k,4000", "--output", "study").output)
        self.assertEqual(before, (self.folder / "study/runs/p0002-n00004000-r2/summary.json").stat().st_mtime_ns)
        self.assertEqual([c["seconds"] for c in self.study("study")["configurations"]], [c["seconds"] for c in study["configurations"]])
        # Another study is not written over.
        for other in (("--steps", "9"), ("--steps", "8", "--set", "network.hidden=[8]")):
            result = self.run_program(*OTHER, *other, "--output", "study", status=2)
            self.assertIn("holds another study", result.output)
        self.run_program(*OTHER, "--steps", "2", "--output", "study", "--force")
        self.assertTrue((self.folder / "study.old-1/study.json").exists())

    def test_weak_measures_one_rank_with_all_the_points(self):
        self.run_program("scale", "weak", "heat.toml", "--ranks", "2", "--points", "1000", "--repeats", "1", "--steps", "5", "--output", "weak", *UNBOUND)
        one, two = self.study("weak")["configurations"]
        self.assertEqual((one["ranks"], one["points"], one["reference"]), (1, 2000, True))
        self.assertEqual((two["ranks"], two["points"], two["reference"]), (2, 2000, False))
        self.assertIsNotNone(two["efficiency"])

    def test_memory(self):
        self.run_program("scale", "memory", "heat.toml", "--ranks", "1,2", "--points", "2000,20k", "--repeats", "1", "--steps", "3", "--output", "memory", *UNBOUND)
        study = self.study("memory")
        for c in study["configurations"]:
            self.assertGreater(c["peak_memory_mib"], 10)
            self.assertGreater(c["runs"][0]["used_mib"] / c["runs"][0]["minimum_mib"], 0.99)
        self.assertIsNone(study["model"])
        self.check_pictures("memory", {"memory", "memory-overhead", "split"})

    def test_a_run_that_fails_leaves_a_hole(self):
        # More memory than the config allows, for the larger number of points alone.
        output = self.run_program("scale", "strong", "heat.toml", "--ranks", "1", "--points", "2000,20M", "--repeats", "1", "--steps", "3",
                                  "--set", 'run.memory_limit="200 MiB"', "--output", "hole", status=2).output
        self.assertIn("failed: status 2", output)
        small, large = self.study("hole")["configurations"]
        self.assertEqual(small["seconds"]["samples"], 1)
        self.assertIsNone(large["seconds"])
        self.assertEqual((large["runs"][0]["state"], large["runs"][0]["status"]), ("failed", 2))
        self.assertIn("memory", large["runs"][0]["reason"])
        page = (self.folder / "hole/index.html").read_text()
        self.assertIn('class="hole"', page)
        self.assertIn("failed: status 2", page)

    def test_until(self):
        self.write("easy.toml", program.HEAT.replace("steps = 20", "steps = 60"))
        common = ("scale", "strong", "easy.toml", "--ranks", "1", "--repeats", "1", "--set", "output.evaluate_every=10")
        self.run_program(*common, "--until", "error=0.999", "--output", "reached")
        c, = self.study("reached")["configurations"]
        self.assertGreater(c["seconds"]["median"], 0)
        result = self.run_program(*common, "--until", "error=1e-9", "--output", "never", status=3)
        self.assertIn("never reached", result.output)
        self.assertIsNone(self.study("never")["configurations"][0]["seconds"])

    def test_refused_before_anything_is_started(self):
        (self.folder / "file").write_text("")
        cases = [
            (("--ranks", "1,two"), "--ranks wants whole numbers"),
            (("--ranks", "0"), "--ranks wants whole numbers"),
            (("--ranks", "1", "--points", "10,-5"), "--points wants whole numbers"),
            (("--ranks", "1", "--points", "1.5"), "--points wants whole numbers"),
            (("--ranks", "100000"), "cores"),
            (("--ranks", "8", "--points", "5", "--oversubscribe"), "fewer than the 8 ranks"),
            (("--ranks", "1", "--points", "2"), "fewer than the 3 terms"),
            (("--ranks", "1", "--steps", "0"), "--steps must be at least 1"),
            (("--ranks", "1", "--until", "loss=1"), "--until wants error="),
            (("--ranks", "1", "--output", "file"), "is not a folder"),
            (("--ranks", "1", "--output", "/proc/study"), "/proc/study"),
            (("--ranks", "1", "--set", "network.hiden=[8]"), "hiden"),
        ]
        for arguments, words in cases:
            result = self.run_program("scale", "strong", "heat.toml", *arguments, status=2)
            self.assertIn(words, result.output)
            self.assertEqual(len([line for line in result.output.splitlines() if line.startswith("jetpinn:")]), 1, result.output)
        self.assertFalse((self.folder / "studies").exists())
        os.environ.update(SLURM_JOB_ID="7", SLURM_NTASKS="2")
        self.assertIn("this Slurm allocation has 2 tasks", self.run_program("scale", "strong", "heat.toml", "--ranks", "4", status=2).output)

    def test_not_under_mpirun(self):
        result = self.run_program(*STRONG, ranks=2, status=2)
        self.assertEqual(result.output.count("starts its runs itself"), 1)

    def test_a_stop_leaves_a_study_that_goes_on(self):
        arguments = ("scale", "strong", "heat.toml", "--ranks", "1", "--repeats", "2", "--steps", "3000000", "--output", "stopped")
        self.stop_a_study(*arguments, run_folder="stopped/runs/p0001-n00001900-r1", how=signal.SIGTERM)
        self.assertIsNone(self.study("stopped")["configurations"][0]["seconds"])


if __name__ == "__main__":
    program.main()
