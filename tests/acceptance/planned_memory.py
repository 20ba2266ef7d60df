"""What `check` plans is what training takes, and what is not there is refused before training begins."""
import pathlib
import re
import resource
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

UNITS = {"B": 1 / 1048576, "KiB": 1 / 1024, "MiB": 1, "GiB": 1024, "TiB": 1048576}
LBFGS = ["--set", "training.stages.0.optimizer=lbfgs", "--set", "training.stages.0.history=40"]


class PlannedMemory(program.Case):
    def options(self, *settings):
        arguments = ["heat.toml", "--set", "training.stages.0.steps=2", "--set", "output.evaluate_every=0"]
        for setting in settings:
            arguments += setting if isinstance(setting, list) else ["--set", setting]
        return arguments

    def planned(self, *settings):
        """MiB on rank 0."""
        output = self.run_program("check", *self.options(*settings)).output
        found = re.search(r"^memory +([0-9.]+) (\w+) on rank 0", output, re.M)
        self.assertTrue(found, output)
        return float(found[1]) * UNITS[found[2]]

    def measured(self, name, *settings):
        """MiB of rank 0's resident peak."""
        self.run_program("train", *self.options(*settings), "--quiet", "--output", name)
        return self.summary(name)["peak_memory_mib"][0]

    def test_growth_is_as_planned(self):
        large = ["--set", "network.hidden=[700,700]", "--set", "sampling.points.heat=256"]
        many = ["--set", "sampling.points.heat=4000000", "--set", "network.hidden=[4]"]   # quick at each of them
        cases = {
            "points": [many],
            "resampled": [many, "sampling.resample_every=1"],
            "network": [large],
            "lbfgs": [large, LBFGS],
            "ranks": [large, "training.reproducibility=ranks"],
            "fp32 and lbfgs": [large, "training.precision=fp32", LBFGS],
            "ngd and a mean": [["--set", "network.hidden=[300,300]", "--set", "sampling.points={ heat = 256, initial = 64, walls = 4000 }"],
                               "training.stages.0.optimizer=ngd", "problem.conditions.1.reduction=square_of_mean",
                               "training.reproducibility=ranks"],
        }
        base_planned, base = self.planned(), self.measured("base")
        print(f"{'base':16} planned {base_planned:7.1f} MiB, resident {base:7.1f} MiB")
        for name, settings in cases.items():
            with self.subTest(name):
                planned, measured = self.planned(*settings) - base_planned, self.measured(name.replace(" ", "_"), *settings) - base
                print(f"{name:16} planned {planned:7.1f} MiB more, resident {measured:7.1f} MiB more", flush=True)
                # The libraries grow with their work too, by 16 MiB at most; not all that is planned is needed at once.
                self.assertLess(measured, 1.1 * planned + 16)
                self.assertGreater(measured, 0.6 * planned)

    def limited(self, mib, *arguments):
        """The program under `ulimit -v`."""
        limit = int(mib * 1048576)
        return subprocess.run([program.program, *arguments], cwd=self.folder, text=True, timeout=120, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))

    def test_a_limit_on_the_address_space_is_an_error_with_the_arithmetic(self):
        # What the program needs to start at all differs by machine.
        enough, short = 32768, 0
        while enough - short > 200:
            middle = (enough + short) // 2
            started = self.limited(middle, "train", *self.options(), "--quiet", "--output", f"start-{middle}").returncode == 0
            enough, short = (middle, short) if started else (enough, middle)
        done = self.limited(enough + 300, "train", *self.options("sampling.points.heat=40000000"), "--output", "limited")   # 610 MiB
        self.assertEqual(done.returncode, 2, f"{enough} MiB: {done.stdout}")
        for words in ("rank 0 needs", "= parameters", "+ stored points 610", "ulimit -v", "lower sampling.points"):
            self.assertIn(words, done.stdout)
        self.assertFalse((self.folder / "limited").exists(), "nothing is left behind")

    def test_more_than_the_machine_has_leaves_nothing_behind(self):
        for ranks in (1, 2):
            # The points: 16 bytes each; the list of their blocks alone must pass.
            points = self.machine_bytes() // 12
            done = self.run_program("train", *self.options(f"sampling.points.heat={points}"), "--output", "large", ranks=ranks, status=2)
            for words in ("needs", "= parameters", "+ stored points", "are free", "lower sampling.points"):
                self.assertIn(words, done.output)
            self.assertEqual("2 ranks on host" in done.output, ranks == 2, done.output)
            self.assertEqual(len(re.findall(r"rank \d needs", done.output)), 1, done.output)
            self.assertFalse((self.folder / "large").exists(), "nothing is left behind")

    def machine_bytes(self):
        return int(re.search(r"MemAvailable: +(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) * 1024


if __name__ == "__main__":
    program.main()
