"""Points with normals from files for VTK and from tables: the same run as from the geometry that they lie on, on any number of
ranks, after a stop, streamed and held out; what is refused."""
import json
import pathlib
import sys

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import configs  # noqa: E402
import program  # noqa: E402

try:
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkPolyData, vtkUnstructuredGrid
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter, vtkXMLUnstructuredGridWriter
    lacking = None
except ImportError as error:
    lacking = f"Python lacks {error.name} (tests/requirements.txt)"

DISK = configs.NEUMANN_ON_DISK + """
[network]
hidden = [10, 10]
[sampling]
points = { screened = 300, flux = 100 }
[training]
seed = 3
reproducibility = "ranks"
[[training.stages]]
optimizer = "bfgs"
steps = 200
"""
CLOUD = DISK.replace('on = "disk"', 'points = "flux.vtu"').replace(", flux = 100", "")
FEW = ("--set", "training.stages.0.steps=20")


def circle(rows=100):
    angle = 2 * np.pi * (np.arange(rows) + 0.3) / rows
    place = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    return place, place.copy()


def ascii_cloud(places, **arrays):
    """A file for VTK by hand."""
    def text(name, values):
        values = np.asarray(values, dtype=float)
        components = values.shape[1] if values.ndim > 1 else 1
        return (f'<DataArray type="Float64" Name="{name}" NumberOfComponents="{components}" format="ascii">\n'
                + " ".join(map(repr, values.ravel().tolist())) + "\n</DataArray>\n")
    return (f'<?xml version="1.0"?>\n<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian">\n<UnstructuredGrid>\n'
            f'<Piece NumberOfPoints="{len(places)}" NumberOfCells="0">\n<PointData>\n'
            + "".join(text(name, values) for name, values in arrays.items())
            + "</PointData>\n<Points>\n" + text("Points", places) + "</Points>\n</Piece>\n</UnstructuredGrid>\n</VTKFile>\n")


