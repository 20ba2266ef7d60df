"""What is not finite is named by its term, the part of the expression and the values at a point, alike on any number of ranks, at every
level of reproducibility and in every precision."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

cases = program.root / "tests/data/cases"


class NotFinite(program.Case):
    def message(self, case, *options, ranks=1, precision="fp64", level="run", status=3):
        """The one message of a training that fails."""
        folder = f"runs/{pathlib.Path(case).stem}-{ranks}-{precision}-{level}"
        result = self.run_program("train", cases / case, "--quiet", "--output", folder, "--set", f"training.precision={precision}",
                                  "--set", f"training.reproducibility={level}", *options, ranks=ranks, status=status)
        lines = [line for line in result.output.splitlines() if line.startswith("jetpinn: ")]
        messages = [line for line in lines if not line.startswith("jetpinn: warning: ")]
        self.assertEqual(len(messages), 1, result.output)
        return messages[0].replace(str(self.folder), "").replace(folder, "RUN")

    def each_way(self, look):
        """look(ranks, precision, level): every pair of two of them comes once."""
        program.side_by_side(lambda way: look(*way), [(1, "fp64", "run"), (2, "fp64", "ranks"), (2, "fp32", "run"), (1, "fp32", "ranks")], at_once=2)

    def test_power_of_a_negative_number(self):
        said = {}

        def look(ranks, precision, level):
            text = said[ranks, precision, level] = self.message("fractional_powers.toml", ranks=ranks, precision=precision, level=level)
            self.assertRegex(text, r"term kinetics at \d+ of 300 points \(first at t = 4\.\d+; saved in ")
            part, argument = re.search(r"where (\S+\^\S+) is not a number: (\w) = -(0\.\d+); ", text).groups()[:2]
            self.assertEqual((part, argument), ("u^3.5", "u"))
            self.assertIn("write max(u, 0)", text)

        self.each_way(look)
        for precision in ("fp64", "fp32"):   # where nothing depends on sums, nothing depends on ranks
            self.assertEqual(len({text for way, text in said.items() if way[1] == precision}), 1, said)

    def test_overflow_is_told_by_the_level_that_is_used(self):
        def look(ranks, precision, level):
            text = self.message("far_too_steep.toml", ranks=ranks, precision=precision, level=level)
            self.assertIn("term poisson_boltzmann", text)
            self.assertNotIn("wall_and_bulk", text)
            self.assertIn("scaled quantities", text)
            if precision == "fp32":
                self.assertRegex(text, r"where sinh\(38\.9824\*phi\) overflows in fp32, whose largest number is 3\.4e38: 38\.9824\*phi = -?\d+")
            elif level == "run":
                self.assertRegex(text, r"the square of the gradient, which optimisers need, overflows, beyond 1\.8e308")
            self.assertEqual("2^55" in text, precision == "fp64" and level == "ranks", text)

        self.each_way(look)

    def test_coefficient_that_is_infinite_is_refused_before_the_first_step(self):
        said = set()
        grid = [cases / "sphere_divided.toml", "--quiet", "--set", "sampling.method=grid"]
        for command, ranks in (("check", 1), ("train", 1), ("train", 2)):
            result = self.run_program(command, *grid, ranks=ranks, status=2)
            said.add(result.output)
        self.assertEqual(len(said), 1, said)
        self.assertRegex(said.pop(), r"the coefficient 1/sin\(theta\)\^2 of 'beltrami' \(problem\.equations\.0\.residual\) is infinite at \d+ of 2048 points, "
                                     r"first at theta = 0, phi = 0.*sobol.*multiply the residual by sin\(theta\)\^2\n$")
        self.assertFalse((self.folder / "runs").exists())

    def test_coefficient_far_above_its_median_is_a_warning(self):
        south = [cases / "sphere_divided.toml", "--set", "sampling.method=grid", "--set", "problem.domain.theta=[0.5, 'pi']", "--set",
                 "problem.conditions.0.on=theta == pi"]
        result = self.run_program("check", *south, "--quiet")
        self.assertRegex(result.output, r"^jetpinn: warning: the coefficient 1/sin\(theta\)\^2 of 'beltrami' .* at theta = 3\.14159, phi = 0, .* times its median")
        self.run_program("check", *south, "--quiet", "--strict", status=2)
        result = self.run_program("check", cases / "sphere_divided.toml", "--quiet", "--strict")
        self.assertEqual(result.output, "")

    def test_sound_terms_stay_numbers_beside_one_that_is_none(self):
        for level in ("run", "ranks"):
            self.run_program("train", "heat.toml", "--quiet", "--output", level, "--set", f"training.reproducibility={level}", "--set",
                             "problem.equations.0.residual=u_t + log(u - 1000)", ranks=2, status=3)
            terms = self.summary(level)["terms"]
            self.assertIsNone(terms["heat"])
            self.assertGreater(terms["initial"], 0)
            self.assertGreater(terms["walls"], 0)

    def test_all_weights_zero(self):
        for optimizer in ("adam", "lbfgs"):
            result = self.run_program("train", "heat.toml", "--output", optimizer, "--set", f"training.stages.0.optimizer={optimizer}",
                                      *(word for term in ("equations.0", "conditions.0", "conditions.1")
                                        for word in ("--set", f"problem.{term}.weight=0")))
            self.assertIn(f"{optimizer} stopped: the gradient is zero at loss 0.0", result.output)


if __name__ == "__main__":
    program.main()
