"""Ranks that die, stop or lag, at random moments: the run ends in time with status 4 and one line that names the right rank where it was, and
leaves no process behind. ROUNDS (environment) repeats each of the random ones; SEED chooses other moments."""
import mmap
import os
import pathlib
import random
import re
import signal
import struct
import subprocess
import time
import unittest.mock

from program import Case, main, program, root

ROUNDS = int(os.environ.get("ROUNDS", "1"))
chance = random.Random(int(os.environ.get("SEED", "0")) or None)
NCCL_STUB = os.environ.get("NCCL_STUB", str(root / "build/release/tests/libstub_nccl.so"))
DEADLINE_S = 2.0
# How long after the deadline the last process may live: a heartbeat, the waking of main threads, mpirun's own end, a machine with other work.
PATIENCE_S = 8.0
PLAIN = ["mpirun", "--quiet", "--oversubscribe", "--bind-to", "none"]


class Record:
    """A rank's record (include/jetpinn/fault/rank_record.hpp), mapped: readable also when the file is gone."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 280, prot=mmap.PROT_READ)

    @property
    def pid(self):
        return struct.unpack_from("q", self.bytes, 48)[0]

    def place(self):
        """(phase, step) from the slot that is whole."""
        sequence, = struct.unpack_from("Q", self.bytes, 144)
        step, _, _, phase = struct.unpack_from("qdQ40s", self.bytes, 152 + 64 * (sequence % 2))
        return phase.split(b"\0")[0].decode(), step


def words(phase, step):
    """As src/fault/diagnosis.cpp tells a place."""
    of_step = f" of step {step}" if step >= 0 else ""
    if phase:
        return f"in '{phase}'{of_step}"
    return f"computing step {step}" if step >= 0 else "at work before the first step"


def processes(scratch):
    """Living processes that name the scratch folder in their arguments: the ranks, mpirun, the launcher."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            if state != "Z" and str(scratch) in (entry / "cmdline").read_text().replace("\0", " "):
                found.append(int(entry.name))
        except (OSError, IndexError):
            pass   # it ended meanwhile
    return found


