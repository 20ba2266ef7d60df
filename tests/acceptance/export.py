"""export RUN: a flat file, and its evaluator: the engine's values, and the same bits from every compiler."""
import itertools
import pathlib
import re
import shutil
import subprocess
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402
from windows import WAVE  # noqa: E402

sys.path[:0] = [str(program.root / "docs"), str(program.root / "tests/scripts")]
sys.dont_write_bytecode = True
from load import load  # noqa: E402
from portable_cases import cases, text_of  # noqa: E402

BUILDS = [("g++", ["-O0"]), ("g++", ["-O3", "-march=native", "-std=gnu++17"]), ("clang++", ["-O3"]), ("clang++", ["-O0", "-march=native"])]
COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)]
POINTS = 203   # whole tiles and a rest


class Export(program.Case):
    def compile(self, compiler, flags, source, name, status=0):
        done = subprocess.run([compiler, "-std=c++17", *flags, "-Wall", "-Wextra", "-Werror", "-I", str(program.root / "include"), str(source), "-o", name],
                              cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode == 0, status == 0, done.stdout)
        return done.stdout

    def train(self, name, text, *options):
        self.write(f"{name}.toml", text)
        self.run_program("train", f"{name}.toml", "--output", name, "--quiet", *options)

    def export(self, run, file, *options, **how):
        return self.run_program("export", run, "--file", file, *options, **how).output

    def refused(self, *arguments, words, status=2, ranks=1):
        output = self.run_program("export", *arguments, status=status, ranks=ranks).output
        for word in words:
            self.assertIn(word, output)

    def points(self, lower, upper):
        return lower + numpy.random.default_rng(1).random((POINTS, len(lower))) * (numpy.array(upper) - lower)

    def sparse_run(self):
        """A run whose widest matrix has lost nine tenths of its values."""
        self.train("sparse", text_of("silu", "").replace("[9, 9]", "[31, 33]"))
        with h5py.File(self.folder / "sparse/network.h5", "r+") as file:
            weight = file["layers/1/weight"][:]
            at = numpy.flatnonzero(file["parameters"][:] == weight[0, 0])[0]
            weight[numpy.random.default_rng(0).random(weight.shape) < 0.9] = 0
            file["layers/1/weight"][...] = weight
            file["parameters"][at:at + weight.size] = weight.ravel()
        return "sparse"

    def test_same_values_as_the_engine_and_same_bits_from_every_compiler(self):
        names = [f"case{number}" for number in range(len(cases))]
        program.side_by_side(lambda number: self.train(names[number], text_of(*cases[number])), range(len(cases)), at_once=2)
        self.train("wave", WAVE, "--set", "training.stages.0.steps=5", "--set", "training.windows.count=3", "--set", "training.stages.0.optimizer=adam")
        names += [self.sparse_run(), "wave"]
        arguments, expected = [], []
        for name in names:
            lower, upper = ([0, 0], [1, 1]) if name == "wave" else ([0, -1], [2, 1])
            points = self.points(lower, upper)
            points.tofile(self.folder / f"{name}.points")
            network = load(self.folder / name / "network.h5")
            fields, derivatives = network(t=points[:, 0], x=points[:, 1]), network(2, t=points[:, 0], x=points[:, 1])
            slopes = [[derivatives[f"{field}_{by}"] for by in ("t", "x", "tt", "tx", "tx", "xx")] for field in fields]
            for precision, tolerance in (("fp64", 1e-12), ("fp32", 2e-5)):
                file = f"{name}-{precision}.jpn"
                told = self.export(name, file, "--precision", precision)
                for far, size in re.findall(r"from the engine (\S+) at 1024 points of the domain, where \|\w\| <= (\S+)", told):
                    self.assertLess(float(far), tolerance * float(size), told)
                self.assertEqual(told.count("from the engine"), len(fields), told)
                arguments += [file, f"{name}.points", f"{file}.values"]
                expected.append((f"{file}.values", fields, slopes, tolerance))
        size = {precision: (self.folder / f"sparse-{precision}.jpn").stat().st_size for precision in ("fp64", "fp32")}
        self.assertLess(size["fp32"], 4 * (31 * 33 * 0.3 + 31 * 2 + 33 * 2 + 33 + 31 + 2) + 1000)   # the whole matrix alone has 4092 bytes
        builds = [(compiler, flags, f"build{number}") for number, (compiler, flags) in enumerate(BUILDS) if compiler in COMPILERS]
        program.side_by_side(lambda build: self.compile(build[0], build[1], program.root / "tests/acceptance/edge_points.cpp", build[2]), builds, at_once=2)
        first = {}
        for compiler, flags, name in builds:
            done = subprocess.run([f"./{name}", *arguments], cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, f"{compiler} {flags}: {done.stdout}")
            for values, fields, slopes, tolerance in expected:
                bits = (self.folder / values).read_bytes()
                self.assertEqual(bits, first.setdefault(values, bits), f"{compiler} {flags} gives other bits for {values} than {builds[0][:2]}")
                found, by, by_both = numpy.split(numpy.frombuffer(bits), [POINTS * len(fields), 3 * POINTS * len(fields)])
                found = found.reshape(POINTS, len(fields))
                by = numpy.concatenate([by.reshape(POINTS, len(fields), 2), by_both.reshape(POINTS, len(fields), 4)], axis=2)
                for column, (field, value) in enumerate(fields.items()):
                    self.assertLessEqual(abs(found[:, column] - value).max(), tolerance * abs(value).max(), f"{values} {field}")
                    for number, slope in enumerate(slopes[column]):   # as large as slopes are, or as what they are slopes of
                        self.assertLessEqual(abs(by[:, column, number] - slope).max(), 4 * tolerance * max(abs(slope).max(), abs(value).max()),
                                             f"{values} {field} by {('t', 'x', 'tt', 'tx', 'xt', 'xx')[number]}")

    def test_compilers_that_would_change_bits_are_refused(self):
        source = self.write("a.cpp", '#include "jetpinn/edge/network.hpp"\nint main() { return jetpinn::edge::Network().read("", 0).find("joined") == std::string::npos; }\n')
        for compiler in COMPILERS:
            self.assertIn("-ffast-math", self.compile(compiler, ["-ffast-math"], source, "fast", status=1))
        if "clang++" in COMPILERS and "fma" in pathlib.Path("/proc/cpuinfo").read_text():
            self.compile("clang++", ["-O2", "-mfma", "-ffp-contract=fast"], source, "joined")
            self.assertEqual(subprocess.run([self.folder / "joined"]).returncode, 0)

    def test_ranks_write_one_file(self):
        self.train("heat", (self.folder / "heat.toml").read_text())
        told = {self.export("heat", "a.jpn", ranks=ranks) for ranks in (1, 2, 3, 4)}
        self.assertEqual(len(told), 1, told)
        self.assertIn("a.jpn: 337 parameters in fp64", told.pop())
        self.assertEqual([path.name for path in self.folder.glob("*.jpn*")], ["a.jpn"])
        kept = (self.folder / "a.jpn").read_bytes()
        self.export("heat", "sub/b.jpn", ranks=3)
        self.assertEqual((self.folder / "sub/b.jpn").read_bytes(), kept)

    def test_what_cannot_be_exported(self):
        self.train("heat", (self.folder / "heat.toml").read_text())
        self.refused("heat", words=["--file heat.jpn"], ranks=2)
        self.refused("heat", "--file", "heat.h5", words=["must end in .jpn"], ranks=3)
        self.refused("heat", "--file", "heat.jpn", "--precision", "fp23", words=["fp23", "did you mean 'fp32'"])
        self.refused("heat", "--file", "heat.jpn", "--output", "there", words=["--output"])
        self.refused("nowhere", "--file", "a.jpn", words=["nowhere"])
        self.write("notes.jpn", "mine")
        self.refused("heat", "--file", "notes.jpn", words=["notes.jpn is there already"], ranks=2)
        self.assertEqual((self.folder / "notes.jpn").read_text(), "mine")

    def test_damaged_files(self):
        self.train("heat", (self.folder / "heat.toml").read_text())
        self.export("heat", "a.jpn")
        self.compile(COMPILERS[0], ["-O1"], program.root / "docs/evaluate.cpp", "evaluate")
        whole = (self.folder / "a.jpn").read_bytes()

        def outcome(content):
            (self.folder / "b.jpn").write_bytes(content)
            done = subprocess.run(["./evaluate", "b.jpn", "t=0.5", "x=0.25"], cwd=self.folder, text=True, capture_output=True)
            return done.returncode, done.stdout + done.stderr

        status, told = outcome(whole)
        self.assertEqual(status, 0, told)
        fields = load(self.folder / "heat/network.h5")(t=0.5, x=0.25)
        self.assertAlmostEqual(float(told.split()[1]), float(fields["u"]), delta=1e-14)
        for at in itertools.chain(range(16, 40), range(40, len(whole), 97)):
            status, told = outcome(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1:])
            self.assertEqual(status, 2, f"byte {at}: {told}")
        for content, word in ((whole[:-1], "written with"), (whole + b"x", "written with"), (whole[:10], "no .jpn file"), (b"", "no .jpn file"),
                              (whole[:8] + b"\2" + whole[9:], "version 2"), (b"\x89HDF" + whole[4:], "no .jpn file")):
            status, told = outcome(content)
            self.assertEqual(status, 2, told)
            self.assertIn(word, told)


if __name__ == "__main__":
    program.main()
