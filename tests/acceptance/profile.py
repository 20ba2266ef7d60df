"""What a run writes of its ranks' time and memory adds up, on any number of ranks and over continuations, and names what went wrong."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

import program
from program import Case, main

SLOW_DISK = os.environ.get("SLOW_DISK", str(program.root / "build/release/tests/libstub_slow_disk.so"))
ADAM = "training.stages=[{{optimizer=\"adam\", steps={}}}]"
KNOWN = {"startup", "product", "activation", "tape", "allreduce_wait", "allreduce_move", "optimizer", "sampling", "evaluation", "checkpoint",
         "io", "idle", "other"}


@contextlib.contextmanager
def environment(**values):
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class Profile(Case):
    def train(self, run, *arguments, ranks=1, status=0, steps=300):
        return self.run_program("train", "heat.toml", "--output", run, "--set", ADAM.format(steps), *arguments, ranks=ranks, status=status)

    def records(self, run, rank, folder="profile"):
        text = (self.folder / run / folder / f"rank-{rank:04}.jsonl").read_text()
        self.assertTrue(text.endswith("\n"))
        return [json.loads(line) for line in text.splitlines()]

    def profile(self, run):
        return json.loads((self.folder / run / "profile/summary.json").read_text())

    def skip_where_others_work(self, run, *ranks):
        """Ranks that nothing is to disturb and that waited for a core all the same: the profile says so, and what else it says is no certainty."""
        for rank in ranks:
            records = self.records(run, rank)
            queued = sum(record["counters"].get("queued_s", 0) for record in records)
            seconds = sum(record["end_s"] - record["begin_s"] for record in records)
            if queued >= 0.05 * seconds:
                self.assertTrue(self.profile(run)["doubts"])
                self.skipTest(f"others work on this machine: rank {rank} waited for a core in {100 * queued / seconds:.0f} % of its time")

    def expect_sound(self, records, ranks, rank):
        end = 0
        for index, record in enumerate(records):
            self.assertEqual((record["rank"], record["ranks"], record["interval"]), (rank, ranks, index))
            self.assertEqual(set(record["regions"]), KNOWN)
            self.assertEqual(record["begin_s"], end, "a gap between two records")
            end = record["end_s"]
            seconds = record["end_s"] - record["begin_s"]
            self.assertAlmostEqual(sum(record["regions"].values()), seconds, delta=1e-5, msg=record)   # the digits of a record
            self.assertGreaterEqual(min(record["regions"].values()), 0)
            self.assertEqual(record["memory"]["pool_unused"], 0)
            self.assertLessEqual(record["memory"]["minimum"], record["memory"]["used"])
            self.assertGreater(record["memory"]["resident"], 0)
        self.assertEqual([record["last"] if "last" in record else "" for record in records[:-1]], [""] * (len(records) - 1))

    def test_the_records_of_every_rank_add_up(self):
        for ranks in (1, 2, 3):
            run = f"on-{ranks}"
            result = self.train(run, "--verbose", "--set", "output.profile.every=\"0.2 s\"", "--set", "output.keep_best=false", ranks=ranks, steps=1500)
            files = sorted(path.name for path in (self.folder / run / "profile").iterdir())
            self.assertEqual(files, sorted([f"{kind}-{rank:04}.jsonl" for kind in ("rank", "trace") for rank in range(ranks)] + ["summary.json"]))
            wall = self.summary(run)["wall_s"]
            counts = set()
            for rank in range(ranks):
                records = self.records(run, rank)
                self.expect_sound(records, ranks, rank)
                self.assertEqual(records[0]["last_step"], 0)   # the start-up
                self.assertEqual(records[-1]["last"], "completed")
                self.assertEqual(records[-1]["last_step"], 1500)
                self.assertEqual(sum(record["evaluations"] for record in records), 1501)   # one more for the network that is written
                covered = sum(record["end_s"] - record["begin_s"] for record in records)
                if rank == 0:   # whose clock the run's wall time is, read shortly before its last record is closed
                    self.assertGreater(covered, wall - 1e-5)
                if ranks == 1:
                    self.assertEqual(sum(record["regions"]["allreduce_wait"] for record in records), 0)
                counts.add(len(records))
            self.assertEqual(len(counts), 1, "ranks close intervals together")
            self.assertGreaterEqual(counts.pop(), 3)
            self.assertIn("\nbottleneck", result.output)
            share = self.summary(run)
            self.assertGreater(share["utilisation"], 0)
            self.assertLessEqual(share["utilisation"], 1)
            self.assertGreater(share["memory_efficiency"], 0)
            self.assertLessEqual(share["memory_efficiency"], 1)

    def test_traced_steps_hold_nested_events(self):
        self.train("run", ranks=2)
        for rank in range(2):
            lines = (self.folder / f"run/profile/trace-{rank:04}.jsonl").read_text().splitlines()
            steps = [json.loads(line) for line in lines]
            self.assertEqual([step["step"] for step in steps[:3]], [2, 3, 4])
            for step in steps:
                self.assertEqual(step["rank"], rank)
                names = [event[0] for event in step["events"]]
                self.assertEqual(names[0], "jetpinn::step")
                for name in ("loss_and_gradient", "product", "activation", "tape", "allreduce", "optimizer"):
                    self.assertIn("jetpinn::" + name, names)
                around = []   # of the event: end of every one around it
                for name, begin, duration, depth in step["events"]:
                    del around[depth:]
                    self.assertEqual(depth, len(around))
                    for end in around:
                        self.assertLessEqual(begin + duration, end + 0.01, name)   # us
                    around.append(begin + duration)

    def test_kernels_traces_more_steps_and_off_writes_nothing(self):
        self.train("kernels", "--set", "output.profile.detail=kernels", steps=40)
        lines = (self.folder / "kernels/profile/trace-0000.jsonl").read_text().splitlines()
        self.assertEqual([json.loads(line)["step"] for line in lines], list(range(1, 41)))
        result = self.train("off", "--set", "output.profile.detail=off", steps=40)
        self.assertFalse((self.folder / "off/profile").exists())
        self.assertNotIn("bottleneck", result.output)
        self.assertEqual(self.summary("kernels")["parameter_hash"], self.summary("off")["parameter_hash"], "a profile changes no bit")

    def test_a_continuation_begins_files_of_its_own(self):
        self.train("run", ranks=2, steps=50)
        first = self.records("run", 1)
        self.train("run", ranks=2, steps=80)
        self.assertEqual(self.records("run", 1, "profile/continuation-1"), first)
        self.assertTrue((self.folder / "run/profile/continuation-1/summary.json").exists())
        for rank in range(2):
            second = self.records("run", rank)
            self.expect_sound(second, 2, rank)
            self.assertEqual((second[0]["first_step"], second[-1]["last_step"]), (50, 80))
        self.assertEqual(self.profile("run")["steps"], 30)

    def test_a_run_that_fails_says_so_in_its_last_record(self):
        self.train("run", "--set", "training.stages=[{optimizer=\"adam\", steps=100, learning_rate={schedule=\"constant\", start=1e300}}]",
                   ranks=2, status=3)
        for rank in range(2):
            records = self.records("run", rank)
            self.assertEqual(records[-1]["last"], "failed")
            self.expect_sound(records, 2, rank)

    def test_a_profile_that_cannot_be_written_ends_with_the_status_of_storage(self):
        if not pathlib.Path("/dev/full").exists():
            self.skipTest("no /dev/full here")
        # The second rank's file is lost: the folder is made by a run that is stopped before its first step, for it must exist.
        (self.folder / "run/profile").mkdir(parents=True)
        (self.folder / "run/profile/rank-0001.jsonl").symlink_to("/dev/full")
        result = self.train("run", ranks=2, status=5)
        self.assertEqual(result.output.count("jetpinn: warning: rank 1: cannot write"), 1, result.output)
        self.assertEqual(self.summary("run")["status"], "failed")
        self.assertEqual(self.summary("run")["steps"], 300)   # nothing of the training was lost

    def test_a_disturbed_core_is_named(self):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2 or not shutil.which("taskset"):
            self.skipTest("needs two cores and taskset")
        busy = subprocess.Popen(["taskset", "-c", str(cores[1]), "sh", "-c", "while :; do :; done"], start_new_session=True)
        try:
            bound = f"taskset -c $(test $OMPI_COMM_WORLD_RANK = 0 && echo {cores[0]} || echo {cores[1]}) {program.program}"
            script = self.write("bound.sh", f"#!/bin/sh\nexec {bound} \"$@\"\n")
            script.chmod(0o755)
            command = ["mpirun", "--quiet", "-n", "2", "--oversubscribe", "--bind-to", "none", str(script), "train", "heat.toml", "--output",
                       "run", "--set", ADAM.format(4000), "--set", "training.stop.time=\"6 s\"", "--set", "sampling.points.heat=40000"]
            done = subprocess.run(command, cwd=self.folder, text=True, timeout=200, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        finally:
            os.killpg(busy.pid, signal.SIGKILL)
            busy.wait()
        self.skip_where_others_work("run", 0)
        bottleneck = self.profile("run")["bottleneck"]
        self.assertEqual(bottleneck["kind"], "imbalance", done.stdout[-4000:])
        self.assertIn("rank 1", bottleneck["sentence"])

    def test_a_slow_disk_is_named(self):
        if not pathlib.Path(SLOW_DISK).exists():
            self.skipTest(f"no {SLOW_DISK}")
        with environment(LD_PRELOAD=SLOW_DISK, SLOW_DISK_FOLDER=str((self.folder / "run").resolve()), SLOW_DISK_SECONDS="0.004"):
            result = self.train("run", "--set", "output.checkpoint.every=\"0.1 s\"", "--set", "training.stop.time=\"4 s\"",
                                ranks=2, steps=100000)
        self.skip_where_others_work("run", 0, 1)
        bottleneck = self.profile("run")["bottleneck"]
        self.assertEqual(bottleneck["kind"], "I/O-bound", result.output[-4000:])
        self.assertIn("checkpoint", bottleneck["sentence"])


if __name__ == "__main__":
    main()