class Job:
    """A training under jobs/local or, where it is given, mpirun with its options, whose ranks' records can be watched. mpirun has no status
    file: there they lie in the run folder."""

    def __init__(self, case, ranks, *options, mpirun=(), prefix=(), steps=1000000):
        self.case, self.ranks = case, ranks
        self.scratch = case.folder / f"job-{case.jobs}"
        case.jobs += 1
        self.scratch.mkdir()
        arguments = [case.folder / "heat.toml", "--output", self.scratch / "run", "--set", f"run.deadline={DEADLINE_S} s",
                     "--set", f"training.stages.0.steps={steps}", *options]
        environment = {**os.environ, "TMPDIR": str(self.scratch), "JETPINN_PROGRAM": program, "JETPINN_TERMINAL": "0",
                       "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        environment.pop("JETPINN_STATUS_FILE", None)
        if mpirun:
            command = [*mpirun, "-n", ranks, *prefix, program, "train", *arguments]
        else:
            command = [root / "jobs/local", "-n", ranks, *arguments]
        self.log = open(self.scratch / "log", "w+")
        self.process = subprocess.Popen(list(map(str, command)), env=environment, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT, cwd=self.scratch)
        case.addCleanup(self.clear)

    def clear(self):
        for pid in processes(self.scratch):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def until(self, condition, what, limit=60):
        begin = time.monotonic()
        while not condition():
            if self.process.poll() is not None or time.monotonic() - begin > limit:
                self.case.fail(f"never came to: {what}\n{self.output()}")

    def record(self, rank):
        found = []

        def there():
            found[:] = [*self.scratch.glob(f"tmp.*.rank-{rank}"), *self.scratch.glob(f"run/.ranks/rank-{rank}")]
            return found
        self.until(there, f"a record of rank {rank}")
        return Record(found[0])

    def until_training(self):
        metrics = self.scratch / "run/metrics.jsonl"
        self.until(lambda: time.sleep(0.02) or (metrics.exists() and metrics.stat().st_size > 0), "training")

    def output(self):
        self.log.flush()
        return (self.scratch / "log").read_text()

    def end(self, within):
        """The launcher's status; all its processes must be gone with it."""
        try:
            status = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.case.fail(f"still running after {within} s; {processes(self.scratch)}\n{self.output()}")
        self.case.assertEqual(processes(self.scratch), [], f"processes left behind\n{self.output()}")
        return status

    def lines(self):
        return [line for line in self.output().splitlines() if line.startswith(("jetpinn: ", "local: ", "jobs/local: "))]


class LostRank(Case):
    def setUp(self):
        super().setUp()
        self.jobs = 0

    def one_line(self, job, rank, pid, place, reason):
        """One line, naming the rank where its record says it was."""
        lines = job.lines()
        self.assertEqual(len(lines), 1, job.output())
        self.assertRegex(lines[0], rf"^jetpinn: rank {rank} \(host \S+, pid {pid}\) is lost: last seen {re.escape(words(*place))}, "
                                   rf"\d+\.\d s ago; its process {reason}$", job.output())

    def strike(self, ranks, which, plain=False, more=()):
        """A training with a random rank that got the signal at a random moment."""
        # A death is noticed at once, not at the deadline.
        options = ["--set", "run.deadline=60 s"] if which == signal.SIGKILL else []
        job = Job(self, ranks, *options, *more, mpirun=PLAIN if plain else ())
        rank = chance.randrange(ranks)
        record = job.record(rank)
        job.until_training()
        time.sleep(chance.uniform(0, 0.5))
        os.kill(record.pid, which)
        job.struck = time.monotonic()
        time.sleep(0.02)   # a signal takes effect when its process is next scheduled
        job.which, job.plain, job.victim = which, plain, (rank, record.pid, record.place(), "died" if which == signal.SIGKILL else "is stopped")
        return job

    def judge(self, job):
        limit = (0 if job.which == signal.SIGKILL else DEADLINE_S) + PATIENCE_S
        status = job.end(max(0.1, job.struck + limit - time.monotonic()))
        rank, _, place, _ = job.victim
        print(f"{job.ranks} ranks, {'mpirun' if job.plain else 'jobs/local'}: rank {rank} {job.which.name} {words(*place)}: status {status}, "
              f"done within {time.monotonic() - job.struck:.1f} s", flush=True)
        if not job.plain:
            self.assertEqual(status, 4, job.output())
            self.one_line(job, *job.victim)
            return
        # Of a dead rank mpirun may end the others before they have spoken; its own status is not the contract's.
        self.assertNotEqual(status, 0, job.output())
        if job.which == signal.SIGSTOP or job.lines():
            self.one_line(job, *job.victim)

    def test_a_rank_that_dies_and_one_that_stops(self):
        for _ in range(ROUNDS):
            for ranks in (2, 3, 4):
                stopped = self.strike(ranks, signal.SIGSTOP)   # its deadline passes while another job runs
                self.judge(self.strike(ranks, signal.SIGKILL))
                self.judge(stopped)

    def test_plain_mpirun(self):
        for _ in range(ROUNDS):
            stopped = self.strike(3, signal.SIGSTOP, plain=True)
            self.judge(self.strike(3, signal.SIGKILL, plain=True))
            self.judge(stopped)

    def test_other_kinds_of_sums(self):
        # Wide enough for pieces that start early, few points: the ranks are in their sums most of the time.
        wide = ["--set", "network.hidden=[96, 96, 96]", "--set", "sampling.points={ heat = 300, initial = 30, walls = 30 }"]
        for _ in range(ROUNDS):
            stopped = self.strike(3, signal.SIGSTOP, more=[*wide, "--set", "run.gradient_sync=early"])
            self.judge(self.strike(3, signal.SIGKILL, more=[*wide, "--set", "run.gradient_sync=early"]))
            self.judge(stopped)
            self.judge(self.strike(3, signal.SIGKILL, more=[*wide, "--set", "run.gradient_sync=hierarchical"]))

    def test_sums_by_nccl(self):
        # A stub of NCCL (tests/stubs/nccl.cpp), under the names by which the program looks for it and for CUDA's runtime.
        for name in ("libnccl.so.2", "libcudart.so.13"):
            (self.folder / name).symlink_to(NCCL_STUB)
        paths = f"{self.folder}:{os.environ.get('LD_LIBRARY_PATH', '')}"
        nccl = ["--set", "network.hidden=[96, 96, 96]", "--set", "sampling.points={ heat = 300, initial = 30, walls = 30 }",
                "--set", "run.gradient_library=nccl"]
        with unittest.mock.patch.dict(os.environ, LD_LIBRARY_PATH=paths):
            stopped = self.strike(3, signal.SIGSTOP, more=nccl)
            self.judge(self.strike(3, signal.SIGKILL, more=[*nccl, "--set", "run.gradient_sync=hierarchical"]))
            self.judge(stopped)
            for kind in ("plain", "hierarchical", "early") if ROUNDS > 1 else ():
                for sign in (signal.SIGKILL, signal.SIGSTOP):
                    self.judge(self.strike(3, sign, more=[*nccl, "--set", f"run.gradient_sync={kind}"]))

    def test_in_windows(self):
        windows = ["--set", "training.windows.count=3", "--set", "training.reproducibility=ranks"]
        job = Job(self, 2, "--set", "run.deadline=60 s", *windows, "--quiet", steps=150)
        record = job.record(1)
        job.until(lambda: (job.scratch / "run/windows/1/metrics.jsonl").exists(), "the second window")
        os.kill(record.pid, signal.SIGKILL)
        self.assertEqual(job.end(PATIENCE_S), 4, job.output())
        lines = [line for line in job.lines() if "is lost" in line]
        self.assertEqual(len(lines), 1, job.output())
        self.assertRegex(lines[0], r"^jetpinn: rank 1 \(host .* is lost: .*its process died$")
        again = subprocess.run([program, "train", self.folder / "heat.toml", "--output", job.scratch / "run", *windows,
                                "--set", "training.stages.0.steps=150"], text=True, capture_output=True)
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertIn("relative L2 error", again.stdout)

    def test_stopped_while_it_writes_a_checkpoint(self):
        job = Job(self, 2, "--set", "output.checkpoint.every=0.05 s")
        record = job.record(0)
        job.until_training()
        job.until(lambda: record.place()[0] == "checkpoint", "a checkpoint")
        os.kill(record.pid, signal.SIGSTOP)
        time.sleep(0.02)
        place = record.place()
        self.assertEqual(job.end(DEADLINE_S + PATIENCE_S), 4, job.output())
        self.one_line(job, 0, record.pid, place, "is stopped")

    def test_a_late_rank_leaves_when_it_goes_on(self):
        # Nothing but the rank itself can end it: mpirun lets ranks outlive each other, and the ranks believe that it does not.
        job = Job(self, 2, mpirun=[*PLAIN, "-enable-recovery"], prefix=["env", "OMPI_MCA_orte_enable_recovery=0",
                  "JETPINN_STATUS_FILE=tmp.status"])
        record = job.record(1)
        job.until_training()
        os.kill(record.pid, signal.SIGSTOP)
        time.sleep(0.02)
        place = record.place()
        job.until(lambda: list(job.scratch.glob("tmp.*.end-*")), "the end of the deadline")
        os.kill(record.pid, signal.SIGCONT)
        pid = record.pid
        job.end(PATIENCE_S)
        self.one_line(job, 1, pid, place, "is stopped")
        self.assertEqual(sorted((job.scratch / "tmp.status").read_text().splitlines()), ["0 4", "1 4"])

    def test_a_rank_that_comes_in_time_harms_nobody(self):
        job = Job(self, 2, mpirun=PLAIN, steps=1500)
        record = job.record(1)
        job.until_training()
        os.kill(record.pid, signal.SIGSTOP)
        time.sleep(DEADLINE_S / 2)
        os.kill(record.pid, signal.SIGCONT)
        self.assertEqual(job.end(60), 0, job.output())
        self.assertEqual(job.lines(), [])
        self.assertFalse((job.scratch / "run/.ranks").exists())

    def test_start_up_and_shut_down(self):
        moments = [("MPI_Init", 1000000, signal.SIGKILL), ("MPI_Finalize", 1, signal.SIGKILL)]
        for phase, steps, which in moments + [("MPI_Finalize", 1, signal.SIGSTOP)] * (ROUNDS > 1):
            job = Job(self, 3, "--quiet", steps=steps)
            record = job.record(1)
            job.until(lambda: record.place()[0] == phase, phase)
            os.kill(record.pid, which)
            # A rank stopped behind the last word of all leaves the launcher alone with it, which waits ten seconds.
            self.assertEqual(job.end(10 + PATIENCE_S), 4, job.output())
            lines = job.lines()
            self.assertEqual(len(lines), 1, job.output())
            # In the end of MPI the others may be through before they notice: then the launcher finds the record that was left.
            self.assertRegex(lines[0], rf"rank 1 .*is lost: last seen in '{phase}'|lost without a word: rank 1")

    def test_a_second_interrupt_ends_the_run_at_once(self):
        # A rank that is stopped cannot take part in a checkpoint: the first interrupt waits for it.
        job = Job(self, 2, "--set", "run.deadline=60 s")
        record = job.record(1)
        job.until_training()
        os.kill(record.pid, signal.SIGSTOP)
        job.process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        self.assertIsNone(job.process.poll(), job.output())
        job.process.send_signal(signal.SIGINT)
        self.assertEqual(job.end(3), 4, job.output())
        self.assertIn("its last checkpoint stays", job.output())

    def test_the_program_alone_takes_two_interrupts(self):
        with open(self.folder / "log", "w+") as log:
            process = subprocess.Popen([program, "train", self.folder / "heat.toml", "--output", self.folder / "run",
                                        "--set", "training.stages.0.steps=1", "--set", "sampling.points.heat=8000000"],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder)
            begin = time.monotonic()
            while not (self.folder / "run/config.toml").exists() and time.monotonic() - begin < 60:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
            self.assertIsNone(process.poll())   # one step of many points: it goes on to its end
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(5), 4)
            self.assertIn("jetpinn: interrupted twice", (self.folder / "log").read_text())

    def test_without_its_launcher_the_run_ends(self):
        job = Job(self, 3)
        job.until_training()
        job.process.kill()
        begin = time.monotonic()
        while processes(job.scratch) and time.monotonic() - begin < 15:
            time.sleep(0.05)
        self.assertEqual(processes(job.scratch), [])


if __name__ == "__main__":
    main()
