"""What predict writes for VTK and ParaView, read by VTK itself: every value and every coordinate is that of solution.h5."""
import math
import pathlib
import sys
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

try:
    import h5py
    import numpy as np
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline
    from vtkmodules.vtkIOXdmf2 import vtkXdmfReader
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader, vtkXMLPolyDataReader
    lacking = None
except ImportError as error:
    lacking = f"Python lacks {error.name} (tests/requirements.txt)"

CONFIG = """
name = "case"
[problem]
coordinates = {coordinates}
fields = ["u", "v"]
domain = {{ {domain} }}
[[problem.equations]]
name = "pde"
residual = ["u_{first} - v", "v_{first} + u"]
[network]
hidden = [6]
[sampling]
points = {{ pde = 64 }}
[training]
seed = 5
[[training.stages]]
optimizer = "adam"
steps = 1
"""

QUANTITIES = "u, v, size = sqrt(u^2 + v^2), u_{0}/2"


def read(path, reader):
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def arrays_of(data):
    point_data = data.GetPointData()
    names = [point_data.GetArrayName(k) for k in range(point_data.GetNumberOfArrays())]
    assert all(point_data.GetArray(name).GetDataTypeAsString() == "double" for name in names), names
    return {name: vtk_to_numpy(point_data.GetArray(name)) for name in names}


def points_of(data):
    return np.array([data.GetPoint(i) for i in range(data.GetNumberOfPoints())])


def films(path):
    """(time, file) of a collection."""
    root = xml.etree.ElementTree.parse(path).getroot()
    assert root.get("type") == "Collection"
    return [(float(item.get("timestep")), path.parent / item.get("file")) for item in root.iter("DataSet")]


