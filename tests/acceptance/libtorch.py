"""LibTorch is loaded when something asks for it, from the build tree and from a prefix, and never otherwise; where it is missing, what
asks for it says so."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

MODULE = "libjetpinn_libtorch.so"
built = pathlib.Path(program.program)
VERSION = b"\0" + re.search(r'version = "(.*)"', (program.root / "include/jetpinn/base/version.hpp").read_text())[1].encode() + b"\0"
STEPS = ["--quiet", "--set", "training.stages.0.steps=3"]
WIDE = ["--set", "network.hidden=[16,136]"]
# What cannot do without it.
ASKING = {
    "the reference engine": ["--set", "training.engine=reference"],
    "a back end of matrix products": WIDE,
    "a dense solve (natural gradient, first fit)": ["--set", "training.stages.0={ optimizer = 'ngd', steps = 3 }"],
    "a basis of eigenvectors (soap)": ["--set", "training.stages.0.optimizer=soap"],
}


def libraries_of(command, cwd):
    """What the dynamic linker opens while the command runs."""
    done = subprocess.run(command, cwd=cwd, env=dict(os.environ, LD_DEBUG="files"), text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=240)
    if done.returncode:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stderr[-2000:]}")
    return set(re.findall(r"calling init: (\S+)", done.stderr))


def is_torch(library):
    return "torch" in pathlib.Path(library).name


class OnDemand(program.Case):
    def loads_it(self, *arguments):
        opened = libraries_of([built, *arguments], self.folder)
        self.assertTrue(any("libmpi" in library for library in opened), "the linker's log is read as it is written")
        return any(map(is_torch, opened))

    def test_nothing_else_loads_it(self):
        linked = subprocess.run(["ldd", built], text=True, capture_output=True, check=True).stdout
        self.assertIn("libmpi", linked)
        self.assertFalse([line for line in linked.splitlines() if is_torch(line.split()[0])])
        for command in (["--version"], ["check", "heat.toml"], ["train", "heat.toml", *STEPS],
                        ["evaluate", "runs/heat"], ["predict", "runs/heat", "--grid", "t=0:1:3,x=0:1:3"],
                        ["train", program.root / "configs/burgers.toml", *STEPS, "--set", "training.stages.1.steps=3"]):
            with self.subTest(command):
                self.assertFalse(self.loads_it(*command))
        for reason, settings in ASKING.items():
            with self.subTest(reason):
                self.assertTrue(self.loads_it("train", "heat.toml", "--output", reason[:8], *settings, *STEPS))

    def test_the_program_shows_no_blas_to_it(self):
        shown = subprocess.run(["nm", "-D", "--defined-only", built], text=True, capture_output=True, check=True).stdout.split("\n")
        names = [line.split()[-1] for line in shown if line]
        self.assertTrue(any("jetpinn" in name for name in names))
        self.assertFalse([name for name in names if re.match(r"(cblas_|LAPACKE_|mkl_|[sdcz][a-z0-9]{2,6}_$)", name)])


class Prefix(program.Case):
    """The program as cmake --install puts it."""
    @classmethod
    def setUpClass(cls):
        cls.prefix = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-prefix-"))
        cls.addClassCleanup(shutil.rmtree, cls.prefix, ignore_errors=True)
        done = subprocess.run(["cmake", "--install", built.parent, "--prefix", cls.prefix], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout
        cls.addClassCleanup(setattr, program, "program", program.program)
        program.program = str(cls.prefix / "bin/jetpinn")
        cls.module = next(cls.prefix.rglob(MODULE))

    def test_it_finds_its_module_there(self):
        opened = libraries_of([program.program, "train", "heat.toml", *STEPS, *ASKING["the reference engine"]], self.folder)
        self.assertIn(self.module.resolve(), [pathlib.Path(library).resolve() for library in opened])

    def test_what_needs_a_missing_module_says_so(self):
        with self.without_module():
            self.asks_in_vain()

    @contextlib.contextmanager
    def without_module(self):
        aside = self.module.with_suffix(".aside")
        self.module.rename(aside)
        try:
            yield aside
        finally:
            aside.replace(self.module)

    def asks_in_vain(self):
        for ranks in (1, 2):
            for number, (reason, settings) in enumerate(ASKING.items()):
                with self.subTest(reason, ranks=ranks):
                    output = self.run_program("train", "heat.toml", "--output", f"without-{ranks}-{number}", *settings, *STEPS, ranks=ranks,
                                              status=2).output
                    self.assertEqual(output.count("LibTorch cannot be loaded"), 1, output)
                    for words in (MODULE, f"; {reason} needs it: ", "LD_LIBRARY_PATH (docs/install.md)"):
                        self.assertIn(words, output)
                    if settings != WIDE:   # which only a measurement may ask for
                        self.assertFalse((self.folder / f"without-{ranks}-{number}").exists(), "found before anything is written")
                        self.assertIn("LibTorch cannot be loaded", self.run_program("check", "heat.toml", *settings, ranks=ranks, status=2).output)
            self.run_program("train", "heat.toml", "--output", f"narrow-{ranks}", *STEPS, ranks=ranks)
        self.run_program("check", "heat.toml", *WIDE)

    def test_a_later_stage_that_needs_it_is_seen_before_the_first(self):
        two = self.write("two.toml", program.HEAT + '\n[[training.stages]]\noptimizer = "ngd"\nsteps = 3\n')
        with self.without_module():
            self.run_program("train", two, "--output", "later", "--quiet", status=2)
            self.assertFalse((self.folder / "later").exists())

    def test_a_file_that_is_no_module_and_one_of_another_version_are_told(self):
        with self.without_module() as aside:
            own = aside.read_bytes()
            self.assertEqual(own.count(VERSION), 1)
            for content, word in ((b"", "file too short"), (own[100:], "invalid ELF header"),
                                  (own.replace(VERSION, b"\0" + b"9" + VERSION[2:]), "is that of jetpinn 9")):
                with self.subTest(word):
                    self.module.write_bytes(content)
                    output = self.run_program("check", "heat.toml", *ASKING["the reference engine"], status=2).output
                    self.assertIn("LibTorch cannot be loaded", output)
                    self.assertIn(word, output)


if __name__ == "__main__":
    program.main()
