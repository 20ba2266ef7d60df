"""sample: data of the machining twin and points of a config, the same on any number of ranks; what is refused."""
import json
import pathlib
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

INPUTS = ["t", "cutting_speed", "feed_per_tooth", "axial_depth", "radial_depth", "tool_diameter", "teeth", "rake_angle", "edge_radius",
          "hardness", "cutting_force", "size_exponent", "conductivity", "coolant_flow", "overhang"]


def columns(path):
    with h5py.File(path) as file:
        return {name: file[name][:] for name in file}


def truth(c):
    """VB and displacement as docs/machining.md has them, independent of the program."""
    h = c["feed_per_tooth"] * np.sqrt(c["radial_depth"] / c["tool_diameter"])
    energy = 1e-3 * c["cutting_force"] * (h ** -c["size_exponent"] * (1 - (c["rake_angle"] - 6) / 66.7) + 0.3e-3 * c["edge_radius"] / h)
    rate = c["axial_depth"] * c["radial_depth"] * c["feed_per_tooth"] * c["teeth"] * 1000 * c["cutting_speed"] / (np.pi * c["tool_diameter"])
    rake = np.radians(c["rake_angle"])
    angle = np.pi / 4 - (np.radians(35) - rake) / 2
    strain = 1 / np.tan(angle) + np.tan(angle - rake)
    thermal = c["conductivity"] / 3.7 * strain / (c["cutting_speed"] * 1000 / 60 * h)
    heat = 0.2 * (1 - 1 / (1 + 1.328 * np.sqrt(thermal))) * energy * rate / 60
    loss = 3 + 0.5 * c["coolant_flow"] ** 0.8
    displacement = 11.5e-3 * c["overhang"] * heat / loss * (1 - np.exp(-c["t"] * 60 * loss / 2000))
    life = 40 * (c["cutting_speed"] / 175) ** (-1 / 0.3) * (c["feed_per_tooth"] / 0.14) ** -0.8 * (c["axial_depth"] / 2) ** -0.3 \
        * (c["radial_depth"] / c["tool_diameter"] / 0.3) ** -0.3 * 250 / c["hardness"] * (energy / 3.5) ** -0.5 \
        * (1 + 0.5 * c["coolant_flow"] / (c["coolant_flow"] + 5)) / 1.3
    s = c["t"] / life
    return 0.3 * (0.2 * (1 - np.exp(-s / 0.08)) + 0.6 * s + 0.2 * s**4), displacement


