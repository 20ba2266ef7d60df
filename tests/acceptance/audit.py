"""The audit before training: check and train say the same on any number of ranks, the summary keeps it, --strict makes it status 2."""
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402
from configs import SMALL, straight  # noqa: E402

# A steel beam in SI units: the equation in N/m, its conditions in metres.
BEAM = """
name = "beam"
[problem]
coordinates = ["t", "x"]
fields      = ["w"]
constants   = { E = 2e11, I = "1e-8/3", rho = 7850, S = 4e-4, L = 0.5, q0 = 5e4, omega = "20*pi", a = "q0/(E*I*(pi/L)^4 - rho*S*omega^2)" }
domain      = { t = [0, 0.1], x = [0, "L"] }
[[problem.equations]]
name     = "beam"
residual = "E*I*w_xxxx + rho*S*w_tt - q0*sin(pi*x/L)*sin(omega*t)"
[[problem.conditions]]
name     = "supports"
on       = "x == 0 || x == L"
residual = ["w", "w_xx"]
[[problem.conditions]]
name     = "start"
on       = "t == 0"
residual = ["w", "w_t - a*omega*sin(pi*x/L)"]
[reference]
exact = { w = "a*sin(pi*x/L)*sin(omega*t)" }
[sampling]
points = { beam = 300, supports = 100, start = 100 }
""" + SMALL

LAYERS = """
name = "layers"
[problem]
coordinates = ["x", "y"]
fields      = ["T"]
definitions = { k = "where(y < 1, 1.38, 400)" }
domain      = { x = [0, 1], y = [0, 2] }
[[problem.equations]]
name     = "heat"
residual = "d(k*T_x, x) + d(k*T_y, y)"
[[problem.conditions]]
name     = "bottom"
on       = "y == 0"
residual = "T"
""" + SMALL

CAVITY = """
name = "cavity"
[problem]
coordinates = ["x", "y"]
fields      = ["u", "v", "p"]
domain      = { x = [0, 1], y = [0, 1] }
[[problem.equations]]
name     = "stokes"
residual = ["p_x - u_xx - u_yy", "p_y - v_xx - v_yy", "u_x + v_y"]
[[problem.conditions]]
name     = "walls"
on       = "x == 0 || x == 1 || y == 0"
residual = ["u", "v"]
[[problem.conditions]]
name     = "lid"
on       = "y == 1"
residual = ["u - 1", "v"]
""" + SMALL

BOX = """
name = "box"
[problem]
coordinates = ["x1..x20"]
fields      = ["u"]
domain      = { "x1..x20" = [0, 1] }
[[problem.equations]]
name     = "poisson"
residual = "laplacian(u) - 2"
[[problem.conditions]]
name     = "border"
on       = "FACES"
residual = "u - sum(k, 1, 20, x{k}^2)/20"
[sampling]
points = { border = 30 }
""".replace("FACES", " || ".join(f"x{k} == 0 || x{k} == 1" for k in range(1, 21))) + SMALL

# config: words of its warning
CASES = {
    "beam": (BEAM, ["problem.equations.0.residual", "'supports' (problem.conditions.0.residual)", "divide the residual of 'beam' by", "weight = ", 'network.output = { w = "0.05*w" }']),
    "layers": (LAYERS, ["'heat' (problem.equations.0)", "y = 1", "region per material"]),
    "straight": (straight(4, "[[training.stages]]\nsteps = 3\n"), ["'ends' (problem.conditions.0)", "y = 0 at x = 0 and 4 at x = 4", "network.periodic"]),
    "cavity": (CAVITY, ["'walls' (problem.conditions.0) and 'lid' (problem.conditions.1)", "u = 0 and 1", "y = 1"]),
    "box": (BOX, ["10 of the 40 faces of 'border' (problem.conditions.0)", "sampling.points.border"]),
    "weightless": (program.HEAT.replace('residual = "u"', 'residual = "u"\nweight = 0'), ["'walls'", "problem.conditions.1.weight"]),
}


def warnings_of(result):
    head = "jetpinn: warning: "
    return [line[len(head):] for line in result.output.splitlines() if line.startswith(head)]


class WarningsBeforeTraining(program.Case):
    def test_check_says_each_on_any_number_of_ranks(self):
        def is_said(name):
            text, words = CASES[name]
            config = self.write(name + ".toml", text)
            alone = warnings_of(self.run_program("check", config))
            self.assertEqual(len(alone), 1, alone)
            for word in words:
                self.assertIn(word, alone[0])
            self.assertEqual(warnings_of(self.run_program("check", config, "--quiet", ranks=2)), alone)

        program.side_by_side(is_said, CASES)

    def test_strict_is_status_2_before_anything_is_written(self):
        config = self.write("layers.toml", LAYERS)

        def is_refused(ranks):
            for command in (["check", config], ["train", config, "--output", f"strict-{ranks}"]):
                result = self.run_program(*command, "--strict", ranks=ranks, status=2)
                self.assertEqual(len(warnings_of(result)), 1)
                self.assertIn("1 warning about the problem, which --strict makes errors", result.output)
            self.assertFalse((self.folder / f"strict-{ranks}").exists())

        program.side_by_side(is_refused, [1, 2])
        self.run_program("check", "heat.toml", "--strict")
        self.run_program("train", "heat.toml", "--strict", "--quiet", "--output", "heat")
        self.assertEqual(self.summary("heat")["warnings"], [])

    def test_the_summary_keeps_them_once_through_all_continuations(self):
        config = self.write("layers.toml", LAYERS)

        def is_kept(ranks):
            run = f"run-{ranks}"
            first = self.run_program("train", config, "--quiet", "--output", run, ranks=ranks)
            said = warnings_of(first)
            self.assertEqual(len(said), 1)
            self.assertEqual(self.summary(run)["warnings"], said)
            self.run_program("train", config, "--quiet", "--output", run, "--set", "training.stages.0.steps=6", ranks=ranks)
            self.assertEqual(self.summary(run)["warnings"], said)

        program.side_by_side(is_kept, [1, 2])

    def test_rows_that_are_left_out_are_said_once(self):
        t, x = (grid.ravel() for grid in numpy.meshgrid(numpy.linspace(0, 1, 9), numpy.linspace(0, 1.25, 6)))
        with h5py.File(self.folder / "table.h5", "w") as file:
            file.update({"t": t, "x": x, "u": numpy.exp(-0.1 * numpy.pi**2 * t) * numpy.sin(numpy.pi * x)})
        config = self.write("table.toml", program.HEAT.replace('exact = { u = "exp(-kappa*pi^2*t)*sin(pi*x)" }', 'file = "table.h5"'))

        def is_said_once(ranks):
            for command in (["check", config], ["train", config, "--output", f"table-{ranks}"]):
                result = self.run_program(*command, ranks=ranks)
                said, = warnings_of(result)
                self.assertIn("9 of 54 rows of", said)
                self.assertEqual(result.output.count("warning: 9 of 54 rows"), 1, result.output)
            self.assertEqual(self.summary(f"table-{ranks}")["warnings"], [said])
            self.assertIn("9 of its 54 rows lie outside the domain", self.run_program("evaluate", f"table-{ranks}", ranks=ranks).output)

        program.side_by_side(is_said_once, [1, 2])


if __name__ == "__main__":
    program.main()
