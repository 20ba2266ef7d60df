"""Conditions on two sites (`pair`): trained, shared by ranks, resumed, refused."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

# A wave carried around a circle: both ends have one value and one slope.
CIRCLE = """
name = "circle"
[problem]
coordinates = ["t", "x"]
fields = ["u"]
domain = { t = [0, 1], x = [-1, 1] }
definitions = { jump = "u - other(u)" }
[[problem.equations]]
name = "transport"
residual = "u_t + u_x - 0.05*u_xx"
[[problem.conditions]]
name = "initial"
on = "t == 0"
residual = "u - sin(pi*x)"
[[problem.conditions]]
name = "wrap"
on = "x == -1"
pair = "x == 1"
residual = ["jump", "u_x - other(u_x)"]
[reference]
exact = { u = "exp(-0.05*pi^2*t)*sin(pi*(x - t))" }
[network]
hidden = [16, 16]
[sampling]
points = { transport = 700, initial = 300, wrap = 300 }
[[training.stages]]
optimizer = "adam"
steps = 20
learning_rate = 2e-3
"""

LBFGS = ("--set", "training.stages.1={ optimizer = 'lbfgs', steps = 400, history = 30 }")


class Trained:
    """What holds for any problem `text`."""

    def setUp(self):
        super().setUp()
        self.write("case.toml", self.text)

    def train(self, name, *options, ranks=1, status=0):
        return self.run_program("train", "case.toml", "--output", name, "--quiet", "--set", "output.log_every=0 s", *options,
                                ranks=ranks, status=status).output

    def first_line(self, name):
        return json.loads((self.folder / name / "metrics.jsonl").read_text().splitlines()[0])

    def test_is_trained(self):
        self.train("long", "--set", "training.stages.0.steps=200", *LBFGS)
        self.assertLess(self.summary("long")["error"]["u"]["rel_l2"], 0.02)

    def test_ranks(self):
        self.train("alone")
        for ranks in (2, 3, 4):
            self.train(f"on{ranks}", ranks=ranks)
            for key in ("loss", "gradient_norm"):
                with self.subTest(ranks=ranks, key=key):
                    self.assertAlmostEqual(self.first_line(f"on{ranks}")[key] / self.first_line("alone")[key], 1, delta=1e-13)
        level = ("--set", "training.reproducibility=ranks", *LBFGS, "--set", "training.stages.1.steps=5")
        hashes = set()
        for ranks in (1, 2, 3, 4):
            self.train(f"exact{ranks}", *level, ranks=ranks)
            hashes.add(self.summary(f"exact{ranks}")["parameter_hash"])
        self.assertEqual(len(hashes), 1, hashes)

    def test_goes_on_as_if_never_stopped(self):
        level = ("--set", "training.reproducibility=ranks")
        self.train("whole", *level, "--set", "training.stages.0.steps=30", ranks=2)
        self.train("parts", *level, "--set", "training.stages.0.steps=12", ranks=2)
        self.train("parts", *level, "--set", "training.stages.0.steps=30", ranks=3)
        self.assertEqual(self.summary("parts")["parameter_hash"], self.summary("whole")["parameter_hash"])

    def test_engines_agree(self):
        for precision, delta in (("fp64", 1e-11), ("fp32", 1e-3)):
            self.train("jets", "--force", "--set", f"training.precision={precision}")
            self.train("reference", "--force", "--set", "training.engine=reference", "--set", f"training.precision={precision}")
            for key in ("loss", "gradient_norm"):
                self.assertAlmostEqual(self.first_line("jets")[key] / self.first_line("reference")[key], 1, delta=delta)

    def test_emulated_device(self):
        self.train("host", "--set", "training.stages.0.steps=3")
        self.train("device", "--set", "training.stages.0.steps=3", "--device", "emulated")
        self.assertAlmostEqual(self.first_line("device")["loss"] / self.first_line("host")["loss"], 1, delta=1e-12)

    def refused(self, old, new, *words):
        self.assertEqual(self.text.count(old), 1, old)
        self.write("bad.toml", self.text.replace(old, new))
        for ranks in (1, 3):
            output = self.run_program("check", "bad.toml", ranks=ranks, status=2).output
            self.assertIn("bad.toml:", output)
            self.assertIn("^", output)
            for word in words:
                self.assertIn(word, output)


class Pairs(Trained, program.Case):
    text = CIRCLE

    def test_check_names_the_pair(self):
        output = self.run_program("check", "case.toml").output
        self.assertIn("pairs      wrap on x == -1: 300 points, each with the one at x == 1", output)
        self.assertNotIn("warning", output)

    def test_both_sides_of_a_corner_and_of_time(self):
        text = self.text.replace('on = "x == -1"\npair = "x == 1"', 'on = "t == 0 && x == -1 || t == 0.5 && x == 0"\npair = "x == 1"')
        self.write("corner.toml", text)
        self.assertIn("2 points, each with the one at x == 1", self.run_program("check", "corner.toml").output)
        self.write("time.toml", self.text.replace('on = "x == -1"\npair = "x == 1"', 'on = "t == 0"\npair = "t == 1"'))
        self.run_program("train", "time.toml", "--quiet", "--output", "time", ranks=2)

    def test_networks_parameters_and_regions(self):
        text = self.text.replace('fields = ["u"]', 'fields = ["u", "v"]\nparameters = { nu = [0.01, 0.1] }')
        text = text.replace("residual = \"u_t + u_x - 0.05*u_xx\"", "residual = \"u_t + u_x - nu*u_xx\"\nin = \"x < 0\"")
        text = text.replace('[[problem.conditions]]\nname = "initial"', '[[problem.equations]]\nname = "right"\nin = "x > 0"\n'
                            'residual = "v_t + v_x - nu*v_xx"\n[[problem.conditions]]\nname = "initial"')
        text = text.replace('["jump", "u_x - other(u_x)"]', '["u - other(v)", "nu*u_x - other(nu*v_x)", "u_t - (1 + x^2)*u_xx + other(v_t - (1 + x^2)*v_xx)"]')
        text = text.replace('definitions = { jump = "u - other(u)" }\n', "").replace('on = "t == 0"', 'on = "t == 0 && x < 0"')
        text = text[:text.index("[reference]")] + "[[networks]]\nfields = ['u']\nhidden = [8, 8]\n[[networks]]\nfields = ['v']\nhidden = [8]\n" + \
            text[text.index("[sampling]"):]
        self.write("case.toml", text)
        output = self.run_program("check", "case.toml").output
        self.assertNotIn("none of its equations holds", output)
        self.test_engines_agree()
        hashes = set()
        for ranks in (1, 3):
            self.train(f"on{ranks}", "--set", "training.reproducibility=ranks", ranks=ranks)
            hashes.add(self.summary(f"on{ranks}")["parameter_hash"])
        self.assertEqual(len(hashes), 1)

    def test_a_periodic_network_makes_the_pair_vacuous(self):
        output = self.run_program("check", "case.toml", "--set", 'network.periodic=["x"]').output
        self.assertIn("'wrap' (problem.conditions.1) links both ends of x, which network.periodic = [\"x\"] makes one place", output)
        self.run_program("check", "case.toml", "--set", 'network.periodic=["x"]', "--strict", status=2)

    def test_what_is_not_finite_is_named(self):
        self.write("case.toml", self.text.replace('["jump"', '["sqrt(other(u) - 50 + 49.9*x^2)", "jump"'))
        output = self.run_program("train", "case.toml", "--quiet", "--output", "bad", ranks=2, status=3).output
        self.assertIn("wrap", output)
        self.assertIn("sqrt(", output)

    def test_natural_gradient(self):
        self.train("ngd", "--set", "training.stages.0={ optimizer = 'ngd', steps = 30 }", "--set", "network.hidden=[10, 10]", ranks=2)
        self.assertLess(self.summary("ngd")["loss"], 1e-2 * self.first_line("ngd")["loss"])

    def test_scales_and_weights(self):
        # A wave of height 3000 in metres, and weights of its points.
        self.write("case.toml", self.text.replace("u - sin(pi*x)", "u - 3e3*sin(pi*x)").replace('"exp(', '"3e3*exp('))
        self.assertIn("u = 3e+03", self.run_program("check", "case.toml", "--set", "problem.scales=auto").output.replace("u = 3000", "u = 3e+03"))
        self.train("scaled", "--set", "problem.scales=auto", "--set", "training.stages.0.steps=200", *LBFGS)
        self.assertLess(self.summary("scaled")["error"]["u"]["rel_l2"], 0.02)
        hashes = set()
        for ranks in (1, 3):
            self.train(f"weighed{ranks}", "--set", "problem.scales=auto", "--set", "training.balance={ method = 'rba' }",
                       "--set", "problem.equations.0.causal=t", "--set", "training.reproducibility=ranks", ranks=ranks)
            hashes.add(self.summary(f"weighed{ranks}")["parameter_hash"])
        self.assertEqual(len(hashes), 1, hashes)

    def test_report_draws_them(self):
        self.train("shown", ranks=2)
        self.run_program("report", "shown")
        self.assertIn("wrap", (self.folder / "shown/report.html").read_text())

    def test_bad_pairs(self):
        line = 'pair = "x == 1"'
        self.refused(line, 'pair = "x > 0"', "fixes no coordinate")
        self.refused(line, 'pair = "x == 1 || x == 0"', "describes 2 sets")
        self.refused(line, 'pair = "t == 1"', "leaves it free")
        self.refused(line, 'pair = "x == -1"', "linked with itself")
        self.refused(line, 'pair = "x == 1 && t < 0.5"', "equalities alone")
        self.refused(line, 'pair = "x == 3"', "outside")
        self.refused(line, 'pair = "xx == 1"', "unknown name 'xx'")
        self.refused(line, "pair = 1", "pair")
        self.refused(line, 'pairs = "x == 1"', "did you mean", "pair")
        self.refused(line, "", "condition with a `pair`")
        self.refused('["jump", "u_x - other(u_x)"]', '"u_x"', "reads the points of `pair`")
        self.refused('on = "x == -1"', 'points = "rows.h5"', "table of `points`")
        self.refused('"u_t + u_x - 0.05*u_xx"', '"u_t + other(u_x)"', "condition with a `pair`")
        self.refused('residual = "u - sin(pi*x)"', 'residual = "u - sin(pi*x)"\nweight = "other(x)"', "condition with a `pair`")
        self.train("run")
        told = self.run_program("predict", "run", "--grid", "t=0:1:3,x=0:1:3", "--quantities", "u - other(u)", status=2).output
        self.assertIn("condition with a `pair`", told)


if __name__ == "__main__":
    program.main()
