"""Runs the program as a user would, on any number of ranks, in a scratch folder. Shared by the acceptance tests."""
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from configs import HEAT

root = pathlib.Path(os.environ.get("JETPINN_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
program = os.environ.get("JETPINN_PROGRAM", str(root / "build/release/jetpinn"))

# As CTest sets them (cmake/tests.cmake), for a test that is run by hand.
for name, value in {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                    "OMPI_MCA_btl_vader_single_copy_mechanism": "none", "OMPI_MCA_orte_abort_on_non_zero_status": "0",
                    "OMPI_MCA_mpi_yield_when_idle": "1", "OMP_NUM_THREADS": "1",
                    "JETPINN_CACHE": str(root / "build/release/tests/cache")}.items():
    os.environ.setdefault(name, value)


class Result:
    def __init__(self, status, output):
        self.status, self.output = status, output


def command_of(*arguments):
    """prune and sparsify time their networks for a moment alone: no test reads more from their times than that they are there."""
    timed = arguments and arguments[0] in ("prune", "sparsify") and "--seconds" not in arguments
    return [program, *map(str, arguments), *(("--seconds", "0.1") if timed else ())]


def run(*arguments, ranks=1, cwd=None, timeout=240):
    """The contract's status (of the ranks, as jobs/local takes it) and the joined output."""
    command = command_of(*arguments)
    if ranks > 1:
        command = ["mpirun", "--quiet", "-n", str(ranks), "--oversubscribe", "--bind-to", "none", *command]
    with tempfile.NamedTemporaryFile("r") as statuses:
        environment = dict(os.environ, JETPINN_STATUS_FILE=statuses.name, JETPINN_TERMINAL="0")
        done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, text=True, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        words = [line.split() for line in statuses.read().splitlines()]
    reported = [int(line[1]) for line in words if len(line) == 2]
    if ranks == 1 or not reported:
        return Result(done.returncode, done.stdout)
    failures = [status for status in reported if status not in (0, 75)]
    return Result(max(failures or reported), done.stdout)


class Case(unittest.TestCase):
    """A scratch folder with the config heat.toml per test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.write("heat.toml", HEAT)

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def run_program(self, *arguments, ranks=1, status=0, cwd=None):
        result = run(*arguments, ranks=ranks, cwd=cwd or self.folder)
        self.assertEqual(result.status, status, f"{arguments} on {ranks} ranks:\n{result.output[-3000:]}")
        return result

    def summary(self, run_folder):
        return json.loads((self.folder / run_folder / "summary.json").read_text())

    def start(self, *arguments, ranks=1):
        command = command_of(*arguments)
        if ranks > 1:
            command = ["mpirun", "--quiet", "-n", str(ranks), "--oversubscribe", "--bind-to", "none", *command]
        status_file = self.folder / "statuses"
        status_file.write_text("")
        process = subprocess.Popen(command, cwd=self.folder, env=dict(os.environ, JETPINN_STATUS_FILE=str(status_file)),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   start_new_session=True)
        self.addCleanup(lambda: process.poll() is None and os.killpg(process.pid, signal.SIGKILL))
        return process

    def wait_for_steps(self, run_folder, steps=1):
        """Until that many steps were logged."""
        path, end = self.folder / run_folder / "metrics.jsonl", time.time() + 100
        while time.time() < end:
            lines = path.read_text().splitlines() if path.exists() else []
            if lines and json.loads(lines[-1] if lines[-1].endswith("}") else lines[0])["step"] >= steps:
                return
            time.sleep(0.01)
        self.fail(f"no step {steps} in {path}")

    def left(self):
        """Processes that are still at work in the scratch folder."""
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        return [line for line in listed.splitlines() if str(self.folder) in line]

    def stop_a_study(self, *arguments, run_folder, how):
        """Starts what starts runs itself, and asks it to stop as soon as the run takes steps: status 75, and nothing is left."""
        study = self.start(*arguments)
        self.wait_for_steps(run_folder)
        study.send_signal(how)
        output = study.communicate(timeout=100)[0]
        self.assertEqual(study.returncode, 75, output)
        self.assertEqual(self.left(), [])

    def stop(self, process, ranks=1, how=signal.SIGUSR1):
        process.send_signal(how)
        output = process.communicate(timeout=60)[0]
        if ranks == 1:
            return process.returncode, output
        statuses = {int(line.split()[1]) for line in (self.folder / "statuses").read_text().splitlines()}
        return max(statuses), output


def side_by_side(function, items, at_once=4):
    """function(item) for each: starting and ending ranks is mostly waiting. What they raise is raised here."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(function, item) for item in items]:
            done.result()


class MethodsCase(Case):
    """What holds of every method that follows a training: `methods` names them, `sets_of(method)` says what is set for one,
    in stages of which the second takes "steps = 6", and `plain` what is set without."""
    methods, plain = (), ()

    def sets_of(self, method):
        raise NotImplementedError

    def train(self, folder, sets, ranks=1, status=0):
        options = [word for one in sets for word in ("--set", one)]
        return self.run_program("train", "heat.toml", "--output", folder, *options, ranks=ranks, status=status).output

    def hash_of(self, folder):
        return self.summary(folder)["parameter_hash"]

    def look_at_ranks(self, method):
        """The runs of a method on one rank and on four lie in runs/METHOD-1 and runs/METHOD-4."""

    def test_bits_depend_neither_on_ranks_nor_on_stops(self):
        """On one rank, on four, and on two that stop and three that go on."""
        self.train("runs/plain", self.plain)
        hashes = {self.hash_of("runs/plain")}
        for method in self.methods:
            sets = self.sets_of(method)
            first = [one.replace("steps = 6", "steps = 3") for one in sets]
            self.assertNotEqual(first, sets)
            self.train(f"runs/{method}-1", sets)
            self.train(f"runs/{method}-4", sets, ranks=4)
            self.train(f"runs/{method}-parts", first, ranks=2)
            self.train(f"runs/{method}-parts", sets, ranks=3)
            own = {self.hash_of(f"runs/{method}-{ways}") for ways in (1, 4, "parts")}
            self.assertEqual(len(own), 1, method)
            self.assertFalse(own & hashes, f"{method} trains as another method does, or as none")
            hashes |= own
            self.look_at_ranks(method)


def main():
    """Runs the calling module's tests; 77 when none of them could run, for CTest."""
    result = unittest.main(exit=False, verbosity=1).result
    for test, reason in result.skipped:
        print(f"not run: {reason} ({test.id()})", flush=True)
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun and len(result.skipped) == result.testsRun else 0)