class Sample(program.Case):
    def sample(self, *arguments, **more):
        return self.run_program("sample", *arguments, **more)

    def test_any_number_of_ranks_writes_the_same_bytes(self):
        for ranks in (1, 2, 3, 4):
            self.sample("machining", "--file", f"{ranks}.h5", "--count", 30000, "--seed", 9, ranks=ranks)
        first = (self.folder / "1.h5").read_bytes()
        for ranks in (2, 3, 4):
            self.assertEqual((self.folder / f"{ranks}.h5").read_bytes(), first)
        self.sample("machining", "--file", "fewer.h5", "--count", 1000, "--seed", 9)
        fewer, more = columns(self.folder / "fewer.h5"), columns(self.folder / "1.h5")
        for name in fewer:
            np.testing.assert_array_equal(fewer[name], more[name][:1000])
        self.sample("machining", "--file", "other.h5", "--count", 1000, "--seed", 10)
        self.assertFalse(np.array_equal(columns(self.folder / "other.h5")["t"], fewer["t"]))

    def test_the_data_are_those_of_the_page(self):
        self.sample("machining", "--file", "m.h5", "--count", "50k")
        table = columns(self.folder / "m.h5")
        for name, expected in zip(("VB", "displacement"), truth(table)):
            np.testing.assert_allclose(table[name + "_true"], expected, rtol=1e-11, atol=1e-14)
            measured = table[name]
            r2 = 1 - ((measured - expected) ** 2).sum() / ((measured - measured.mean()) ** 2).sum()
            self.assertTrue(0.94 <= r2 <= 0.96, (name, r2))
        with h5py.File(self.folder / "m.h5") as file:
            for name in INPUTS:
                attributes = file[name].attrs
                self.assertTrue(attributes["unit"] and attributes["description"], name)
                self.assertGreaterEqual(file[name][:].min(), attributes["low"])
                self.assertLessEqual(file[name][:].max(), attributes["high"])
            self.assertEqual(file["VB"].attrs["unit"], "mm")
        tool, t = table["tool"], table["t"]
        self.assertTrue(np.all(np.diff(tool) >= 0) and np.all(np.diff(t)[np.diff(tool) == 0] > 0))

    def test_points_of_a_config(self):
        for ranks in (1, 3):
            self.sample("heat.toml", "--file", f"{ranks}.h5", ranks=ranks)
        self.assertEqual((self.folder / "1.h5").read_bytes(), (self.folder / "3.h5").read_bytes())
        with h5py.File(self.folder / "1.h5") as file:
            self.assertEqual({name: len(file[name]["x"]) for name in file}, {"heat": 1300, "initial": 300, "walls": 300})
            self.assertEqual(set(file["heat"]), {"t", "x"})
            self.assertEqual(set(file["walls"]), {"t", "x", "n_t", "n_x", "patch"})
            x, normal, patch = (file["walls"][name][:] for name in ("x", "n_x", "patch"))
            np.testing.assert_array_equal(normal, 2 * x - 1)
            np.testing.assert_array_equal(patch, x)
            np.testing.assert_array_equal(file["initial/t"][:], 0)
            walls = x
        # The mark of the config, by which a run of it is known.
        few = ("--set", "training.stages.0.steps=2")
        self.run_program("train", "heat.toml", "--output", "run", "--quiet", *few)
        hashes = {}
        for name, options in {"all": few, "term": (*few, "--term", "heat"), "other": ("--set", "training.stages.0.steps=3")}.items():
            self.sample("heat.toml", "--file", f"{name}.h5", *options)
            with h5py.File(self.folder / f"{name}.h5") as file:
                hashes[name] = file.attrs["config_hash"]
        manifest = json.loads((self.folder / "run/checkpoints/latest/manifest.json").read_text())
        self.assertEqual(hashes["all"], manifest["facts"]["config_hash"])
        self.assertEqual(hashes["term"], hashes["all"])
        self.assertNotEqual(hashes["other"], hashes["all"])
        self.sample("heat.toml", "--term", "walls", "--file", "walls.h5")
        np.testing.assert_array_equal(columns(self.folder / "walls.h5")["x"], walls)
        self.sample("heat.toml", "--term", "heat", "--file", "seed.h5", "--seed", 4)
        self.sample("heat.toml", "--term", "heat", "--file", "set.h5", "--set", "training.seed=4")
        np.testing.assert_array_equal(columns(self.folder / "seed.h5")["x"], columns(self.folder / "set.h5")["x"])

    def test_another_config_of_the_same_name_is_another_sample(self):
        self.sample("heat.toml", "--file", "heat.h5")
        first = (self.folder / "heat.h5").read_bytes()
        text = (self.folder / "heat.toml").read_text()
        self.assertEqual(text.count("kappa = 0.1"), 1)
        for place, config in {"same": text, "other": text.replace("kappa = 0.1", "kappa = 0.2")}.items():
            (self.folder / place).mkdir()
            self.write(f"{place}/heat.toml", config)
        self.sample("same/heat.toml", "--file", "heat.h5")
        output = self.sample("other/heat.toml", "--file", "heat.h5", status=2, ranks=2).output
        self.assertIn("heat.h5 is there already and was sampled from another heat.toml, or before this one was changed", output)
        self.assertEqual((self.folder / "heat.h5").read_bytes(), first)

    def test_a_stop_leaves_what_was_there(self):
        many = "sampling.points.heat=200000000"
        for subject, arguments, mark in (("machining", ("--count", "50M"), "machining --count 50000000 --seed 0"),
                                         ("heat.toml", ("--set", many), f"heat.toml --set {many}")):
            for ranks, how in ((1, signal.SIGINT), (1, signal.SIGTERM), (3, signal.SIGUSR1)):
                with self.subTest(subject=subject, ranks=ranks, how=how):
                    with h5py.File(self.folder / "old.h5", "w") as file:
                        file.attrs["sample"] = mark
                    before = (self.folder / "old.h5").read_bytes()
                    process = self.start("sample", subject, "--file", "old.h5", *arguments, ranks=ranks)
                    end = time.monotonic() + 60
                    while not list(self.folder.glob("old.h5.tmp-*")) and process.poll() is None and time.monotonic() < end:
                        time.sleep(0.01)
                    status, output = self.stop(process, ranks, how)
                    self.assertEqual(status, 75, output)
                    self.assertEqual(output.count("stopped on request"), 1, output)
                    self.assertEqual((self.folder / "old.h5").read_bytes(), before)
                    self.assertEqual(list(self.folder.glob("*.tmp-*")), [])

    def test_a_full_disk_has_one_status(self):
        output = self.sample("machining", "--count", "1e15", "--file", "a.h5", status=2).output
        self.assertIn("more space than is left on the disk", output)
        alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
        mount = "mkdir -p small && mount -t tmpfs -o size=256k tmpfs small"
        if subprocess.run([*alone, mount], cwd=self.folder, capture_output=True).returncode == 0:
            # The rows have room, what HDF5 keeps beside them has not.
            command = f"{mount} && {program.program} sample machining --file small/m.h5 --count 1500; status=$?; ls small; exit $status"
            result = subprocess.run([*alone, command], cwd=self.folder, stdin=subprocess.DEVNULL, text=True, timeout=120,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(result.returncode, 5, result.stdout)
            self.assertIn("cannot write the dataset", result.stdout)
            self.assertNotIn("m.h5.tmp-", result.stdout)
            command = f"{mount} && head -c 200000 /dev/zero > small/other; {program.program} sample machining --file small/m.h5 --count 1200"
            result = subprocess.run([*alone, command], cwd=self.folder, stdin=subprocess.DEVNULL, text=True, timeout=120,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(result.returncode, 5, result.stdout)
            self.assertIn("more space than is left on the disk", result.stdout)

    def test_what_cannot_be(self):
        self.sample("machining", "--file", "there.h5", "--count", 100)
        self.sample("machining", "--file", "there.h5", "--count", 100)   # the same again
        self.write("mine.h5", "mine")
        cases = (("machning", "did you mean 'machining'?"), ("wieghts", "did you mean 'weights'?"),
                 ("machining --file a.csv", "name one that ends in .h5"), ("machining --file a.h5 --count 0", "a whole number of at least 1"),
                 ("machining", "name it, as in --file F.h5"),
                 ("machining --file there.h5 --count 101", "of another sample (machining --count 100 --seed 0)"),
                 ("machining --file mine.h5", "is not of this sample"), ("heat.toml --file there.h5", "of another sample"),
                 ("haet.toml --file a.h5", "did you mean 'heat.toml'?"), ("heat.toml --term wals --file a.h5", "did you mean 'walls'?"),
                 ("heat.toml --file a.h5 --count 9", "counted by sampling.points"))

        def is_refused(case):
            words, message = case
            for ranks in (1, 3) if case in cases[:1] + cases[5:7] else (1,):
                output = self.sample(*words.split(), status=2, ranks=ranks).output
                self.assertIn(message, output)
                self.assertEqual(output.count("jetpinn: "), 1, output)
        program.side_by_side(is_refused, cases)
        self.assertEqual((self.folder / "mine.h5").read_text(), "mine")
        self.assertFalse((self.folder / "a.h5").exists())


if __name__ == "__main__":
    program.main()
