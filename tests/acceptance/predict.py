"""predict: points beyond the domain are said, endings choose the format, names name quantities, and no file of another's is written over."""
import csv
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

try:
    import h5py
    import numpy as np
    lacking = None
except ImportError as error:
    lacking = f"Python lacks {error.name}"

GRID = "t=0:1:6,x=0:1:11"


@program.unittest.skipIf(lacking, f"predictions read with h5py: {lacking}")
class Predict(program.Case):
    trained = None   # a run folder, copied by each test

    def setUp(self):
        super().setUp()
        if Predict.trained is None:
            Predict.trained = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-"))
            self.addClassCleanup(shutil.rmtree, Predict.trained, ignore_errors=True)
            self.run_program("train", "heat.toml", "--quiet", "--output", Predict.trained / "heat")
        shutil.copytree(Predict.trained, self.folder / "runs", symlinks=True)   # latest is a link

    def predict(self, *options, **more):
        return self.run_program("predict", "runs/heat", *options, **more)

    def test_points_outside_the_domain_are_counted(self):
        for ranks in (1, 3):
            result = self.predict("--grid", "t=0:1.5:7,x=-0.5:1:4", "--file", "out.h5", ranks=ranks)
            # t beyond 1: 2 of 7 times; x = -0.5 before 0: 1 of 4; together 2*4 + 5*1.
            self.assertIn("jetpinn: warning: 13 of 28 points lie outside the domain, the first one at t = 0, x = -0.5: there the network "
                          "extrapolates", result.output)
            self.assertEqual(result.output.count("warning"), 1)
            self.assertNotIn("warning", self.predict("--grid", GRID, "--file", "in.h5", ranks=ranks).output)
        with h5py.File(self.folder / "points.h5", "w") as file:
            file["t"] = np.full(20000, 0.5)
            file["x"] = np.where(np.arange(20000) >= 19998, 1.01, np.float32(1.0000001))   # beyond, and rounded to single precision
        result = self.predict("--points", "points.h5", "--file", "p.h5", ranks=3)
        self.assertIn("2 of 20000 points lie outside the domain, the first one at t = 0.5, x = 1.01", result.output)

    def test_grid_and_expressions_are_attributes(self):
        self.predict("--grid", "x=0:1:11,t=0:1:6", "--quantities", "u, twice = 2*u, d(twice, x), u_x/2")
        with h5py.File(self.folder / "runs/heat/solution.h5") as file:
            self.assertEqual((list(file.attrs["axes"]), list(file.attrs["shape"])), (["x", "t"], [11, 6]))
            self.assertEqual((file.attrs["parameters"], file.attrs["step"]), ("network.h5", 20))
            self.assertEqual(set(file), {"t", "x", "u", "twice", "d(twice, x)", "u_x_over_2"})
            self.assertEqual({name: file[name].attrs["expression"] for name in ("twice", "d(twice, x)", "u_x_over_2")},
                             {"twice": "2*u", "d(twice, x)": "d(twice, x)", "u_x_over_2": "u_x/2"})
            u, twice, slope, half = (file[name][:].reshape(file.attrs["shape"]) for name in ("u", "twice", "d(twice, x)", "u_x_over_2"))
            np.testing.assert_allclose(file["x"][:].reshape(11, 6), np.broadcast_to(np.linspace(0, 1, 11)[:, None], (11, 6)), rtol=1e-15, equal_nan=False)
        np.testing.assert_array_equal(twice, 2 * u)
        np.testing.assert_allclose(slope, 4 * half, rtol=1e-13, equal_nan=False)

    def test_a_vector_is_written_by_components(self):
        self.predict("--grid", "t=0:1:6,x=0:1:11", "--quantities", "u, flux = -2*grad(u), pair = [u, d(u, t)], [u_x, x], div(flux), u_xx")
        with h5py.File(self.folder / "runs/heat/solution.h5") as file:
            self.assertEqual(set(file), {"t", "x", "u", "flux", "pair_1", "pair_2", "[u_x, x]_1", "[u_x, x]_2", "div(flux)", "u_xx"})
            self.assertEqual(file["pair_2"].attrs["expression"], "component 2 of [u, d(u, t)]")
            np.testing.assert_array_equal(file["pair_1"][:], file["u"][:])
            np.testing.assert_array_equal(file["[u_x, x]_2"][:], file["x"][:])
            np.testing.assert_allclose(file["flux"][:], -2 * file["[u_x, x]_1"][:], rtol=1e-13, equal_nan=False)
            np.testing.assert_allclose(file["div(flux)"][:], -2 * file["u_xx"][:], rtol=1e-13, equal_nan=False)
        self.assertIn("given twice", self.predict("--grid", GRID, "--quantities", "a_1 = u, a = [u, u_x]", "--file", "a.h5", status=2).output)

    def test_names_that_cannot_be(self):
        cases = (("2u = u", "the name '2u' cannot be used"), ("x = u", "the name 'x' is declared twice"), ("u = u^2", "'u' is declared twice"),
                 ("u_x = u", "'u_x' also reads as a derivative of 'u'"), ("a = u, a = u^2", "'a' is a definition already"),
                 ("sin = u", "'sin' is taken"), ("a =", "--quantities"), ("a = w", "unknown name 'w'"), ("u, u", "given twice"))

        def is_refused(case):
            result = self.predict("--grid", GRID, "--quantities", case[0], "--file", "a.h5", ranks=2 if case is cases[0] else 1, status=2)
            self.assertIn(case[1], result.output, case)
            self.assertEqual(result.output.count("jetpinn: "), 1, result.output)

        program.side_by_side(is_refused, cases)
        self.predict("--grid", GRID, "--quantities", "where(u <= 0.1 && u != x, 1, 2), b = where(u >= x, t == 0, 0), 2*(u >= x)", "--file", "a.h5")

    def test_endings(self):
        result = self.predict("--grid", GRID, "--quantities", "u, d(u*u, x)", "--file", "a/b.csv", ranks=3)
        self.assertIn("a/b.csv: 66 points, t, x, u, d(u*u, x)", result.output)
        self.predict("--grid", GRID, "--quantities", "u, d(u*u, x)", "--file", "a/b.h5")
        with open(self.folder / "a/b.csv", newline="") as file:
            names, *rows = csv.reader(file)
        with h5py.File(self.folder / "a/b.h5") as file:
            self.assertEqual(set(names), set(file))
            for k, name in enumerate(names):
                np.testing.assert_array_equal([float(row[k]) for row in rows], file[name][:])
        self.predict("--grid", GRID, "--file", "a/c.pvd")
        self.predict("--grid", GRID, "--file", "a/c.vti")
        self.assertEqual(sorted(path.name for path in (self.folder / "a").iterdir()), ["b.csv", "b.h5", "c.pvd", "c.vti", "c_film"])
        for file, reason in (("a.txt", "the ending '.txt' is unknown"), ("plain", "it has no ending"), ("a.H5", "'.H5' is unknown")):
            result = self.predict("--grid", GRID, "--file", file, ranks=3 if file == "a.txt" else 1, status=2)
            self.assertIn(reason, result.output)
            self.assertIn(".h5 (HDF5), .csv, .vti (an image of a grid), .pvd (a film in time) and .vtp (points)", result.output)

    def test_other_files_are_never_written_over(self):
        everything = ["--grid", GRID]
        self.predict(*everything)
        first = {path: path.read_bytes() for path in sorted((self.folder / "runs/heat").glob("solution*")) if path.is_file()}
        self.assertEqual({path.suffix for path in first}, {".h5", ".pvd", ".vti", ".xdmf"})
        self.predict(*everything, ranks=3)                                   # again: the same bytes
        self.predict("--grid", " t=0:1:6, x=0:1:11", "--quantities", "u")    # the same in other words
        self.assertEqual(first, {path: path.read_bytes() for path in first})
        result = self.predict("--grid", "t=0:1:6,x=0:1:12", ranks=2, status=2)
        self.assertIn("runs/heat/solution.h5 is there already and is of another prediction (. --grid t=0:1:6,x=0:1:11 --quantities u); name "
                      "another file with --file, or move that one away", result.output)
        self.predict(*everything, "--quantities", "u_x", status=2)
        self.predict(*everything, "--set", "problem.constants.kappa=0.2", status=2)
        self.assertEqual(first, {path: path.read_bytes() for path in first})
        # After more training the same command shows the new network.
        self.run_program("train", "heat.toml", "--quiet", "--set", "training.stages.0.steps=25")
        self.predict(*everything)
        for path, content in first.items():
            if path.suffix not in (".pvd", ".xdmf"):   # they name other files
                self.assertNotEqual(path.read_bytes(), content, path)
        # Somebody else's files, in the place of each that would be written.
        for name in ("a.csv", "a.h5", "a.vti", "a.pvd", "a_film/000000.vti"):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("mine\n")
            target = name if "/" not in name else "a.pvd"
            self.assertIn("is there already and is not of this prediction", self.predict(*everything, "--file", target, status=2).output)
            self.assertEqual(path.read_text(), "mine\n")
            path.unlink()
        self.run_program("train", "heat.toml", "--quiet", "--output", "runs/other", "--seed", "4")
        self.predict(*everything, "--file", "a.h5")
        self.run_program("predict", "runs/other", *everything, "--file", "a.h5", status=2)


if __name__ == "__main__":
    program.main()