@program.unittest.skipIf(lacking, f"files for VTK: {lacking}")
class VtkFiles(program.Case):
    def trained(self, coordinates):
        """A run folder of a problem with these coordinates, x from 0 to 2, y from 0 to 3 and so on."""
        name = "run_" + "".join(coordinates)
        domain = ", ".join(f"{c} = [0, {k + 2}]" for k, c in enumerate(coordinates))
        config = self.write(name + ".toml", CONFIG.format(coordinates=list(coordinates), domain=domain, first=coordinates[-1]))
        self.run_program("train", config, "--quiet", "--output", name)
        return name

    def predict(self, run, *points, **options):
        derivative = QUANTITIES.format(run[-1])
        return self.run_program("predict", run, *points, "--quantities", derivative, **options)

    def table(self, path):
        with h5py.File(self.folder / path) as file:
            return {name: file[name][:] for name in file}, dict(file.attrs)

    def compare(self, data, expected, along, scalars=()):
        """Points and arrays of VTK with columns of the table in VTK's order; `along`: the columns on x, y, z."""
        names = {name for name in expected if len(name) > 1 or name in "uv"} | set(scalars)
        arrays = arrays_of(data)
        self.assertEqual(set(arrays), names)
        points = points_of(data)
        for k in range(3):
            places = expected[along[k]] if k < len(along) else np.zeros(len(points))
            np.testing.assert_allclose(points[:, k], places, rtol=0, atol=8 * np.finfo(float).eps * 8)   # some roundings of values up to 8
        for name in names:
            np.testing.assert_array_equal(arrays[name], expected[name])

    def compare_image(self, path, columns, attributes, along):
        """The table's columns, transposed by NumPy so that x varies fastest, then y, then z."""
        axes, shape = list(attributes["axes"]), tuple(attributes["shape"])
        order = [axes.index(name) for name in reversed(along)]
        others = [k for k in range(len(axes)) if k not in order]
        expected = {name: values.reshape(shape).transpose(others + order).ravel() for name, values in columns.items()}
        for name, values in columns.items():   # an axis that goes down is turned round in VTK
            cube = values.reshape(shape).transpose(others + order)
            for k, coordinate in enumerate(reversed(along)):
                line = columns[coordinate].reshape(shape).transpose(others + order)
                if line.flat[-1] < line.flat[0]:
                    cube = np.flip(cube, len(others) + k)
            expected[name] = cube.ravel()
        self.compare(read(path, vtkXMLImageDataReader()), expected, along)
        return expected

    def compare_film(self, path, columns, attributes, along):
        axes, shape = list(attributes["axes"]), tuple(attributes["shape"])
        t = axes.index("t")
        frames = films(path)
        self.assertEqual(len(frames), shape[t])
        for k, (time, file) in enumerate(frames):
            pick = {name: np.take(values.reshape(shape), [k], axis=t).ravel() for name, values in columns.items()}
            self.assertTrue((pick["t"] == time).all())
            image = read(file, vtkXMLImageDataReader())
            self.assertEqual(image.GetFieldData().GetArray("TimeValue").GetValue(0), time)
            self.compare_image(file, pick, {"axes": axes, "shape": [n if d != t else 1 for d, n in enumerate(shape)]}, along)

    def check(self, coordinates, grid, endings, along, film_along=None, all_ranks=(1,)):
        run = self.trained(coordinates)
        written = {}
        for ranks in all_ranks:
            self.predict(run, "--grid", grid, "--output", f"{run}_{ranks}", ranks=ranks)
            folder = self.folder / f"{run}_{ranks}"
            written[ranks] = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
            self.assertEqual({pathlib.Path(name).suffix for name in written[ranks] if "/" not in name}, {".h5", *endings})
        self.assertEqual(written[1], written[all_ranks[-1]], "any number of ranks writes the same bytes")
        columns, attributes = self.table(f"{run}_1/solution.h5")
        self.assertEqual(list(attributes["axes"]), [axis.split("=")[0] for axis in grid.split(",")])
        if ".vti" in endings:
            self.compare_image(self.folder / f"{run}_1/solution.vti", columns, attributes, along)
        if ".pvd" in endings:
            self.compare_film(self.folder / f"{run}_1/solution.pvd", columns, attributes, film_along or along)

    def test_grids(self):
        cases = [
            ("x", "x=0:2:9", [".vti", ".xdmf"], ["x"]),
            ("xy", "x=0:2:5,y=0:3:7", [".vti", ".xdmf"], ["x", "y"]),
            ("xyz", "z=4:0:3,x=0:2:5,y=0:3:4", [".vti", ".xdmf"], ["x", "y", "z"], None, (1, 3)),   # in another order, one axis going down
            ("tx", "t=0:2:4,x=0:3:6", [".vti", ".pvd", ".xdmf"], ["x", "t"], ["x"]),
            ("txy", "x=0:3:4,y=0:4:3,t=0:2:5", [".pvd", ".xdmf"], ["x", "y"], None, (1, 3)),   # the time last
            ("txyz", "x=0:3:4,t=0:2:3,z=0:5:2,y=0:4:5", [".pvd"], ["x", "y", "z"]),   # no .xdmf: the time stands between
            ("t", "t=0:2:9", [".vti", ".xdmf"], ["t"]),
        ]
        program.side_by_side(lambda case: self.check(*case), cases)

    def test_slices(self):
        run = self.trained("txyz")
        self.predict(run, "--grid", "t=0.5,x=0:3:4,y=1.5,z=0:5:3", "--file", "slice.vti")
        self.predict(run, "--grid", "t=0.5,x=0:3:4,y=1.5,z=0:5:3", "--file", "slice.h5")
        columns, attributes = self.table("slice.h5")
        self.compare_image(self.folder / "slice.vti", columns, attributes, ["x", "y", "z"])   # where it was cut
        fields = read(self.folder / "slice.vti", vtkXMLImageDataReader()).GetFieldData()
        self.assertEqual((fields.GetArray("t").GetValue(0), fields.GetArray("TimeValue").GetValue(0)), (0.5, 0.5))

        run = self.trained("abcg")
        self.predict(run, "--grid", "g=0:5:3,a=1,b=0:3:4,c=2", "--file", "four.vti")
        self.predict(run, "--grid", "g=0:5:3,a=1,b=0:3:4,c=2", "--file", "four.h5")
        columns, attributes = self.table("four.h5")
        self.compare_image(self.folder / "four.vti", columns, attributes, ["b", "g"])   # axes of one value are left out
        many = self.predict(run, "--grid", "a=0:1:2,b=0:1:2,c=0:1:2,g=0:1:2")
        self.assertIn("jetpinn: no file for VTK is written: of these points, 4 of their coordinates have more than one value, but VTK has "
                      "three axes", many.output)
        self.assertEqual([path.name for path in (self.folder / run).glob("solution*")], ["solution.h5"])
        refused = self.predict(run, "--grid", "a=0:1:2,b=0:1:2,c=0:1:2,g=0:1:2", "--file", "a.vti", status=2)
        self.assertIn("a.vti: these points make no .vti: 4 of their coordinates have more than one value, but VTK has three axes; name a "
                      "file that ends in .h5 or .csv", refused.output)

    def test_clouds(self):
        random = np.random.default_rng(3)
        for coordinates, along in (("x", ["x"]), ("xyz", ["x", "y", "z"]), ("txy", ["x", "y", "t"])):
            with self.subTest(coordinates=coordinates):
                run = self.trained(coordinates)
                with h5py.File(self.folder / "points.h5", "w") as file:
                    for k, name in enumerate(coordinates):
                        file[name] = random.uniform(0, k + 2, 700)
                written = []
                for ranks in (1, 3 if coordinates == "txy" else 1):
                    self.predict(run, "--points", "points.h5", "--output", f"{run}_{ranks}", ranks=ranks)
                    written.append((self.folder / f"{run}_{ranks}/solution.vtp").read_bytes())
                self.assertEqual(*written)
                columns, _ = self.table(f"{run}_1/solution.h5")
                cloud = read(self.folder / f"{run}_1/solution.vtp", vtkXMLPolyDataReader())
                self.assertEqual(cloud.GetNumberOfVerts(), 700)
                self.assertEqual([cloud.GetCell(699).GetNumberOfPoints(), cloud.GetCell(699).GetPointId(0)], [1, 699])
                self.compare(cloud, columns, along, scalars=coordinates)

    def references(self, path):
        """Each dataset that a text of XDMF names is in the file beside it, with as many values, and the hyperslabs lie in it."""
        root, named = xml.etree.ElementTree.parse(path).getroot(), set()
        self.assertEqual((root.tag, root.get("Version")), ("Xdmf", "3.0"))
        for item in root.iter("DataItem"):
            if item.get("Format") != "HDF":
                continue
            file, name = item.text.split(":")
            self.assertEqual((item.get("NumberType"), item.get("Precision")), ("Float", "8"))
            with h5py.File(path.parent / file) as table:
                self.assertEqual((table[name].dtype, table[name].size),
                                 (np.float64, math.prod(int(n) for n in item.get("Dimensions").split())))
            named.add(name)
        for slab in root.iter("DataItem"):
            if slab.get("ItemType") != "HyperSlab":
                continue
            (first, step, count), rows = ([int(n) for n in text.split()] for text in (slab[0].text, slab[1].get("Dimensions")))
            self.assertLess(first + step * (count - 1), rows[0])
            self.assertEqual(count, math.prod(int(n) for n in slab.get("Dimensions").split()))
        return root, named

    def compare_xdmf(self, path, columns, along, topology, scalars=()):
        """VTK's XDMF reader finds the table's rows in their order, in a film those of each time."""
        root, named = self.references(path)
        self.assertEqual({item.get("TopologyType") for item in root.iter("Topology")}, {topology})
        arrays = {name for name in columns if len(name) > 1 or name in "uv"} | set(scalars)
        self.assertLessEqual({"/" + name for name in arrays}, named)
        reader = vtkXdmfReader()
        reader.SetFileName(str(path))
        reader.UpdateInformation()
        information, steps = reader.GetOutputInformation(0), vtkStreamingDemandDrivenPipeline.TIME_STEPS()
        times = information.Get(steps) if information.Has(steps) else ()
        for time in times or (None,):
            if time is not None:
                reader.UpdateTimeStep(time)
            reader.Update()
            rows = columns["t"] == time if time is not None else np.full(len(columns["u"]), True)
            self.compare(reader.GetOutputDataObject(0), {name: values[rows] for name, values in columns.items()}, along, scalars)
        return times

    def test_xdmf(self):
        uniform, curved = "3DCoRectMesh", "3DSMesh"
        cases = [
            ("x", "x=0:2:9", "x", uniform, 0),
            ("x", "x=2:0:9", "x", curved, 0),   # it goes down
            ("xy", "y=0:3:7,x=0:2:5", "xy", uniform, 0),   # the order of VTK
            ("xy", "x=0:2:5,y=0:3:7", "xy", curved, 0),
            ("xyz", "z=4:0:3,x=0:2:5,y=0:3:4", "xyz", curved, 0),
            ("tx", "t=0:2:4,x=0:3:6", "xt", uniform, 0),
            ("tx", "x=0:3:6,t=0:2:4", "xt", curved, 0),
            ("txy", "t=0.5,y=1:3:5,x=0:3:4", "xy", uniform, 1),
            ("txy", "t=0:2:5,y=0:4:3,x=0:3:4", "xy", uniform, 5),
            ("txy", "x=0:3:4,y=0:4:3,t=0:2:5", "xy", curved, 5),   # the time last
            ("txy", "x=0:3:4,t=0:2:5,y=0:4:3", "xyt", curved, 0),   # the time between: no film
            ("txyz", "t=2:0:3,x=0:3:4,y=0:4:5,z=0:5:2", "xyz", curved, 3),   # it goes back
            ("t", "t=0:2:9", "t", uniform, 0),
        ]
        runs = {coordinates: self.trained(coordinates) for coordinates in {case[0] for case in cases}}
        for coordinates, grid, along, topology, frames in cases:
            with self.subTest(grid=grid):
                name = grid.replace(":", "_").replace(",", "_")
                said = self.predict(runs[coordinates], "--grid", grid, "--file", name + ".xdmf").output
                self.assertIn(name + ".xdmf: for ParaView", said)
                columns, _ = self.table(name + ".h5")
                times = self.compare_xdmf(self.folder / (name + ".xdmf"), columns, along, topology)
                self.assertEqual(list(times), sorted(set(columns["t"])) if frames else [])
                self.assertEqual(len(times), frames)

    def test_xdmf_of_clouds(self):
        random = np.random.default_rng(7)
        for coordinates, along in (("x", "x"), ("txy", "xyt")):
            with self.subTest(coordinates=coordinates):
                run = self.trained(coordinates)
                with h5py.File(self.folder / "points.h5", "w") as file:
                    for k, name in enumerate(coordinates):
                        file[name] = random.uniform(0, k + 2, 70)
                self.predict(run, "--points", "points.h5")
                columns, _ = self.table(f"{run}/solution.h5")
                self.compare_xdmf(self.folder / f"{run}/solution.xdmf", columns, along, "Polyvertex", scalars=coordinates)

    def test_xdmf_that_is_not_written(self):
        run = self.trained("txyz")
        grid = ("--grid", "x=0:1:2,t=0:1:3,y=0:1:2,z=0:1:2")
        self.assertIn("jetpinn: no file of XDMF is written: their time is neither the first nor the last axis of the grid",
                      self.predict(run, *grid).output)
        self.assertEqual(list((self.folder / run).glob("*.xdmf")), [])
        said = self.run_program("predict", run, "--grid", "t=0:1:3,x=0,y=0,z=0", "--quantities", "u > 0 || v > 0", "--output", "named").output
        self.assertIn("XDMF gives the '|' in the name 'u > 0 || v > 0' another meaning; name that quantity", said)
        self.assertEqual(list((self.folder / "named").glob("*.xdmf")), [])
        refused = self.run_program("predict", run, *grid, "--file", "film.xdmf", status=2, ranks=2).output
        self.assertIn("film.xdmf: these points make no .xdmf: their time is neither the first nor the last axis of the grid; name a file that "
                      "ends in .pvd, .h5 or .csv", refused)

    def test_xdmf_is_replaced_with_its_table(self):
        run = self.trained("x")
        self.predict(run, "--grid", "x=0:2:9", "--file", "a.xdmf")
        self.assertIn("a.h5 is there already", self.predict(run, "--grid", "x=0:2:5", "--file", "a.xdmf", status=2).output)
        (self.folder / "a.h5").unlink()
        self.predict(run, "--grid", "x=0:2:5", "--file", "a.xdmf", ranks=2)
        self.compare_xdmf(self.folder / "a.xdmf", self.table("a.h5")[0], "x", "3DCoRectMesh")
        self.write("b.xdmf", "mine\n")
        refused = self.predict(run, "--grid", "x=0:2:5", "--file", "b.xdmf", status=2, ranks=2)
        self.assertIn("b.xdmf is there already and is not of this prediction; name another file", refused.output)
        self.assertEqual(((self.folder / "b.xdmf").read_text(), (self.folder / "b.h5").exists()), ("mine\n", False))

    def test_the_picture_of_the_pages(self):
        run = self.trained("tx")
        self.predict(run, "--grid", "t=0:2:21,x=0:3:31", "--file", "plane.vti")
        done = program.subprocess.run([sys.executable, program.root / "docs/picture.py", "plane.vti", "u", "u.png", "x", "t"], cwd=self.folder,
                                      capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, "u.png\n"), done.stderr)
        from vtkmodules.vtkIOImage import vtkPNGReader
        picture = read(self.folder / "u.png", vtkPNGReader())
        self.assertEqual(picture.GetDimensions(), (720, 480, 1))
        colours = np.unique(vtk_to_numpy(picture.GetPointData().GetScalars()), axis=0)
        self.assertGreater(len(colours), 100, "the field is to be seen")


if __name__ == "__main__":
    program.main()
