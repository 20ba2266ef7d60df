"""Several [[networks]], each with its fields, and equations with regions: trained, resumed, predicted, compared, begun with, on several
ranks and by the reference engine."""
import json
import pathlib
import sys

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

LAYERS = """
name = "layers"
[problem]
coordinates = ["x", "y"]
fields = ["a", "b"]
domain = { x = [-1, 1], y = [0, 1] }
[[problem.equations]]
name = "left"
in = "x < 0"
residual = "laplacian(a) + x"
[[problem.equations]]
name = "right"
in = "x > 0"
residual = "2*laplacian(b) + x"
[[problem.conditions]]
name = "interface"
on = "x == 0"
residual = ["a - b", "d(a, x) - 2*d(b, x)"]
[reference]
exact = { a = "sqrt(-x)", b = "y" }
[[networks]]
fields = ["b"]
hidden = [8, 8]
kind = "modified_mlp"
[[networks]]
fields = ["a"]
hidden = [6]
activation = "sin"
output = { a = "x*a + b" }
[sampling]
points = { left = 200, right = 300, interface = 20 }
[training]
seed = 3
reproducibility = "ranks"
[[training.stages]]
optimizer = "adam"
steps = 12
"""


class Networks(program.Case):
    def setUp(self):
        super().setUp()
        self.write("layers.toml", LAYERS)

    def hash(self, run):
        return self.summary(run)["parameter_hash"]

    def test_same_bits_on_any_ranks_and_resumed(self):
        for ranks in (1, 2, 3):
            self.run_program("train", "layers.toml", "--quiet", "--output", f"on{ranks}", ranks=ranks)
        self.assertEqual(self.hash("on1"), self.hash("on2"))
        self.assertEqual(self.hash("on1"), self.hash("on3"))
        self.run_program("train", "layers.toml", "--quiet", "--output", "parts", "--set", "training.stages.0.steps=5", ranks=2)
        self.assertNotEqual(self.hash("parts"), self.hash("on1"))
        self.run_program("train", "layers.toml", "--quiet", "--output", "parts")
        self.assertEqual(self.hash("parts"), self.hash("on1"))
        # Another size of one network is another run.
        output = self.run_program("train", "layers.toml", "--output", "parts", "--set", "networks.1.hidden=[7]", status=2).output
        self.assertIn("networks.1.hidden: [6] -> [7]", output)

    def test_the_reference_engine_agrees(self):
        for engine in ("jets", "reference"):
            self.run_program("train", "layers.toml", "--quiet", "--output", engine, "--set", f"training.engine={engine}")
        self.assertAlmostEqual(self.summary("jets")["loss"] / self.summary("reference")["loss"], 1, delta=1e-9)

    def test_predicts_and_compares_where_equations_hold(self):
        self.run_program("train", "layers.toml", "--quiet", "--output", "run")
        self.run_program("predict", "run", "--grid", "x=-1:1:41,y=0:1:11", "--quantities", "a, b, a_x - b_x")
        with h5py.File(self.folder / "run/solution.h5") as file:
            values = {name: file[name][:] for name in ("x", "y", "a", "b")}
        self.assertTrue(np.allclose(values["a"][values["x"] == 0], values["b"][values["x"] == 0], atol=1e-12))   # by the transform
        sys.path.insert(0, str(program.root / "docs"))
        from load import load
        read = load(self.folder / "run/network.h5")(x=values["x"], y=values["y"])
        for field in "ab":
            self.assertLess(np.abs(read[field] - values[field]).max(), 1e-12)
        self.run_program("evaluate", "run")
        evaluation = json.loads((self.folder / "run/evaluation.json").read_text())
        self.assertEqual([note.split(",")[0] for note in evaluation["notes"]], [f"{field} is compared where its equations hold" for field in "ab"])
        # The error of the run is that of the networks on the grid of evaluate, 100 x 100, in x < 0 and x > 0.
        x, y = np.meshgrid(np.linspace(-1, 1, 100), np.linspace(0, 1, 100), indexing="ij")
        fields, summary = load(self.folder / "run/network.h5")(x=x, y=y), self.summary("run")["error"]
        for field, where, exact in (("a", x < 0, np.sqrt(np.abs(x))), ("b", x > 0, y)):
            error = np.linalg.norm((fields[field] - exact)[where]) / np.linalg.norm(exact[where])
            for found in (summary, evaluation["error"]):
                self.assertAlmostEqual(found[field]["rel_l2"] / error, 1, delta=1e-9)

    def test_begins_with_another_run(self):
        self.run_program("train", "layers.toml", "--quiet", "--output", "first")
        begin = ("--set", "training.start_from=first", "--set", "training.stages.0.steps=0")
        self.run_program("train", "layers.toml", "--quiet", "--output", "second", *begin, ranks=2)
        self.assertEqual(self.hash("second"), self.hash("first"))
        refused = ("check", "layers.toml", *begin)
        for other, says in (("networks.0.hidden=[9, 9]", "networks.0.hidden is [8, 8] there and [9, 9] here"),
                            ("networks.1.activation=tanh", "networks.1.activation is sin there and tanh here"),
                            ("networks=[{ fields = ['a', 'b'] }]", "the number of networks is 2 there and 1 here")):
            self.assertIn(says, self.run_program(*refused, "--set", other, status=2).output)

    def test_check_and_report(self):
        output = self.run_program("check", "layers.toml").output
        self.assertIn("network    modified_mlp 2-8-8-8-8-1 tanh for b, mlp 2-6-1 sin for a, ", output)
        self.run_program("train", "layers.toml", "--quiet", "--output", "run")
        self.run_program("report", "run")

    def test_refused(self):
        cases = (
            ('fields = ["a"]', 'fields = ["a", "b"]', "the field 'b' has a network already"),
            ('fields = ["b"]\n', 'fields = ["c"]\n', "'c' is not a field"),
            ('fields = ["a", "b"]\ndomain', 'fields = ["a", "b", "c"]\ndomain', "the field 'c' belongs to no network"),
            ("[sampling]", "[network]\nhidden = [3]\n[sampling]", "[network] and [[networks]] are both given"),
            ("hidden = [8, 8]", "hidden = [8, 9]", "network 'b': network.hidden[1] is 9"),
            ('in = "x < 0"', 'in = "x == 0"', "described by inequalities"),
            ('in = "x < 0"', 'in = "x < a"', "'a' is a field"))

        def refuse(case):
            number, (old, new, says) = case
            self.assertIn(old, LAYERS)
            self.write(f"bad{number}.toml", LAYERS.replace(old, new, 1))
            output = self.run_program("check", f"bad{number}.toml", status=2).output
            self.assertIn(says, output)
            if "hidden[1]" not in says:   # a network is built behind the config
                self.assertIn(f"bad{number}.toml:", output)

        program.side_by_side(refuse, list(enumerate(cases)))


if __name__ == "__main__":
    program.main()
