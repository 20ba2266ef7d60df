"""perf/compare on files made up for it: equal, slower, faster, missing, wrong, measured elsewhere, unusable."""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

root = pathlib.Path(sys.argv.pop(1)).resolve()

REPORT = {
    "schema": 1, "benchmark": "predict", "verified": True,
    "machine": {"hosts": ["a"], "processor": "P", "processors": 2, "ranks": 1, "memory_bytes": 2**33, "jetpinn": "1", "date": "d", "load_average": 0.1},
    "config": {"config": "a.toml", "parameters": 33},
    "results": [{"name": "fields", "parameters": {"precision": p, "points": 1000}, "verified": True, "figures": {},
                 "seconds": {"samples": 5, "median": m, "lower": 0.99 * m, "upper": 1.01 * m, "min": 0.98 * m, "max": 1.1 * m}}
                for p, m in (("fp64", 2.0), ("fp32", 1.0))],
}


class Compare(unittest.TestCase):
    def compare(self, change, *options, status):
        """Runs perf/compare on the report and a changed copy of it; `change` may be a text to use instead."""
        other = copy.deepcopy(REPORT)
        if callable(change):
            change(other)
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder) / name for name in ("a.json", "b.json")]
            files[0].write_text(json.dumps(REPORT))
            files[1].write_text(json.dumps(other) if callable(change) else change)
            done = subprocess.run([sys.executable, root / "perf/compare", *files, *options], text=True, capture_output=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    @staticmethod
    def scaled(factor, result=0):
        def change(report):
            seconds = report["results"][result]["seconds"]
            for key in ("median", "lower", "upper", "min", "max"):
                seconds[key] *= factor
        return change

    def test_equal(self):
        text = self.compare(lambda report: None, status=0)
        self.assertEqual(text.count("same"), 2, text)

    def test_order_of_results_and_parameters_does_not_matter(self):
        def change(report):
            report["results"].reverse()
            for result in report["results"]:
                result["parameters"] = dict(reversed(result["parameters"].items()))
        self.compare(change, status=0)

    def test_slower_beyond_noise(self):
        text = self.compare(self.scaled(1.06), status=1)   # 5 %: the spread of 1 % in both files gives 3 * 1.41 %
        self.assertIn("SLOWER", text)
        self.assertIn("1.060", text)
        self.assertIn("same", text)   # the other one

    def test_slower_within_noise(self):
        self.compare(self.scaled(1.04), status=0)
        self.compare(self.scaled(1.06), "--noise", "0.1", status=0)

    def test_noisy_files_forgive_more(self):
        def change(report):
            self.scaled(1.2)(report)
            report["results"][0]["seconds"].update(lower=2.1, upper=2.7)   # noise 12.5 %
        self.assertNotIn("unclear", self.compare(change, status=0))

    def test_what_noise_hides_is_not_called_the_same(self):
        def change(report):
            report["results"][0]["seconds"].update(lower=1.5, upper=2.5)   # noise 25 %, three times that in all
        self.assertIn("unclear", self.compare(change, status=0))

    def test_faster(self):
        text = self.compare(self.scaled(0.5), status=0)
        self.assertIn("faster", text)

    def test_missing_and_new(self):
        text = self.compare(lambda report: report["results"].pop(), status=1)
        self.assertIn("MISSING", text)

        def renamed(report):
            report["results"][1]["parameters"]["points"] = 2000
        text = self.compare(renamed, status=1)
        self.assertIn("MISSING", text)
        self.assertIn("new", text)

    def test_wrong(self):
        def change(report):
            report["results"][1].update(verified=False, trouble="off by one")
        self.assertIn("WRONG: off by one", self.compare(change, status=1))

    def test_measured_elsewhere(self):
        def ranks(report):
            report["machine"]["ranks"] = 2
        text = self.compare(ranks, status=2)
        self.assertIn("ranks 1 and 2", text)
        self.compare(ranks, "--force", status=0)

        def network(report):
            report["config"]["parameters"] = 34
        self.assertIn("parameters 33 and 34", self.compare(network, status=2))

        def benchmark(report):
            report["benchmark"] = "io"
        self.assertIn("benchmark predict and io", self.compare(benchmark, status=2))

        def moved(report):   # the same config in another place, on a sister machine, with another version
            report["config"]["config"] = "b.toml"
            report["machine"].update(hosts=["b"], jetpinn="2")
        self.compare(moved, status=0)

    def test_unusable(self):
        for text in ("", "[]", "{}", '{"schema": 2, "benchmark": "predict", "results": []}', '{"schema": 1, "benchmark": "predict", "results": []}',
                     '{"schema": 1, "benchmark": "predict", "results": [{"name": "fields"}]}'):
            self.assertIn("perf/compare: ", self.compare(text, status=2))

        def frozen(report):
            report["results"][0]["seconds"]["median"] = 0
        self.compare(frozen, status=2)
        done = subprocess.run([sys.executable, root / "perf/compare", "/nowhere/a.json", "/nowhere/b.json"], text=True, capture_output=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot be read", done.stderr)


if __name__ == "__main__":
    unittest.main()
