"""Problems in the units that they are stated in: scales that are chosen or given, what a run folder keeps of them, and bad ones."""
import json
import pathlib
import sys

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

TRAINING = """
[network]
hidden = [16, 16]
[sampling]
points = {{ {} }}
[[training.stages]]
steps = 300
learning_rate = 3e-3
[[training.stages]]
optimizer = "lbfgs"
steps = 1000
"""

# A slab of steel, 5 mm thick, that cools from 500 K between walls at 300 K, with a source.
SLAB = """
[problem]
coordinates = ["t", "x"]
constants = { rho = 7800, c = 500, k = 40, b = 5e-3, T0 = 300, A = 200, rate = "k*(pi/b)^2/(rho*c)" }
domain = { t = [0, 2], x = [0, "b"] }
fields = ["T"]
scales = "auto"
[[problem.equations]]
name = "heat"
residual = "rho*c*T_t - k*T_xx"
[[problem.conditions]]
name = "start"
on = "t == 0"
residual = "T - T0 - A*sin(pi*x/b)"
[[problem.conditions]]
name = "walls"
on = "x == 0 || x == b"
residual = "T - T0"
[reference]
exact = { T = "T0 + A*exp(-rate*t)*sin(pi*x/b)" }
""" + TRAINING.format("heat = 800, start = 100, walls = 100")

# A plate of 0.2 m with moduli of gigapascals under a load that moves it by micrometres.
PLATE = """
[problem]
coordinates = ["x", "y"]
fields = ["u", "v"]
constants = { lambda = 1.1e11, mu = 8e10, L = 0.2, U = 3e-6 }
domain = { x = [0, "L"], y = [0, "L"] }
scales = "auto"
[problem.definitions]
u_exact = "U*sin(pi*x/L)*sin(pi*y/L)"
v_exact = "U/2*sin(2*pi*x/L)*sin(pi*y/L)"
fx = "-(lambda + 2*mu)*d(u_exact, x, x) - mu*d(u_exact, y, y) - (lambda + mu)*d(v_exact, x, y)"
fy = "-(lambda + 2*mu)*d(v_exact, y, y) - mu*d(v_exact, x, x) - (lambda + mu)*d(u_exact, x, y)"
[[problem.equations]]
name = "balance"
residual = ["(lambda + 2*mu)*u_xx + mu*u_yy + (lambda + mu)*d(v, x, y) + fx", "(lambda + 2*mu)*v_yy + mu*v_xx + (lambda + mu)*d(u, x, y) + fy"]
[[problem.conditions]]
name = "border"
on = "boundary"
residual = ["u", "v"]
[reference]
exact = { u = "u_exact", v = "v_exact" }
""" + TRAINING.format("balance = 800, border = 200")

# The conductivity of the slab from thermometers.
CONDUCTIVITY = SLAB.replace("k = 40, ", "kt = 40, ").replace("k*(pi/b)", "kt*(pi/b)").replace(
    'fields = ["T"]', 'fields = ["T"]\ntrainable = { k = 25 }') + """
[[problem.conditions]]
name = "thermometer"
on = "x == b/2"
residual = "T - T0 - A*exp(-rate*t)"
"""


