"""ParaView itself opens a film, an image and a cloud of predict, and finds the values and places of solution.h5."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

try:
    import h5py
    import numpy as np
    lacking = None
except ImportError as error:
    lacking = f"Python lacks {error.name}"

# Run by pvpython, which has a Python of its own.
SCRIPT = """
import json, sys
from paraview import servermanager
from paraview.simple import GetParaViewVersion, OpenDataFile, XDMFReader, Xdmf3ReaderS
frames = []
readers = {"OpenDataFile": OpenDataFile, "XDMFReader": lambda path: XDMFReader(FileNames=[path]),
           "Xdmf3ReaderS": lambda path: Xdmf3ReaderS(FileName=[path])}
source = readers[sys.argv[3]](sys.argv[1])
source.UpdatePipelineInformation()
for time in list(source.TimestepValues) or [0.0]:
    source.UpdatePipeline(time)
    data = servermanager.Fetch(source)
    values = data.GetPointData()
    frames.append({"time": time, "points": [data.GetPoint(i) for i in range(data.GetNumberOfPoints())],
                   "arrays": {values.GetArrayName(k): [values.GetArray(k).GetValue(i) for i in range(data.GetNumberOfPoints())]
                              for k in range(values.GetNumberOfArrays())}})
json.dump({"version": str(GetParaViewVersion()), "frames": frames}, open(sys.argv[2], "w"))
"""


@program.unittest.skipIf(lacking, f"ParaView against solution.h5: {lacking}")
@program.unittest.skipUnless(shutil.which("pvpython"), "pvpython not found; tests/run --all installs the packages of tests/packages")
class ParaView(program.Case):
    def setUp(self):
        super().setUp()
        self.write("script.py", SCRIPT)
        self.run_program("train", "heat.toml", "--quiet", "--output", "run")

    def opened(self, name, reader="OpenDataFile"):
        subprocess.run(["pvpython", "--force-offscreen-rendering", "script.py", self.folder / name, "seen.json", reader], cwd=self.folder,
                       check=True, timeout=120, env=dict(os.environ, QT_QPA_PLATFORM="offscreen"), stdout=subprocess.DEVNULL)
        return json.loads((self.folder / "seen.json").read_text())

    def columns(self, name):
        with h5py.File(self.folder / name) as file:
            return {column: file[column][:] for column in file}

    def test_film_and_plane(self):
        self.run_program("predict", "run", "--grid", "t=0:1:4,x=0:1:9", "--quantities", "u, slope = u_x")
        columns = {name: values.reshape(4, 9) for name, values in self.columns("run/solution.h5").items()}
        film = self.opened("run/solution.pvd")
        print("ParaView", film["version"])
        self.assertEqual(len(film["frames"]), 4)
        for k, frame in enumerate(film["frames"]):
            self.assertEqual(frame["time"], columns["t"][k, 0])
            self.assertEqual(set(frame["arrays"]), {"u", "slope"})
            np.testing.assert_allclose(np.array(frame["points"])[:, 0], columns["x"][k], atol=1e-15)
            for name, values in frame["arrays"].items():
                np.testing.assert_array_equal(values, columns[name][k])
        plane = self.opened("run/solution.vti")["frames"][0]
        np.testing.assert_allclose(np.array(plane["points"])[:, :2], np.column_stack([columns["x"].ravel(), columns["t"].ravel()]), atol=1e-15)
        np.testing.assert_array_equal(plane["arrays"]["u"], columns["u"].ravel())   # the table has x fastest as well

    def test_cloud(self):
        random = np.random.default_rng(1)
        with h5py.File(self.folder / "points.h5", "w") as file:
            file["t"], file["x"] = random.uniform(0, 1, (2, 50))
        self.run_program("predict", "run", "--points", "points.h5")
        columns, cloud = self.columns("run/solution.h5"), self.opened("run/solution.vtp")["frames"][0]
        np.testing.assert_array_equal(cloud["points"], np.column_stack([columns["x"], columns["t"], np.zeros(50)]))
        for name in ("t", "x", "u"):
            np.testing.assert_array_equal(cloud["arrays"][name], columns[name])

    # A grid in the order of VTK is for all of ParaView's readers, the rest for its XDMF Reader.
    def test_xdmf(self):
        self.run_program("predict", "run", "--grid", "t=0:1:4,x=0:1:9", "--quantities", "u, slope = u_x", "--file", "plane.xdmf")
        columns = self.columns("plane.h5")
        for reader in ("XDMFReader", "Xdmf3ReaderS"):
            [plane] = self.opened("plane.xdmf", reader)["frames"]
            np.testing.assert_allclose(np.array(plane["points"])[:, :2], np.column_stack([columns["x"], columns["t"]]), atol=1e-15)
            for name in ("u", "slope"):
                np.testing.assert_array_equal(plane["arrays"][name], columns[name])
        self.run_program("predict", "run", "--grid", "x=0:1:9,t=0:1:4", "--file", "turned.xdmf")
        columns, [turned] = self.columns("turned.h5"), self.opened("turned.xdmf", "XDMFReader")["frames"]
        np.testing.assert_array_equal(turned["points"], np.column_stack([columns["x"], columns["t"], np.zeros(36)]))
        np.testing.assert_array_equal(turned["arrays"]["u"], columns["u"])


if __name__ == "__main__":
    program.main()