class Clouds(program.Case):
    def setUp(self):
        super().setUp()
        self.write("disk.toml", DISK)
        self.write("cloud.toml", CLOUD)
        self.cloud("flux.vtu", *circle())

    def cloud(self, name, places, normals, **more):
        self.write(name, ascii_cloud(places, Normals=normals, **more))

    def table(self, name, **columns):
        with h5py.File(self.folder / name, "w") as file:
            for column, values in columns.items():
                file[column] = values

    def train(self, config, output, *more, ranks=1):
        self.run_program("train", config, "--quiet", "--output", output, *more, ranks=ranks)
        return self.summary(output)

    def refused(self, words, *more, command="check"):
        for ranks in (1, 2):
            said = self.run_program(command, "cloud.toml", *more, ranks=ranks, status=2).output
            for word in words:
                self.assertEqual(said.count(word), 1, said)

    def test_a_neumann_problem_from_a_cloud_is_as_good_as_from_its_geometry(self):
        drawn = self.train("disk.toml", "drawn")["error"]["u"]["rel_l2"]
        stored = self.train("cloud.toml", "stored")["error"]["u"]["rel_l2"]
        self.assertLess(drawn, 1e-3)
        self.assertLess(stored, 1e-3)
        self.assertTrue(0.2 < stored / drawn < 5, (stored, drawn))

    # What `sample` draws and writes is what a run draws: the file in place of the geometry changes no bit.
    def test_points_that_sample_wrote_are_read_with_their_normals(self):
        self.run_program("sample", "disk.toml", "--term", "flux", "--file", "flux.h5")
        from_file = ("--set", "problem.conditions.0.points=flux.h5")
        drawn = self.train("disk.toml", "drawn", *FEW)
        stored = self.train("cloud.toml", "stored", *FEW, *from_file)
        self.assertEqual(stored["parameter_hash"], drawn["parameter_hash"])
        self.run_program("sample", "cloud.toml", "--term", "flux", "--file", "again.h5", *from_file, ranks=2)
        with h5py.File(self.folder / "flux.h5") as first, h5py.File(self.folder / "again.h5") as second:
            self.assertEqual(sorted(second), ["n_x", "n_y", "x", "y"])
            for name in second:
                np.testing.assert_array_equal(first[name][:], second[name][:])

    def test_ranks_stops_rows_held_out_and_scales(self):
        one = self.train("cloud.toml", "one", *FEW)
        for ranks in (2, 3):
            self.assertEqual(self.train("cloud.toml", f"on-{ranks}", *FEW, ranks=ranks)["parameter_hash"], one["parameter_hash"])
        self.train("cloud.toml", "part", "--set", "training.stages.0.steps=9")
        with h5py.File(self.folder / "part/points/flux.h5") as kept:
            self.assertEqual(sorted(kept), ["n_x", "n_y", "x", "y"])
        (self.folder / "flux.vtu").rename(self.folder / "away.vtu")
        said = self.run_program("train", "cloud.toml", "--output", "part", *FEW, ranks=2).output
        self.assertIn("flux.vtu is gone: the run goes on with the rows that it began with", said)
        self.assertEqual(self.summary("part")["parameter_hash"], one["parameter_hash"])
        (self.folder / "away.vtu").rename(self.folder / "flux.vtu")
        held = self.train("cloud.toml", "held", "--set", "problem.conditions.0.holdout=0.2")
        self.assertLess(held["validation"]["flux"], 0.05)
        self.run_program("evaluate", "one", "--physics")
        self.run_program("report", "one")

    # In units in which x and y differ: normals are those of the config's space.
    def test_scales_change_no_problem(self):
        scaled = ("--set", "problem.scales.x=4", "--set", "problem.scales.u=0.5")
        losses = []
        for name, config in (("drawn", "disk.toml"), ("stored", "cloud.toml")):
            self.run_program("sample", "disk.toml", "--term", "flux", "--file", "flux.h5")
            more = ("--set", "problem.conditions.0.points=flux.h5") if name == "stored" else ()
            losses.append(self.train(config, name, *FEW, *scaled, *more)["parameter_hash"])
        self.assertEqual(*losses)

    def test_a_stream_of_points_with_normals(self):
        places, normals = circle(3000)
        self.table("flux.h5", x=places[:, 0], y=places[:, 1], n_x=normals[:, 0], n_y=normals[:, 1])
        streamed = ("--set", "problem.conditions.0.points=flux.h5", "--set", "problem.conditions.0.stream=true",
                    "--set", "sampling.batch.flux=300", "--set", "training.stages.0.optimizer=adam", *FEW)
        one = self.train("cloud.toml", "one", *streamed)
        self.assertEqual(self.train("cloud.toml", "two", *streamed, ranks=2)["parameter_hash"], one["parameter_hash"])
        self.assertEqual(one["streams"]["flux"]["rows_of_last_epoch"], 3000)
        normals[1700:1800] *= 0.5
        self.table("flux.h5", x=places[:, 0], y=places[:, 1], n_x=normals[:, 0], n_y=normals[:, 1])
        said = self.run_program("train", "cloud.toml", "--output", "bad", *streamed, status=2).output
        self.assertIn("has length 0.5", said)
        self.refused(["stream = true reads an HDF5 file", "is one for VTK"], "--set", "problem.conditions.0.stream=true")

    def test_what_has_no_normals_is_refused(self):
        places, normals = circle()
        self.write("flux.vtu", ascii_cloud(places, u=places[:, 0]))
        self.refused(["flux.vtu has no column 'n_x': this term reads normals", "it has u, x, y, z"])
        for row, value, words in ((5, 0, "row 5 of"), (6, np.nan, "row 6 is not a finite number"), (7, 1.5, "has length 1.5")):
            _, normals = circle()
            normals[row] *= value
            self.cloud("flux.vtu", places, normals)
            self.refused([words])
        _, normals = circle()
        self.cloud("flux.vtu", places, np.stack([0 * normals[:, 0], 0 * normals[:, 0], 1 + 0 * normals[:, 0]], axis=1))
        self.refused(["the normal (n_x, n_y) = (0, 0) has length 0", "in the space of this problem"])
        self.cloud("flux.vtu", places, circle()[1])
        whole = (self.folder / "flux.vtu").read_text()
        self.write("flux.vtu", whole[:900])
        self.refused(["flux.vtu", "it is cut off"], command="train")

    # Coordinates that VTK has no axis for, and data, are arrays; normals of tables in text are rounded.
    def test_arrays_are_columns(self):
        places, normals = circle()
        self.cloud("flux.vtu", places, np.round(normals, 4), g=2 * places[:, 0], v=places)
        self.write("flux.csv", "x,y,n_x,n_y,g,v_y\n" + "".join(
            ",".join(map(repr, map(float, (*place[:2], *np.round(normal, 4)[:2], 2 * place[0], place[1])))) + "\n"
            for place, normal in zip(places, normals)))
        more = (*FEW, "--set", "problem.conditions.0.residual=dn(u) + data.v_y*u - data.g")
        hashes = [self.train("cloud.toml", name[-3:], *more, "--set", f"problem.conditions.0.points={name}")["parameter_hash"]
                  for name in ("flux.vtu", "flux.csv")]
        self.assertEqual(*hashes)
        self.run_program("predict", "vtu", "--points", "flux.vtu", "--file", "at.h5")
        with h5py.File(self.folder / "at.h5") as file:
            np.testing.assert_array_equal(file["x"][:], places[:, 0])

    # A cloud of points that predict wrote: its coordinates and quantities are columns.
    def test_clouds_of_predict_are_read_back(self):
        self.train("cloud.toml", "run", *FEW)
        self.run_program("predict", "run", "--points", "flux.vtu", "--quantities", "u,n_x = x,n_y = y", "--file", "back.vtp")
        said = self.run_program("check", "cloud.toml", "--set", "problem.conditions.0.points=back.vtp",
                                "--set", "problem.conditions.0.residual=dn(u) - data.u").output
        self.assertIn("flux: 100 rows of", said)
        fitted = self.train("cloud.toml", "fitted", *FEW, "--set", "problem.conditions.0.points=back.vtp",
                            "--set", "problem.conditions.0.residual=u - data.u", "--set", "problem.equations.0.weight=1e-9")
        self.assertLess(fitted["loss"], 1e-2)

    @program.unittest.skipIf(lacking, f"files that VTK writes: {lacking}")
    def test_what_vtk_writes_is_read(self):
        places, normals = circle()
        for polygons, mode, compressed, wide, base64 in ((False, "Ascii", False, False, False), (False, "Binary", True, False, False),
                                                         (True, "Binary", False, True, False), (False, "Appended", True, False, True),
                                                         (True, "Appended", True, True, False), (False, "Appended", False, False, False)):
            name = "vtk.vtp" if polygons else "vtk.vtu"
            (self.folder / "vtk.h5").unlink(missing_ok=True)
            self.write_by_vtk(name, places, normals, polygons, mode, compressed, wide, base64)
            self.run_program("sample", "cloud.toml", "--term", "flux", "--file", "vtk.h5",
                             "--set", f"problem.conditions.0.points={name}")
            with h5py.File(self.folder / "vtk.h5") as file:
                columns = {name: file[name][:] for name in file}
            np.testing.assert_allclose(columns["x"], places[:, 0], rtol=0, atol=1e-5 if mode == "Ascii" else 0)   # as VTK prints
            np.testing.assert_allclose(columns["n_y"], normals[:, 1], rtol=0, atol=1e-5 if mode == "Ascii" else 4e-16)

    def write_by_vtk(self, name, places, normals, polygons, mode, compressed, wide, base64):
        data = vtkPolyData() if polygons else vtkUnstructuredGrid()
        points = vtkPoints()
        points.SetData(numpy_to_vtk(places, deep=True))
        data.SetPoints(points)
        array = numpy_to_vtk(normals, deep=True)
        array.SetName("outward")
        data.GetPointData().SetNormals(array)
        writer = vtkXMLPolyDataWriter() if polygons else vtkXMLUnstructuredGridWriter()
        writer.SetFileName(str(self.folder / name))
        writer.SetInputData(data)
        getattr(writer, f"SetDataModeTo{mode}")()
        writer.SetEncodeAppendedData(base64)
        writer.SetHeaderTypeToUInt64() if wide else writer.SetHeaderTypeToUInt32()
        writer.SetCompressorTypeToZLib() if compressed else writer.SetCompressorTypeToNone()
        writer.Write()


if __name__ == "__main__":
    program.main()
