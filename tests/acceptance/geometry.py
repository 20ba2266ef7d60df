"""Problems on shapes: trained, shared by ranks, resumed, evaluated in the shape alone, refused."""
import json
import pathlib
import re
import subprocess
import sys

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import configs  # noqa: E402
import program  # noqa: E402

# Heat between two circles: the temperature follows the logarithm of the radius; flux outside, a value inside.
RING = """
name = "ring"
[problem]
coordinates = ["x", "y"]
fields = ["u"]
constants = { inner = 0.5 }
domain = { x = [-1, 1], y = [-1, 1] }
[geometry]
domain = "disk - hole"
shapes = { disk = { disk = { center = [0, 0], radius = 1 } }, hole = { disk = { center = [0, 0], radius = "inner" } } }
[[problem.equations]]
name = "laplace"
residual = "laplacian(u)"
[[problem.conditions]]
name = "outside"
on = "disk"
residual = "x*u_x + y*u_y - 1"
[[problem.conditions]]
name = "inside"
on = "hole"
residual = "u - log(inner)"
weight = 10
[reference]
exact = { u = "log(sqrt(x^2 + y^2))" }
[network]
hidden = [16, 16]
[sampling]
points = { laplace = 700, outside = 300, inside = 300 }
[[training.stages]]
optimizer = "adam"
steps = 20
learning_rate = 5e-3
"""

NEUMANN = configs.NEUMANN_ON_DISK.replace("- 6*exact\"", "- 6*exact\"\nweight = \"1 - 0.5*sdf\"") + """
[[monitors]]
name = "outflow"
on = "disk"
integral = "dn(u)"
[network]
hidden = [16, 16]
[sampling]
points = { screened = 600, flux = 200 }
[[training.stages]]
optimizer = "adam"
steps = 20
learning_rate = 5e-3
"""

# The same flux through the faces of a box, with normals and by hand.
BOX = """
name = "box"
[problem]
coordinates = ["t", "x", "y"]
fields = ["u", "v"]
domain = { t = [0, 1], x = [-1, 1], y = [0, 2] }
[[problem.equations]]
name = "heat"
residual = ["u_t - laplacian(u)", "v_t - laplacian(v)"]
[[problem.conditions]]
name = "robin"
on = "x == -1 || x == 1"
residual = ["dn(u) + 2*u - sin(t)", "n_x*u + n_y*v"]
[[problem.conditions]]
name = "floor"
on = "y == 0 && t > 0.5"
residual = ["dn(u) - x", "n_x*u + n_y*v"]
[network]
hidden = [12, 12]
[[training.stages]]
optimizer = "adam"
steps = 20
"""
BY_HAND = (BOX.replace('"dn(u) + 2*u - sin(t)", "n_x*u + n_y*v"', '"x*u_x + 2*u - sin(t)", "x*u"')
           .replace('"dn(u) - x", "n_x*u + n_y*v"', '"-u_y - x", "-v"'))

# A surface of triangles with a ball cut out of it.
PART = """
name = "part"
[problem]
coordinates = ["x", "y", "z"]
domain = { x = [-1, 1], y = [-1, 1], z = [-1, 1] }
[geometry]
domain = "part - hole"
[geometry.shapes]
part = { stl = "part.stl", scale = 0.5, rotate = ["pi/4", 0, 0] }
hole = { ball = { center = [0, 0, 0], radius = 0.2 } }
[[problem.equations]]
name = "poisson"
residual = "laplacian(u) + 1 + sdf"
[[problem.conditions]]
name = "outside"
on = "part"
residual = "u"
[[problem.conditions]]
name = "inside"
on = "hole"
residual = "dn(u)"
[network]
hidden = [8, 8]
[sampling]
points = { poisson = 600, outside = 300, inside = 300 }
[[training.stages]]
optimizer = "adam"
steps = 10
"""