class Scales(program.Case):
    def setUp(self):
        super().setUp()
        for name, text in (("slab.toml", SLAB), ("plate.toml", PLATE)):
            self.write(name, text)

    def train(self, config, folder, *sets, ranks=1, status=0):
        options = [word for one in sets for word in ("--set", one)]
        return self.run_program("train", config, "--output", folder, *options, ranks=ranks, status=status).output

    def error(self, folder, field):
        return self.summary(folder)["error"][field]["rel_l2"]

    def test_a_slab_in_kelvins_and_millimetres(self):
        output = self.train("slab.toml", "runs/auto")
        self.assertIn("scale T = 500 (asked for by 'start')", output)
        self.assertNotIn("warning: scales", output)
        self.assertLess(self.error("runs/auto", "T"), 1e-3)
        self.train("slab.toml", "runs/given", "problem.scales={ t = '0.6 s', x = '1.6 mm', T = '300 K' }")
        self.assertLess(self.error("runs/given", "T"), 1e-3)

    def test_a_plate_of_gigapascals_and_micrometres(self):
        self.train("plate.toml", "runs/plate")
        for field in ("u", "v"):
            self.assertLess(self.error("runs/plate", field), 2e-2)

    def test_check_tells_them_and_the_folder_keeps_them(self):
        output = self.run_program("check", "slab.toml").output
        for words in ("t = 1 (half its domain)", "x = 0.0025 (half its domain)", "T = 500 (asked for by 'start')", "heat over 3.2e+09"):
            self.assertIn(words, output)
        self.assertIn("{ t = 1.0, x = 0.0025, T = 500.0 }", self.run_program("check", "slab.toml", "--dump-config").output)
        self.train("slab.toml", "runs/few", "training.stages.0.steps=5", "training.stages.1.steps=2")
        self.assertIn("{ t = 1.0, x = 0.0025, T = 500.0 }", (self.folder / "runs/few/config.toml").read_text())
        with h5py.File(self.folder / "runs/few/network.h5") as file:
            self.assertEqual(dict(file["scales"].attrs), {"t": 1.0, "x": 0.0025, "T": 500.0})

    def test_warnings_offer_it_and_are_silent_with_it(self):
        bare = self.run_program("check", "slab.toml", "--set", "problem.scales={}").output
        self.assertIn('problem.scales = "auto"', bare)
        self.assertNotIn("warning:", self.run_program("check", "slab.toml").output)

    def test_a_scale_in_a_wrong_unit_is_warned_of(self):
        output = self.run_program("check", "slab.toml", "--set", "problem.scales={ T = '300 mK' }").output
        self.assertIn("the reference of T lies in [300, 500]", output)
        self.assertIn("give T a scale of its size in problem.scales", output)
        output = self.run_program("check", "slab.toml", "--strict", "--set", "problem.scales={ T = '300 MK' }", status=2, ranks=2).output
        self.assertIn("the reference of T lies in [300, 500]", output)

    def test_predictions_and_errors_are_in_the_users_units(self):
        self.train("slab.toml", "runs/slab", "training.stages.1.steps=100")
        self.run_program("predict", "runs/slab", "--grid", "t=0:2:11,x=0:0.005:11", "--quantities", "T, T_x", "--file", "grid.h5")
        with h5py.File(self.folder / "grid.h5") as file:
            temperature = file["T"][...]
            self.assertGreater(temperature.min(), 250)
            self.assertLess(temperature.max(), 550)
            slope = np.diff(temperature.reshape(11, 11), axis=1)[0, 0] / 0.0005
            self.assertLess(abs(file["T_x"][...].reshape(11, 11)[0, 0] / slope - 1), 0.2)
        before = self.error("runs/slab", "T")
        self.run_program("evaluate", "runs/slab")
        after = json.loads((self.folder / "runs/slab/evaluation.json").read_text())["error"]["T"]["rel_l2"]
        self.assertAlmostEqual(after / before, 1, delta=1e-6)

    def test_going_on_keeps_the_bits_on_any_ranks(self):
        few = ["training.reproducibility=ranks", "training.stages.0.steps=10"]
        hashes = set()
        for ranks in (1, 2, 3, 4):
            self.train("slab.toml", f"runs/{ranks}", *few, "training.stages.1.steps=4", ranks=ranks)
            hashes.add(self.summary(f"runs/{ranks}")["parameter_hash"])
        self.train("slab.toml", "runs/parts", *few, "training.stages.1.steps=2", ranks=2)
        self.train("slab.toml", "runs/parts", *few, "training.stages.1.steps=4", ranks=3)
        hashes.add(self.summary("runs/parts")["parameter_hash"])
        self.assertEqual(len(hashes), 1)
        output = self.train("slab.toml", "runs/1", *few, "training.stages.1.steps=6", "problem.scales={ T = 2 }", status=2)
        self.assertIn("problem.scales", output)

    def test_a_trained_number_moves_by_shares_of_its_scale(self):
        self.write("conductivity.toml", CONDUCTIVITY.replace("walls = 100", "walls = 100, thermometer = 100"))
        self.train("conductivity.toml", "runs/k")
        found = self.summary("runs/k")["trainable"]["k"]
        self.assertLess(abs(found["value"] / 40 - 1), 1e-2)
        self.assertIn("k = 25.0", (self.folder / "runs/k/config.toml").read_text())

    def test_another_run_begins_with_the_same_scales(self):
        few = ["training.stages.0.steps=5", "training.stages.1.steps=2"]
        self.train("slab.toml", "runs/first", *few)
        start = f"training.start_from={self.folder}/runs/first"
        self.assertIn("begins with the network of", self.train("slab.toml", "runs/second", *few, start))
        output = self.train("slab.toml", "runs/third", *few, start, "problem.scales={ T = 100 }", status=2)
        self.assertIn("problem.scales is [T = 500.0] there and [T = 100", output)

    def test_bad_input(self):
        for value, says in (("{ y = 1 }", "'y' is not a coordinate, a field or a trained number"),
                            ("{ t = 0 }", "must be > 0"), ("{ T = -3 }", "must be > 0"), ("{ T = nan }", "finite"),
                            ("{ T = '0 K' }", "the scale of 'T' is 0"), ("{ T = '-1 K' }", "the scale of 'T' is -1"),
                            ("{ x = '1 mn' }", "unknown unit 'mn'; did you mean"), ("{ x = '1 m/' }", "a unit is missing"),
                            ("{ T = 'q' }", "'q'"), ("atuo", "did you mean 'auto'?"), ("3", "auto, or a table"),
                            ("{ T = [1, 2] }", "must be a number"), ("{ T = '1/0' }", "scale")):
            output = self.run_program("check", "slab.toml", "--set", f"problem.scales={value}", status=2).output
            self.assertIn(says, output)
            self.assertEqual(output.count("jetpinn: "), 1, output)
        for ranks in (2, 4):
            output = self.run_program("check", "slab.toml", "--set", "problem.scales={ x = '1 mn' }", status=2, ranks=ranks).output
            self.assertEqual(output.count("unknown unit 'mn'"), 1, output)
        self.write("placed.toml", SLAB.replace('"auto"', '{ T = "300 Kk" }'))
        output = self.run_program("check", "placed.toml", status=2).output
        self.assertIn("placed.toml:7:", output)
        self.assertIn("^~", output)


if __name__ == "__main__":
    program.main()
