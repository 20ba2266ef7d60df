"""Conditions that fields meet by their form: on any number of ranks, in every output, and on borders of shapes."""
import json
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

HEAT = """
name = "heat"
[problem]
coordinates = ["t", "x"]
domain = { t = [0, 1], x = [0, 1] }
[[problem.equations]]
name = "heat"
residual = "u_t - 0.1*u_xx"
[[problem.conditions]]
name = "initial"
on = "t == 0"
residual = "u - sin(pi*x)"
hard = true
[[problem.conditions]]
name = "walls"
on = "x == 0 || x == 1"
residual = "u"
hard = true
[reference]
exact = { u = "exp(-0.1*pi^2*t)*sin(pi*x)" }
[network]
hidden = [16, 16]
[sampling]
points = { heat = 600 }
[training]
reproducibility = "ranks"
[[training.stages]]
optimizer = "adam"
learning_rate = 0.005
steps = 300
[[training.stages]]
optimizer = "lbfgs"
steps = 200
"""

ANGLE = """
name = "angle"
[problem]
coordinates = ["x", "y"]
domain = { x = [-1, 1], y = [-1, 1] }
[geometry]
domain = "angle - disk"
[geometry.shapes]
angle = { polygon = [[-1, -1], [1, -1], [1, 0], [0, 0], [0, 1], [-1, 1]] }
disk = { disk = { center = [-0.5, -0.5], radius = 0.25 } }
[[problem.equations]]
name = "poisson"
residual = "laplacian(u) + 2*(x + y) - 4"
[[problem.conditions]]
name = "border"
on = "boundary"
residual = "u - x*(1 - x)*y - y^2*(2 - x)"
hard = true
[reference]
exact = { u = "x*(1 - x)*y + y^2*(2 - x)" }
[network]
hidden = [16, 16]
[sampling]
points = { poisson = 1000 }
[[training.stages]]
optimizer = "lbfgs"
steps = 150
"""


class Hard(program.Case):
    def setUp(self):
        super().setUp()
        self.write("heat.toml", HEAT)
        self.write("angle.toml", ANGLE)

    def train(self, config, output, *sets, ranks=1):
        options = [word for one in sets for word in ("--set", one)]
        self.run_program("train", config, "--output", output, *options, ranks=ranks)
        return self.summary(output)

    def test_the_network_learns_what_is_left(self):
        hard = self.train("heat.toml", "hard")
        self.assertLess(hard["error"]["u"]["rel_l2"], 1e-3)
        for name in ("initial", "walls"):
            self.assertLess(hard["terms"][name], 1e-24)
        first = json.loads((self.folder / "hard/metrics.jsonl").read_text().splitlines()[0])
        self.assertLess(first["terms"]["initial"], 1e-24)
        self.assertEqual(self.train("heat.toml", "three", ranks=3)["parameter_hash"], hard["parameter_hash"])

    def test_what_is_left_knows_it(self):
        self.train("heat.toml", "run", "training.stages.0.steps=20", "training.stages.1.steps=0")
        self.run_program("predict", "run", "--grid", "t=0:1:5,x=0:1:9", "--file", "solution.h5")
        with h5py.File(self.folder / "solution.h5") as file:
            t, x, u = (numpy.asarray(file[name]) for name in ("t", "x", "u"))
        at_first, at_walls = t == 0, (x == 0) | (x == 1)
        self.assertGreater(at_first.sum(), 4)
        numpy.testing.assert_allclose(u[at_first], numpy.sin(numpy.pi * x[at_first]), atol=1e-14)
        numpy.testing.assert_allclose(u[at_walls], 0, atol=1e-14)
        self.assertGreater(numpy.abs(u).max(), 0.5)
        output = self.run_program("evaluate", "run", "--physics").output
        self.assertIn("walls", output)

    # With one exact solution, which G alone meets: what the network adds has to go to zero, through the corner too.
    def test_borders_of_shapes(self):
        summary = self.train("angle.toml", "angle")
        self.assertLess(summary["terms"]["border"], 1e-20)
        self.assertLess(summary["error"]["u"]["rel_l2"], 1e-2)

    def test_fp32_holds_to_its_rounding(self):
        summary = self.train("heat.toml", "single", "training.precision=fp32", "training.stages.0.steps=50", "training.stages.1.steps=0")
        for name in ("initial", "walls"):
            self.assertLess(summary["terms"][name], 1e-10)

    def test_points_follow_where_something_is_left(self):
        output = self.run_program("check", "heat.toml", "--set", "sampling.adaptive.method=rad").output
        self.assertIn("terms heat\n", output)
        output = self.run_program("check", "heat.toml", "--set", 'sampling.adaptive={ method = "rad", terms = ["walls"] }', status=2).output
        self.assertIn("it is hard", output)


if __name__ == "__main__":
    program.unittest.main()
