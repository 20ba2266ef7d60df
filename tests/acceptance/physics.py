"""evaluate --physics: how well each statement is met, alone and against another run."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402
from configs import HEAT  # noqa: E402

sys.path.insert(0, str(program.root / "docs"))
sys.dont_write_bytecode = True
from load import load  # noqa: E402

PLAIN = HEAT[:HEAT.index("[reference]")] + HEAT[HEAT.index("[network]"):]   # without a reference
KINDS = PLAIN.replace("[network]", """[[problem.conditions]]
name = "falls"
on = "t > 0.5"
residual = "max(u_t, 0)"
[[problem.conditions]]
name = "start"
on = "t == 0"
residual = ["u_x", "2*u_t"]
[[problem.conditions]]
name = "mean"
on = "t == 1"
residual = "u - 0.2"
reduction = "square_of_mean"
[[problem.conditions]]
name = "same"
on = "x == 0"
pair = "x == 1"
residual = "u - other(u)"
[[problem.conditions]]
name = "rows"
points = "rows.h5"
residual = "u - data.seen"
holdout = 0.5
[network]""").replace("heat = 1300,", "falls = 50, start = 50, mean = 50, same = 50, heat = 1300,")


class Physics(program.Case):
    def train(self, name, text, *options):
        self.write(f"{name}.toml", text)
        self.run_program("train", f"{name}.toml", "--output", name, "--quiet", *options)

    def evaluate(self, run, *options, ranks=1, status=0):
        output = self.run_program("evaluate", run, "--physics", *options, ranks=ranks, status=status).output
        return output, json.loads((self.folder / run / "evaluation.json").read_text())

    def refused(self, *arguments, words, status=2, ranks=1):
        output = self.run_program("evaluate", *arguments, status=status, ranks=ranks).output
        for word in words:
            self.assertIn(word, output)

    def test_every_kind_of_statement(self):
        with h5py.File(self.folder / "rows.h5", "w") as file:
            places = numpy.random.default_rng(0).random((2, 400))
            file["t"], file["x"], file["seen"] = *places, places[0] * 0 + 0.25
        self.train("kinds", KINDS)
        first = None
        for ranks in (1, 2, 3, 4):
            output, document = self.evaluate("kinds", ranks=ranks)
            fit = document.pop("held_out")["rows"]["u"]   # sums over ranks, beside statements: they round as ranks divide the rows
            first = first or (output, document, fit)
            self.assertEqual((output, document), first[:2], f"{ranks} ranks")
            for key in ("rows", "mae", "rmse"):   # the values seen are all one: there is no R2
                self.assertAlmostEqual(fit[key], first[2][key], delta=1e-13 * first[2][key])
            self.assertIsNone(fit["r2"])
        self.assertNotIn("error", document)
        physics = document["physics"]
        self.assertEqual(list(physics), ["heat", "initial", "walls", "falls", "start", "mean", "same", "rows"])
        for name, measure in physics.items():
            self.assertIn(f"\n{name} ", output)
            self.assertGreaterEqual(measure["max"], measure["mean"], name)
            self.assertGreater(measure["mean"], 0, name)
            self.assertTrue(0 <= measure["violations"] <= 1, name)
        self.assertEqual(physics["mean"]["points"], 1)
        self.assertTrue(150 < physics["rows"]["points"] < 250)
        # By hand, from the network's file at a grid: means and sizes to the accuracy of the points.
        fields = load(self.folder / "kinds/network.h5")
        line, t, x = numpy.linspace(0, 1, 2001), *numpy.meshgrid(numpy.linspace(0, 1, 401), numpy.linspace(0, 1, 401), indexing="ij")
        size = numpy.sqrt((fields(t=t, x=x)["u"]**2).mean())
        walls = numpy.abs(numpy.concatenate([fields(t=line, x=0 * line + side)["u"] for side in (0, 1)]))
        for found, expected in ((physics["walls"]["mean"], walls.mean()), (physics["walls"]["max"], walls.max()), (physics["walls"]["size"], size)):
            self.assertLess(abs(found - expected), 0.01 * expected)
        self.assertLess(abs(physics["walls"]["violations"] - (walls > 0.01 * size).mean()), 0.01)
        mean = fields(t=0 * line + 1, x=line)["u"].mean() - 0.2
        self.assertLess(abs(physics["mean"]["mean"] - abs(mean)), 0.01 * abs(mean))
        late = t > 0.5
        falls = numpy.maximum(fields(1, t=t[late], x=x[late])["u_t"], 0)
        self.assertLess(abs(physics["falls"]["max"] - falls.max()), 0.02 * falls.max())
        starts = fields(1, t=0 * line, x=line)
        start = numpy.hypot(starts["u_x"], 2 * starts["u_t"])
        self.assertLess(abs(physics["start"]["mean"] - start.mean()), 0.01 * start.mean())

    def test_with_a_reference_both_are_told(self):
        self.train("heat", HEAT)
        output, document = self.evaluate("heat", "--quiet")
        self.assertIn("u: relative L2 error", output)
        self.assertEqual(set(document["physics"]), {"heat", "initial", "walls"})
        self.assertEqual(document["error"]["u"]["rel_l2"], self.summary("heat")["error"]["u"]["rel_l2"])
        self.run_program("evaluate", "heat")
        self.assertNotIn("physics", json.loads((self.folder / "heat/evaluation.json").read_text()))

    def test_before_and_after(self):
        self.train("before", PLAIN)
        self.train("after", PLAIN, "--set", "training.stages.0.steps=60", "--set", "network.hidden=[12]", "--set", "training.seed=9")
        for ranks in (1, 2, 3):
            output, document = self.evaluate("before", "--against", "before", ranks=ranks)
            self.assertIn("the allowed change of 10 % against before is kept", output)
            self.assertEqual({measure["change"] for measure in document["physics"].values()}, {0})
        alone = self.evaluate("before")[1]["physics"]
        _, document = self.evaluate("after", "--against", "before", "--allowed", "1e5", ranks=2)
        for name, measure in document["physics"].items():
            self.assertEqual(measure["before"], alone[name])
            scale = max(measure["before"]["mean"], 0.01 * measure["before"]["size"])
            self.assertAlmostEqual(measure["change"], (measure["mean"] - measure["before"]["mean"]) / scale, places=12)
        self.assertEqual(document["against"], {"run": "before", "allowed": 1e5, "kept": True})
        worst = max(measure["change"] for measure in document["physics"].values())
        if worst <= 0.05:
            self.fail(f"the second network is no worse in anything: {document}")
        name = max(document["physics"], key=lambda name: document["physics"][name]["change"])
        for ranks in (1, 3):
            output, document = self.evaluate("after", "--against", "before", "--allowed", str(0.9 * worst), ranks=ranks, status=3)
            self.assertIn(f"{name} (+", output)
            self.assertFalse(document["against"]["kept"])
            self.assertEqual(output.count("jetpinn:"), 1, output)
        self.evaluate("after", "--against", "before", "--allowed", str(1.1 * worst))

    def test_statements_are_compared_by_their_names(self):
        """The same conditions in another order; then with other points, another reduction, other rows held out."""
        with h5py.File(self.folder / "rows.h5", "w") as file:
            places = numpy.random.default_rng(0).random((2, 400))
            file["t"], file["x"], file["seen"] = *places, places[0] * 0 + 0.25
        begin, end = KINDS.index("[[problem.conditions]]"), KINDS.index("[network]")
        conditions = KINDS[begin:end].split("[[problem.conditions]]")[1:]

        def turned(changes):
            texts = list(reversed(conditions))
            for old, new in changes.items():
                self.assertEqual(sum(old in text for text in texts), 1, old)
                texts = [text.replace(old, new) for text in texts]
            return KINDS[:begin] + "".join("[[problem.conditions]]" + text for text in texts) + KINDS[end:]

        few = ("--set", "training.stages.0.steps=20")
        self.train("plain", KINDS, *few)
        self.train("turned", turned({}), *few)
        alone = self.evaluate("turned")[1]["physics"]
        for ranks in (1, 3):
            output, document = self.evaluate("plain", "--against", "turned", "--allowed", "1e6", ranks=ranks)
            self.assertNotIn("not compared", output)
            for name, measure in document["physics"].items():
                # At other points of the same statement, and against its own size.
                self.assertLess(abs(measure["before"]["mean"] / alone[name]["mean"] - 1), 0.05, name)
                self.assertLess(abs(measure["before"]["size"] / alone[name]["size"] - 1), 0.05, name)
                self.assertEqual(measure["before"]["points"], measure["points"])
        changes = {'on = "t > 0.5"': 'on = "t > 0.25"', 'reduction = "square_of_mean"\n': "", "holdout = 0.5": "holdout = 0.25"}
        self.train("other", turned(changes), *few)
        for ranks in (1, 2):
            output, document = self.evaluate("plain", "--against", "other", "--allowed", "1e6", ranks=ranks)
            for name, measure in document["physics"].items():
                reason = {"falls": "its points lie elsewhere", "mean": "squares its mean", "rows": "rows, there in"}.get(name)
                self.assertEqual("before" in measure, reason is None, name)
                self.assertEqual("change" in measure, reason is None, name)
                if reason:
                    self.assertIn(reason, measure["not_compared"])
                    self.assertIn(f"{name} is not compared with other: ", output)
            self.assertEqual(document["against"]["kept"], True)
        # None is left.
        one = PLAIN[:PLAIN.index("[[problem.conditions]]")] + PLAIN[PLAIN.index("[network]"):]
        one = one.replace(one[one.index("points"):one.index("}", one.index("points")) + 1], "points = { heat = 100 }")
        self.train("one", one, *few)
        self.train("part", one.replace('residual = "', 'in = "t > 0.5"\nresidual = "', 1), *few)
        self.refused("one", "--physics", "--against", "part", words=["no statement of one can be compared", "its points lie elsewhere"], ranks=2)

    def test_memory_does_not_hold_the_points(self):
        """Of a row that is held out there is its number: 8 bytes, and as many again and again while the list of them grows."""
        peaks = {}
        for rows in (20_000, 1_500_000):
            with h5py.File(self.folder / "rows.h5", "w") as file:
                places = numpy.random.default_rng(0).random((2, rows))
                file["t"], file["x"], file["seen"] = *places, places[0]
            text = PLAIN.replace("[network]", '[[problem.conditions]]\nname = "rows"\npoints = "rows.h5"\n'
                                 'residual = "u*u + u - data.seen"\nholdout = 0.9\n[network]')
            self.train(f"rows{rows}", text, "--set", "training.stages.0.steps=1")
            process = subprocess.Popen([program.program, "evaluate", f"rows{rows}", "--physics", "--quiet"], cwd=self.folder, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
            self.assertEqual(status, 0)
            peaks[rows] = usage.ru_maxrss * 1024
        (few, least), (many, most) = peaks.items()
        print(f"{(most - least) / (many - few):.0f} bytes for each row")
        self.assertLess(most - least, 40 * (many - few))

    def test_networks_that_give_no_numbers_are_not_kept(self):
        self.train("before", PLAIN)
        shutil.copytree(self.folder / "before", self.folder / "after")
        with h5py.File(self.folder / "after/network.h5", "r+") as file:
            file["parameters"][...] = 1e200
        output, document = self.evaluate("after", "--against", "before", status=3)
        self.assertFalse(document["against"]["kept"])

    def test_what_cannot_be_compared(self):
        self.train("heat", PLAIN)
        self.train("other", PLAIN, "--set", "problem.constants.kappa=0.2")
        self.refused("heat", "--physics", "--against", "other", words=["'heat'", "do not state the same problem"], ranks=2)
        self.refused("heat", "--physics", "--against", "nowhere", words=["nowhere"], ranks=3)
        self.refused("heat", "--against", "other", words=["--against", "--physics"])
        self.refused("heat", "--physics", "--allowed", "0.2", words=["--allowed", "--against"])
        self.refused("heat", "--physics", "--against", "heat", "--allowed", "-1", words=["--allowed"])
        self.refused("heat", "--physics", "--against", "heat", "--allowed", "little", words=["--allowed"])
        self.refused("heat", words=["no [reference]", "--physics"])


if __name__ == "__main__":
    program.main()