def cube_stl(half):
    """ASCII: a cube about the origin, two triangles a face."""
    lines = ["solid cube"]
    for axis in range(3):
        for side in (-1, 1):
            ring = [(-1, -1), (1, -1), (1, 1), (-1, 1)][::side]
            corners = [np.roll([side, a, b], axis) * half for a, b in ring]
            for triangle in (corners[:3], [corners[0], *corners[2:]]):
                lines += ["facet normal 0 0 0", "outer loop", *("vertex %r %r %r" % tuple(map(float, p)) for p in triangle),
                          "endloop", "endfacet"]
    return "\n".join([*lines, "endsolid cube", ""])


LONG = ("--set", "training.stages.0.steps=200", "--set", "training.stages.1={ optimizer = 'lbfgs', steps = 1500, history = 30 }")


class Geometry(program.Case):
    def setUp(self):
        super().setUp()
        self.write("ring.toml", RING)

    def train(self, name, *options, ranks=1, status=0):
        return self.run_program("train", "ring.toml", "--output", name, "--quiet", "--set", "output.log_every=0 s", *options,
                                ranks=ranks, status=status).output

    def first_line(self, name):
        return json.loads((self.folder / name / "metrics.jsonl").read_text().splitlines()[0])

    def test_a_ring_is_trained_and_compared_where_it_is(self):
        self.train("long", *LONG)
        error = self.summary("long")["error"]["u"]
        # in the hole log(r) falls to minus infinity: compared there, the largest error would be large
        self.assertLess(error["rel_l2"], 5e-3)
        self.assertLess(error["max_abs"], 5e-2)

    def test_ranks_and_methods(self):
        self.train("one", "--set", "training.reproducibility=ranks")
        self.train("three", "--set", "training.reproducibility=ranks", ranks=3)
        self.assertEqual(self.summary("one")["parameter_hash"], self.summary("three")["parameter_hash"])
        for method in ("grid", "uniform", "lhs"):
            self.train(method, "--set", f"sampling.method={method}", ranks=2)
            self.assertGreater(self.first_line(method)["terms"]["outside"], 0)

    def test_goes_on_where_it_stopped(self):
        self.train("whole", "--set", "training.stages.0.steps=30")
        self.train("part")
        self.train("part", "--set", "training.stages.0.steps=30")
        self.assertEqual(self.summary("whole")["parameter_hash"], self.summary("part")["parameter_hash"])
        self.train("part", "--set", "training.stages.0.steps=30", "--set", "problem.constants.inner=0.4", status=2)

    def test_sample_writes_normals_out_of_the_domain(self):
        self.write("holes.toml", RING.replace('shapes = {', 'shapes = { small = { disk = { center = [-0.75, 0], radius = 0.1 } },')
                   .replace('domain = "disk - hole"', 'domain = "disk - hole - small"').replace('on = "hole"', 'on = "hole || small"'))
        for ranks in (1, 3):
            self.run_program("sample", "holes.toml", "--file", f"on{ranks}.h5", ranks=ranks)
        with h5py.File(self.folder / "on1.h5") as one, h5py.File(self.folder / "on3.h5") as three:
            for term in one:
                for column in one[term]:
                    np.testing.assert_array_equal(one[term][column][:], three[term][column][:])
            for term, sign in (("outside", 1), ("inside", -1)):
                x, y, n_x, n_y = (one[term][name][:] for name in ("x", "y", "n_x", "n_y"))
                small = np.hypot(x + 0.75, y) < 0.11
                self.assertEqual(np.any(small), term == "inside")
                x = np.where(small, x + 0.75, x)
                radius = np.hypot(x, y)
                np.testing.assert_allclose(n_x, sign * x / radius, atol=1e-9)
                np.testing.assert_allclose(n_y, sign * y / radius, atol=1e-9)
                np.testing.assert_allclose(one[term]["sdf"], 0, atol=1e-9)
            x, y = one["laplace"]["x"][:], one["laplace"]["y"][:]
            distance = np.max([np.hypot(x, y) - 1, 0.5 - np.hypot(x, y), 0.1 - np.hypot(x + 0.75, y)], axis=0)
            np.testing.assert_allclose(one["laplace"]["sdf"], distance, atol=1e-12)

    def test_sample_draws_its_points(self):
        self.run_program("sample", "ring.toml", "--file", "ring.h5", "--picture", "ring.svg", ranks=3)
        picture = (self.folder / "ring.svg").read_text()
        self.assertTrue(picture.startswith("<?xml") and "laplace: 700" in picture and "inside: 300" in picture)
        self.run_program("sample", "ring.toml", "--file", "ring.h5", "--picture", "ring.svg")
        self.assertEqual((self.folder / "ring.svg").read_text(), picture)
        self.write("own.svg", "<svg/>")
        refused = self.run_program("sample", "ring.toml", "--file", "other.h5", "--picture", "own.svg", status=2).output
        self.assertIn("own.svg is there already and is no picture of jetpinn sample", refused)
        self.assertFalse((self.folder / "other.h5").exists())
        self.assertIn("ends in .svg", self.run_program("sample", "ring.toml", "--file", "o.h5", "--picture", "o.png", status=2).output)

    def test_a_disk_too_small_for_the_picture(self):
        alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
        mount = "mkdir -p small && mount -t tmpfs -o size=8k tmpfs small"
        if subprocess.run([*alone, mount], cwd=self.folder, capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        sample = f"{program.program} sample ring.toml --file ring.h5 --picture small/ring.svg"
        result = subprocess.run([*alone, f"{mount} && {sample}; status=$?; ls small; exit $status"], cwd=self.folder, text=True,
                                stdin=subprocess.DEVNULL, timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(result.returncode, 5, result.stdout)
        self.assertRegex(result.stdout, r"\Ajetpinn: cannot write small/ring.svg: No space left on device; [^\n]*\n\Z")

    # Of the box of the disk, which is not that of the domain, pi/4 - pi/16 is ring; a circle keeps all that is drawn on it, the half of one that is asked for a half.
    def test_check_tells_boxes_and_what_is_rejected(self):
        said = self.run_program("check", "ring.toml", "--set", "problem.domain.x=[-2, 1]", "--set",
                                "problem.conditions.0.on=disk && x > 0").output
        share = re.search(r"laplace about [\d.]+, in x -1 .. 1, y -1 .. 1, ([\d.]+) % of the points drawn rejected", said)
        self.assertAlmostEqual(float(share.group(1)), 100 * (1 - 3 * np.pi / 16), delta=0.5)
        self.assertRegex(said, r"inside about 3.14159, in x -0.5 .. 0.5, y -0.5 .. 0.5, 0 % of the points drawn rejected")
        self.assertRegex(said, r"outside about 3.1\d+, in x 0 .. 1, y -1 .. 1, 50 % of the points drawn rejected")

    def test_check_tells_the_points_of_each_patch(self):
        self.write("square.toml", RING.replace("disk = { disk = { center = [0, 0], radius = 1 } }", "disk = { box = [[-1, -1], [1, 0.5]] }"))
        said = self.run_program("check", "square.toml", "--set", "problem.conditions.0.on=disk").output
        counts = re.search(r"outside: 300 on disk \(patches 0 to 3: (\d+) \+ (\d+) \+ (\d+) \+ (\d+)\)", said)
        self.assertEqual(sorted(map(int, counts.groups())), [64, 64, 86, 86])

    def write_part(self):
        self.write("ring.toml", PART)
        self.write("part.stl", cube_stl(1))

    def test_points_of_a_surface_of_triangles(self):
        self.write_part()
        said = self.run_program("check", "ring.toml").output
        self.assertIn("part: 12 triangles, volume 8, area 24, before its moves", said)
        self.assertIn("outside: 300 on part", said)
        for ranks in (1, 3):
            self.run_program("sample", "ring.toml", "--file", f"on{ranks}.h5", ranks=ranks)
        with h5py.File(self.folder / "on1.h5") as one, h5py.File(self.folder / "on3.h5") as three:
            for term in one:
                for column in one[term]:
                    np.testing.assert_array_equal(one[term][column][:], three[term][column][:])
            read = lambda term: (np.stack([one[term][name][:] for name in names]) for names in ("xyz", ("n_x", "n_y", "n_z")))
            turn = np.array([[1, 0, 0], [0, np.sqrt(0.5), np.sqrt(0.5)], [0, -np.sqrt(0.5), np.sqrt(0.5)]])  # back to the cube
            place, normal = read("outside")
            place, normal = turn @ place, turn @ normal
            np.testing.assert_allclose(np.max(np.abs(place), axis=0), 0.5, atol=1e-12)
            np.testing.assert_allclose(normal, np.where(np.isclose(np.abs(place), 0.5), np.sign(place), 0), atol=1e-12)
            for face in (*(place > 0.5 - 1e-9), *(place < -0.5 + 1e-9)):
                self.assertAlmostEqual(np.mean(face), 1 / 6, delta=0.05)
            place, normal = read("inside")
            np.testing.assert_allclose(normal, -place / 0.2, atol=1e-9)
            place = turn @ np.stack([one["poisson"][name][:] for name in "xyz"])
            self.assertLess(np.max(np.abs(place)), 0.5)
            self.assertGreater(np.min(np.linalg.norm(place, axis=0)), 0.2)

    def test_a_run_keeps_its_surface(self):
        self.write_part()
        more = ("--set", "training.stages.0.steps=20", "--set", "training.reproducibility=ranks")
        self.train("whole", *more)
        self.train("part", "--set", "training.reproducibility=ranks")
        self.write("part.stl", cube_stl(0.9))
        self.assertIn("part.stl has changed since this run began: the run goes on with the surface that it began with",
                      self.train("part", *more))
        (self.folder / "part.stl").unlink()
        self.assertIn("part.stl is gone", self.train("part", *more, "--set", "training.stages.0.steps=21"))
        self.run_program("evaluate", "part", "--physics")
        self.train("again", status=2)
        self.write_part()
        self.train("again", *more, ranks=2)
        self.assertEqual(self.summary("whole")["loss"], self.summary("again")["loss"])

    def test_bad_surfaces_are_refused_on_every_rank_count(self):
        self.write_part()
        facets = cube_stl(1).split("facet normal")
        for text, words in (("", "its 0 bytes are neither"), ("solid\nendsolid\n", "it holds no triangle"),
                            (cube_stl(1)[:-40], "it is cut off"), (cube_stl(1).replace("-1.0", "nan", 1), "a finite number"),
                            ("facet normal".join(facets[:-1]) + "endsolid", "this surface is not closed: 3 edges")):
            self.write("part.stl", text)
            for ranks in (1, 3):
                said = self.train("refused", ranks=ranks, status=2)
                self.assertEqual(said.count(words), 1, said)
        (self.folder / "part.stl").unlink()
        self.assertIn("part.stl: no such file", self.train("refused", status=2))
        self.assertFalse((self.folder / "refused").exists())

    def test_alternatives_share_no_points(self):
        # half of a circle and 0.7 of it: the part between them has 2 of 7 points, and the half is not drawn twice
        on = "hole && x < 0 || hole && x < inner*cos(0.3*pi)"
        self.run_program("sample", "ring.toml", "--set", f"problem.conditions.1.on={on}", "--file", "on.h5",
                         "--set", "sampling.method=uniform", "--set", "sampling.points.inside=20000")
        with h5py.File(self.folder / "on.h5") as file:
            angles = np.abs(np.arctan2(file["inside"]["y"][:], file["inside"]["x"][:])) / np.pi
        shares = np.histogram(angles, bins=[0, 0.3, 0.5, 0.75, 1])[0] / 20000
        np.testing.assert_allclose(shares, np.array([0, 0.2, 0.25, 0.25]) / 0.7, atol=0.02)  # six standard deviations

    def test_check_says_what_is_on_which_border(self):
        said = self.run_program("check", "ring.toml").output
        self.assertIn("outside: 300 on disk", said)
        self.assertIn("inside: 300 on hole", said)

    def test_a_neumann_problem_on_a_disk_is_solved(self):
        self.write("ring.toml", NEUMANN)
        self.train("neumann", *LONG)
        summary = self.summary("neumann")
        self.assertLess(summary["error"]["u"]["rel_l2"], 5e-4)
        # the source less the field: the exact one's outflow is 0 by its symmetry
        self.assertLess(abs(summary["monitors"]["outflow"]), 1e-2)
        said = self.run_program("evaluate", "neumann", "--physics").output
        self.assertIn("flux", said)
        self.run_program("report", "neumann")

    def test_normals_on_ranks_devices_and_after_a_stop(self):
        self.write("ring.toml", NEUMANN)
        exact = ("--set", "training.reproducibility=ranks", "--set", "sampling.resample_every=7")
        for ranks in (1, 2, 3):
            self.train(f"on{ranks}", *exact, ranks=ranks)
        hashes = {self.summary(f"on{ranks}")["parameter_hash"] for ranks in (1, 2, 3)}
        self.assertEqual(len(hashes), 1)
        self.train("part", *exact, "--set", "training.stages.0.steps=11")
        self.train("part", *exact, ranks=2)
        self.assertEqual({self.summary("part")["parameter_hash"]}, hashes)
        losses = []
        for options in ((), ("--set", "training.engine=reference"), ("--device", "emulated")):
            self.train("other", "--force", *options)
            losses.append(self.first_line("other")["loss"])
        np.testing.assert_allclose(losses, losses[0], rtol=1e-12)

    def test_a_flux_through_faces_is_what_is_written_by_hand(self):
        self.write("box.toml", BOX)
        self.write("by_hand.toml", BY_HAND)
        losses = []
        for name in ("box", "by_hand"):
            self.run_program("train", f"{name}.toml", "--output", name, "--quiet", "--set", "output.log_every=0 s")
            losses.append([json.loads(line)["loss"] for line in (self.folder / name / "metrics.jsonl").read_text().splitlines()])
        self.assertGreater(len(losses[0]), 5)
        np.testing.assert_allclose(losses[0][0], losses[1][0], rtol=1e-12)
        np.testing.assert_allclose(losses[0], losses[1], rtol=1e-9)   # steps multiply the rounding of sums in another order

    def test_normals_where_there_are_none_are_refused(self):
        self.write("ring.toml", BOX)
        for change, words in (("problem.conditions.0.on=t == 0", "`on` of this condition is t == 0"),
                              ("problem.conditions.0.on=boundary", "`on` of this condition holds t == 0"),
                              ("problem.equations.0.residual=u_t - dn(u)", "the equation 'heat' holds in a body"),
                              ("problem.conditions.0.residual=d(n_x*u, x)", "have no derivative")):
            for ranks in (1, 3):
                said = self.train("refused", "--set", change, ranks=ranks, status=2)
                self.assertEqual(said.count(words), 1, said)

    def test_bad_geometry_is_refused_on_every_rank_count(self):
        for change, words in (("geometry.domain=disk - hloe", "did you mean 'hole'?"),
                              ("geometry.domain=hole - disk", "the domain 'hole - disk' is empty"),
                              ("problem.conditions.0.on=disc", "did you mean 'disk'?"),
                              ("geometry.shapes.hole.disk.radius=0", "a radius is above 0"),
                              ("geometry.shapes.hole.translate=[1e13, 0]", "across where it is thinnest"),
                              ("geometry.shapes.boundary.box=[[0, 0], [1, 1]]", "the name 'boundary' of a shape"),
                              ("problem.conditions.0.on=disk < 0.5", "the name of a shape is its border")):
            for ranks in (1, 3):
                said = self.train("refused", "--set", change, ranks=ranks, status=2)
                self.assertIn(words, said)
                self.assertEqual(said.count(words), 1)
        self.assertFalse((self.folder / "refused").exists())


if __name__ == "__main__":
    program.main()
