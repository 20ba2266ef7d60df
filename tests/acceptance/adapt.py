"""adapt RUN: a network follows new measurements, keeps the problem's statements and its zeros, and takes back what makes it worse."""
import json
import pathlib
import shutil
import subprocess
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402
from configs import HEAT  # noqa: E402

STAGES = ("--set", "training.stages.0.steps=200", "--set", "training.stages.0.learning_rate.start=5e-3")
BOLD = {"--rate": "1e-3", "--allowed": "0.5", "--set": "sampling.points={ heat = 256, initial = 64, walls = 64 }"}


def bold(*options):
    """BOLD with other values."""
    chosen = BOLD | dict(zip(options[::2], options[1::2]))
    return [word for option in chosen.items() for word in option]


def rows(count, first=0):
    t, x = numpy.random.default_rng(4).random((2, 2000))[:, first:first + count]
    return {"t": t, "x": x, "u": numpy.exp(-0.1 * numpy.pi**2 * t) * numpy.sin(numpy.pi * x)}


def wrong(count):
    return {name: column + (5 if name == "u" else 0) for name, column in rows(count).items()}


class Adapt(program.Case):
    def setUp(self):
        super().setUp()
        self.run_program("train", "heat.toml", "--output", "run", "--quiet", *STAGES)

    def table(self, columns, name="new.h5"):
        with h5py.File(self.folder / name, "w") as file:
            for column, values in columns.items():
                file[column] = values
        return name

    def adapt(self, output, *options, data="new.h5", **how):
        return self.run_program("adapt", "run", "--data", data, "--output", output, *bold(*options), **how).output

    def piped(self, output, text, status=0):
        command = [program.program, "adapt", "run", "--data", "-", "--output", output, *bold()]
        done = subprocess.run(command, cwd=self.folder, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def parameters(self, folder):
        with h5py.File(self.folder / folder / "network.h5") as file:
            return file["parameters"][:]

    def updates(self, folder):
        return [json.loads(line) for line in (self.folder / folder / "updates.jsonl").read_text().splitlines()]

    def error(self, folder):
        self.run_program("evaluate", folder, "--quiet")
        return json.loads((self.folder / folder / "evaluation.json").read_text())["error"]["u"]["rel_l2"]

    def same(self, a, b):
        numpy.testing.assert_array_equal(self.parameters(a), self.parameters(b), f"{a} and {b}")

    def test_it_learns_alike_on_any_number_of_ranks(self):
        self.table(rows(640))
        for ranks in (1, 2, 3):
            output = self.adapt(f"ranks{ranks}", "--steps", "60", ranks=ranks)
            self.assertIn("10 updates of 640 rows", output)
        self.same("ranks1", "ranks2")
        self.same("ranks1", "ranks3")
        updates = self.updates("ranks1")
        self.assertEqual([update["update"] for update in updates], list(range(1, 11)))
        self.assertTrue(all(update["seconds"] > 0 for update in updates))
        self.assertLess(self.error("ranks1"), 0.8 * self.error("run"))
        self.assertLess(updates[-1]["validation"], updates[0]["validation_before"])
        self.assertGreater(self.summary("ranks1")["latency_s"]["median"], 0)

    def test_it_goes_on_where_it_stopped(self):
        self.table(rows(320))
        self.adapt("whole")
        self.table(rows(192))
        self.adapt("parts")
        self.table(rows(320))   # more rows have come
        self.adapt("parts", ranks=2)
        self.same("whole", "parts")
        self.assertEqual(len(self.updates("parts")), 5)
        self.assertIn("no further measurements after 5 updates", self.adapt("parts"))

    def test_what_makes_it_worse_is_taken_back(self):
        self.table(wrong(64))
        output = self.adapt("adapted", "--rate", "0.1", "--allowed", "0.1")
        self.assertIn("taken back", output)
        self.assertIn("1 taken back", output)
        self.same("run", "adapted")
        self.assertFalse(self.updates("adapted")[0]["kept"])

    def test_drift_is_told(self):
        good, bad = rows(320), wrong(320)
        self.table({name: numpy.concatenate([good[name], bad[name]]) for name in good})
        output = self.adapt("adapted", "--steps", "1")
        self.assertIn("drift: the error of new rows is", output)
        drifts = [update["drifts"] for update in self.updates("adapted")]
        self.assertEqual(drifts[:5], [False] * 5)
        self.assertTrue(drifts[-1])

    def test_lines_on_standard_input(self):
        columns = rows(100)
        self.adapt("table", data=self.table(columns))
        names = list(columns)
        lines = [dict(zip(names, row)) for row in zip(*(columns[name].tolist() for name in names))]
        self.piped("json", "\n".join(map(json.dumps, lines)) + "\n")
        self.piped("csv", "u,x,other,t\n" + "".join(f"{line['u']!r},{line['x']!r},7,{line['t']!r}\n" for line in lines))
        self.same("table", "json")
        self.same("table", "csv")
        # What came before nonsense is learned.
        output = self.piped("bad", "\n".join(map(json.dumps, lines[:70])) + "\n{\"t\": 0.1, \"x\": \"near\", \"u\": 1}\n", status=2)
        self.assertIn("standard input:71: 'x' is no finite number", output)
        self.assertEqual([update["rows"] for update in self.updates("bad")], [64, 6])

    def test_zeros_stay_zero(self):
        with h5py.File(self.folder / "run/network.h5", "r+") as file:
            parameters = file["parameters"][:]
            weights = slice(48, 48 + 256)   # 2x16 and 16 of the first layer, then 16x16
            parameters[weights][::3] = 0
            file["parameters"][...] = parameters
        zeros = numpy.flatnonzero(parameters[weights] == 0)
        self.assertGreater(len(zeros), 80)
        self.table(rows(128))
        self.adapt("adapted", "--allowed", "100")
        adapted = self.parameters("adapted")
        self.assertTrue((adapted[weights][zeros] == 0).all())
        self.assertGreater((adapted != parameters).sum(), 150)

    def test_what_cannot_be_adapted(self):
        def refused(words, *options, ranks=1, data="new.h5"):
            output = self.run_program("adapt", "run", "--data", data, *options, ranks=ranks, status=2).output
            for word in words:
                self.assertIn(word, output)

        self.table(rows(10))
        refused(["'t' is missing"], data=self.table({"x": [0.5], "u": [1.0]}, "no_t.h5"), ranks=2)
        refused(["no field was measured", "'u'"], data=self.table({"x": [0.5], "t": [1.0]}, "no_u.h5"))
        refused(["nowhere.h5"], data="nowhere.h5", ranks=3)
        refused(["is the run itself"], "--output", "run")
        refused(["--batch"], "--batch", "0")
        refused(["--rate"], "--rate", "fast")
        refused(["holds no measurements"], data="-")
        shutil.copytree(self.folder / "run", self.folder / "other")
        refused(["was not adapted"], "--output", "other", ranks=2)
        self.assertFalse((self.folder / "run-adapted").exists())


if __name__ == "__main__":
    program.main()
