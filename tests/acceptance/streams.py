"""Tables that are read while a run trains on them: the same bits on any number of ranks and after any stop, every row once in
an epoch, memory that does not follow their number, and what is refused."""
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

ROWS = 5000
CONFIG = """
name = "poisson"
[problem]
coordinates = ["x", "y"]
domain = { x = [0, 1], y = [0, 1] }
[[problem.equations]]
name = "poisson"
residual = "u_xx + u_yy + 2*pi^2*sin(pi*x)*sin(pi*y)"
points = "set.h5"
stream = true
[[problem.conditions]]
name = "zero"
on = "boundary"
residual = "u"
[reference]
exact = { u = "sin(pi*x)*sin(pi*y)" }
[network]
hidden = [16, 16]
[sampling]
batch = { poisson = 500 }
[training]
seed = 3
reproducibility = "ranks"
[[training.stages]]
optimizer = "adam"
learning_rate = 0.005
steps = 27
[output]
evaluate_every = 20
"""


def points(rows, seed=1):
    x, y = numpy.random.default_rng(seed).random((2, rows))
    return {"x": x, "y": y}


class Streams(program.Case):
    def setUp(self):
        super().setUp()
        self.write("poisson.toml", CONFIG)
        self.store(points(ROWS))

    def store(self, columns, name="set.h5", **layout):
        with h5py.File(self.folder / name, "w") as file:
            for column, values in columns.items():
                file.create_dataset(column, data=values, **layout)

    def train(self, output, *sets, ranks=1, status=0):
        options = [word for one in sets for word in ("--set", one)]
        return self.run_program("train", "poisson.toml", "--output", output, *options, ranks=ranks, status=status).output

    def hash_of(self, output):
        return self.summary(output)["parameter_hash"]

    def test_bits_do_not_depend_on_ranks(self):
        hashes = set()
        for ranks in (1, 2, 3, 4):
            self.train(f"ranks-{ranks}", ranks=ranks)
            hashes.add(self.hash_of(f"ranks-{ranks}"))
            stream = self.summary(f"ranks-{ranks}")["streams"]["poisson"]
            self.assertEqual(stream["rows"], ROWS)
            self.assertEqual(stream["rows_of_last_epoch"], ROWS)
            self.assertEqual(stream["row_sum_of_last_epoch"], ROWS * (ROWS - 1) // 2)
            self.assertEqual((stream["epoch"], stream["rows_of_epoch"] > 0), (2, True))
        self.assertEqual(len(hashes), 1)

    def test_a_run_goes_on_exactly(self):
        stages = [f"training.stages.0.steps={steps}" for steps in (7, 14, 27)]
        self.train("whole")
        for ranks, steps in zip((1, 3, 2), stages):
            self.train("parts", steps, ranks=ranks)
        self.assertEqual(self.hash_of("parts"), self.hash_of("whole"))
        self.assertEqual(self.summary("parts")["streams"]["poisson"]["rows_of_last_epoch"], ROWS)

    # Of every layout and type that lies in the file as in memory; others say how to mend them.
    def test_any_layout_gives_the_same_bits(self):
        self.train("plain")
        self.store(points(ROWS), chunks=(700,))
        self.train("chunks")
        self.assertEqual(self.hash_of("chunks"), self.hash_of("plain"))
        self.store(points(ROWS), compression="gzip")
        self.assertIn("h5repack", self.train("gzip", status=2))

    # A search has one step's points, and after it the stream goes on.
    def test_stages_have_steps_of_their_own(self):
        self.write("poisson.toml", CONFIG.replace("steps = 27", "steps = 9\nbatch = { poisson = 1000 }") + """
[[training.stages]]
optimizer = "lbfgs"
steps = 6
batch = { poisson = 3000 }
""")
        outputs = [self.train(f"ranks-{ranks}", ranks=ranks) for ranks in (1, 3)]
        self.assertEqual(self.hash_of("ranks-1"), self.hash_of("ranks-3"))
        self.assertIn("2560 of 5000 rows (the same in every step)", outputs[0])
        self.train("parts", "training.stages.1.steps=3", ranks=2)
        self.train("parts")
        self.assertEqual(self.hash_of("parts"), self.hash_of("ranks-1"))

    SECOND = """
[[problem.equations]]
name = "second"
residual = "u - sin(pi*x)*sin(pi*y)"
points = "set.h5"
stream = true
[[problem.conditions]]"""

    # Of three ranks the first keeps its rows of `second`, where a stage has other points of another term.
    def test_a_stage_may_deal_some_ranks_other_rows(self):
        self.write("poisson.toml", CONFIG.replace('points = "set.h5"\nstream = true\n', "", 1)
                   .replace("[[problem.conditions]]", self.SECOND).replace("batch = { poisson = 500 }",
                   "batch = { second = 1000 }\npoints = { poisson = 256 }").replace("steps = 27", "steps = 2") + """
[[training.stages]]
optimizer = "adam"
steps = 3
sampling = { points = { poisson = 512 } }
""")
        for ranks in (1, 3):
            self.train(f"ranks-{ranks}", ranks=ranks)
        self.assertEqual(self.hash_of("ranks-3"), self.hash_of("ranks-1"))

    # Where the first stream takes more in a step, the second, within its window, comes to other ranks.
    def test_weights_of_rows_go_to_other_ranks_with_them(self):
        self.write("poisson.toml", CONFIG.replace("[[problem.conditions]]", self.SECOND).replace("poisson = 500",
                   "poisson = 700, second = 700").replace("steps = 27", "steps = 9") + """
[[training.stages]]
optimizer = "adam"
steps = 9
batch = { poisson = 1000 }
""")
        for ranks in (1, 2):
            self.train(f"ranks-{ranks}", *self.WEIGHED, ranks=ranks)
        self.assertEqual(self.hash_of("ranks-2"), self.hash_of("ranks-1"))

    def test_an_epoch_of_many_steps_learns(self):
        self.store(points(200000))
        self.train("fit", "training.stages.0.steps=2000", "sampling.batch.poisson=1024", "problem.conditions.0.weight=100")
        summary = self.summary("fit")
        self.assertEqual(summary["streams"]["poisson"]["rows_of_last_epoch"], 200000)
        self.assertLess(summary["error"]["u"]["rel_l2"], 3e-2)
        self.assertLess(summary["loss_independent"], 10 * summary["loss"] + 1)

    # Four times the rows, the same memory, that of their weights included. Both tables are longer than a window, which has
    # 262 144 rows here.
    def test_memory_does_not_follow_the_rows(self):
        peaks = []
        for rows in (1_000_000, 4_000_000):
            self.store(points(rows))
            self.train("memory", *self.WEIGHED, "sampling.batch.poisson=4096", "training.stages.0.steps=200")
            peaks.append(self.summary("memory")["peak_memory_mib"][0])
            self.assertGreater(self.summary("memory")["streams"]["poisson"]["read_bytes"], 1e6)
            program.shutil.rmtree(self.folder / "memory")
        self.assertLess(peaks[1], peaks[0] + 16, peaks)  # as held points they would be 46 MiB more

    def test_measurements_are_streamed_with_their_columns(self):
        columns = points(ROWS)
        columns["u"] = numpy.sin(numpy.pi * columns["x"]) * numpy.sin(numpy.pi * columns["y"])
        columns["su"] = numpy.full(ROWS, 0.5)
        self.store(columns)
        self.write("poisson.toml", CONFIG.replace('residual = "u_xx + u_yy + 2*pi^2*sin(pi*x)*sin(pi*y)"\npoints = "set.h5"\nstream = true\n',
                                                  'residual = "u_xx + u_yy + 2*pi^2*sin(pi*x)*sin(pi*y)"\n') + """
[[problem.conditions]]
name = "measured"
points = "set.h5"
stream = true
residual = "u - data.u"
sigma = "data.su"
""")
        sets = ("sampling.batch={ measured = 700 }",)
        for ranks in (1, 3):
            self.train(f"ranks-{ranks}", *sets, ranks=ranks)
        self.assertEqual(self.hash_of("ranks-1"), self.hash_of("ranks-3"))
        evaluated = self.run_program("evaluate", "ranks-1", "--physics").output
        self.assertIn("measured", evaluated)
        columns["su"][ROWS // 2] = -1
        self.store(columns)
        self.assertIn("standard deviation", self.train("negative", *sets, status=2, ranks=2))

    def test_a_file_that_changes_is_noticed(self):
        self.train("run", "training.stages.0.steps=5")
        self.store(points(ROWS, seed=2))
        output = self.train("run", status=2, ranks=2)
        self.assertIn("is not the file that this run began with", output)
        self.store(points(ROWS))   # written anew, with the same bytes
        self.train("run", ranks=2)
        (self.folder / "set.h5").unlink()
        self.assertIn("there is no table", self.train("run", "training.stages.0.steps=40", status=2))

    def test_a_file_that_is_written_while_it_is_read(self):
        self.store(points(400_000))
        run = self.start("train", "poisson.toml", "--output", "run", "--set", "training.stages.0.steps=100000", "--set",
                         'output.checkpoint.every="1 h"', ranks=2)
        self.wait_for_steps("run")
        os.utime(self.folder / "set.h5")
        output = run.communicate(timeout=100)[0]
        self.assertIn("was changed while the run reads it", output)
        self.assertEqual(self.summary("run")["stopped_by"], "input")
        statuses = {int(line.split()[1]) for line in (self.folder / "statuses").read_text().splitlines()}
        self.assertEqual(max(statuses - {75}), 2)

    def test_rows_that_cannot_be_trained_on(self):
        columns = points(ROWS)
        columns["y"][4321] = 1.5
        self.store(columns)
        for ranks in (1, 3):
            output = self.train(f"outside-{ranks}", status=2, ranks=ranks)
            self.assertIn("row 4321", output)
            self.assertIn("problem.domain", output)
        columns["y"][4321] = numpy.nan
        self.store(columns)
        self.assertIn("row 4321 is not a finite number", self.train("nan", status=2, ranks=2))
        self.store({"x": [], "y": []})
        self.assertIn("holds no rows", self.train("none", status=2))

    # A pass of prune is an epoch of the stream. What it made goes on as a run does, with the weights of its rows.
    def test_a_run_is_pruned_and_told_of(self):
        self.train("run", *self.WEIGHED)
        self.run_program("prune", "run", "--target", "0.5", "--rounds", "1", "--epochs", "2", "--output", "pruned")
        log = json.loads((self.folder / "pruned/summary.json").read_text())
        self.assertEqual(log["steps"], 20)
        self.run_program("report", "pruned")
        self.run_program("train", "pruned/config.toml", "--output", "pruned", "--set", "training.stages.0.steps=25")
        self.assertEqual(self.summary("pruned")["steps"], 25)

    # Steps of all rows: weights are those of points that are held, and the sums of a step have another order alone.
    def test_weights_of_rows_are_those_of_held_points(self):
        for method in ("rba", "self_adaptive"):
            losses = []
            for stream in ("true", "false"):
                output = f"{method}-{stream}"
                sets = (f'training.balance.method="{method}"', "training.balance.rate=0.2", f"problem.equations.0.stream={stream}",
                        "training.stages.0.steps=12", "output.log_every_steps=1")
                self.train(output, *sets, *(("sampling.batch.poisson=5000",) if stream == "true" else ("sampling.batch={}",)))
                lines = [json.loads(line) for line in (self.folder / output / "metrics.jsonl").read_text().splitlines()]
                losses.append([line["loss_balanced"] for line in lines])
                self.assertGreater(abs(lines[-1]["weights"]["poisson"] - 1), 0.1)
            self.assertEqual(len(losses[0]), len(losses[1]))
            numpy.testing.assert_allclose(losses[0], losses[1], rtol=1e-9)

    WEIGHED = ('training.balance.method="rba"', "training.balance.rate=0.2")

    def test_weights_of_rows_have_the_bits_of_any_ranks_and_stops(self):
        for ranks in (1, 3):
            self.train(f"ranks-{ranks}", *self.WEIGHED, ranks=ranks)
        for ranks, steps in ((2, 7), (1, 10), (3, 27)):
            self.train("parts", *self.WEIGHED, f"training.stages.0.steps={steps}", ranks=ranks)
        self.assertEqual({self.hash_of(run) for run in ("ranks-1", "parts")}, {self.hash_of("ranks-3")})

    # Killed at any moment, also between the writing of weights and the next checkpoint, the run ends with the bits of one that was not.
    def test_weights_of_rows_outlive_a_kill(self):
        self.store(points(40_000))   # of two windows, 80 steps an epoch
        steps = (*self.WEIGHED, "training.stages.0.steps=400", "output.checkpoint.every=0.3", "output.log_every_steps=5")
        self.train("whole", *steps)
        options = [word for one in steps for word in ("--set", one)]
        for after in (60, 150, 300):
            run = self.start("train", "poisson.toml", "--output", "killed", *options)
            self.wait_for_steps("killed", after)
            run.kill()
            run.communicate(timeout=60)
        self.train("killed", *steps, 'output.checkpoint.every="1 h"', ranks=2)
        self.assertEqual(self.hash_of("killed"), self.hash_of("whole"))

    def test_a_stage_with_other_steps_keeps_weights_of_rows(self):
        self.write("poisson.toml", CONFIG.replace("steps = 27", "steps = 13\nbatch = { poisson = 700 }") + """
[[training.stages]]
optimizer = "lbfgs"
steps = 4
batch = { poisson = 3000 }
[[training.stages]]
optimizer = "adam"
steps = 12
batch = { poisson = 1200 }
""")
        sets = (*self.WEIGHED, "training.balance.search_every=2")
        self.train("whole", *sets, ranks=3)
        for ranks, steps in ((3, 3), (1, 12)):
            self.train("parts", *sets, f"training.stages.2.steps={steps}", ranks=ranks)
        self.assertEqual(self.hash_of("parts"), self.hash_of("whole"))

    # The file of a large table has three places: each epoch from the third on is behind a checkpoint of the one before.
    def test_checkpoints_come_before_weights_are_written_over(self):
        self.store(points(600_000))
        self.train("run", *self.WEIGHED, "sampling.batch.poisson=150000", "network.hidden=[4]", "training.stages.0.steps=17",
                   'output.checkpoint.every="1 h"', "output.evaluate_every=0")
        self.assertEqual(self.summary("run")["checkpoints"], 4)  # before the first step, in the epochs 2, 3 and, at the end, 4
        self.assertEqual((self.folder / "run/streams/poisson.weights").stat().st_size, 3 * 2344 * 257 * 8 + 8)

    def test_weights_that_are_lost_end_the_run(self):
        self.store(points(100_000))   # of four windows
        self.train("run", *self.WEIGHED, "training.stages.0.steps=80")
        file = self.folder / "run/streams/poisson.weights"
        whole = file.read_bytes()
        file.write_bytes(bytes(len(whole)))
        more = (*self.WEIGHED, "training.stages.0.steps=85")
        self.assertIn("begin anew", self.train("run", *more, ranks=2, status=5))
        file.unlink()
        self.assertIn("poisson.weights: there is no such file; put back", self.train("run", *more, status=5))
        self.train("other", *self.WEIGHED, "training.stages.0.steps=80", "training.seed=4")
        file.write_bytes((self.folder / "other/streams/poisson.weights").read_bytes())
        self.assertIn("poisson.weights holds the weights of another run: put back", self.train("run", *more, ranks=2, status=5))
        file.write_bytes(whole)
        self.train("run", *more, ranks=2)

    # The disk is full behind the first checkpoint, in a mount namespace that ends with the command: the run ends before it
    # writes over what that checkpoint needs, and goes on from it once there is room.
    def test_a_disk_that_is_full_late(self):
        alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
        if subprocess.run([*alone, "mount -t tmpfs tmpfs ."], cwd=self.folder, capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        self.store(points(600_000))
        sets = (*self.WEIGHED, "sampling.batch.poisson=150000", "network.hidden=[4]", "training.stages.0.steps=17",
                "output.evaluate_every=0")
        self.train("whole", *sets)
        train = shlex.join([program.program, "train", "poisson.toml", "--quiet", "--output", "full/run",
                            *(word for one in sets for word in ("--set", one))])
        command = f"""mkdir full && mount -t tmpfs -o size=40m tmpfs full
            (until [ -e full/run/checkpoints/latest ] || [ -e ended ] || ! kill -0 $$; do :; done
             cat /dev/zero > full/filler) 2> /dev/null &
            JETPINN_STATUS_FILE=$PWD/statuses mpirun --quiet -n 2 --oversubscribe --bind-to none {train}
            touch ended; wait; rm full/filler; echo again; {train} && cat full/run/summary.json"""
        result = subprocess.run([*alone, command], cwd=self.folder, stdin=subprocess.DEVNULL, text=True, timeout=120,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual([line.split()[1] for line in (self.folder / "statuses").read_text().splitlines()], ["5", "5"])
        full, again = result.stdout.split("again\n")
        messages = [line for line in full.splitlines() if line.startswith("jetpinn: ") and ": warning: " not in line]
        self.assertEqual(len(messages), 1, full)
        self.assertIn("no checkpoint could be written since epoch", messages[0])
        self.assertIn(self.hash_of("whole"), again)

    # Times are what they are; whatever they are, the bits stay.
    def test_shares_by_measured_times_keep_the_bits(self):
        sets = (*self.WEIGHED, "sampling.batch.poisson=2000")
        self.train("planned", *sets)
        self.train("measured", *sets, 'run.dealing="measured"', "run.dealing_every=1", ranks=3)
        self.assertEqual(self.hash_of("measured"), self.hash_of("planned"))
        work = self.summary("measured")["dealing"]["work"]
        self.assertEqual(len(work), 3)
        self.assertAlmostEqual(sum(work), 1)
        self.assertNotIn("dealing", self.summary("planned"))

    def test_check_says_what_an_epoch_is(self):
        output = self.run_program("check", "poisson.toml").output
        self.assertIn("5000 rows of", output)
        self.assertIn("512 of 5000 rows (10 steps an epoch)", output)

    def test_what_is_refused(self):
        for word, *sets in (("CSV", 'problem.equations.0.points="set.csv"'),
                            ("fast", 'run.dealing="measured"', 'training.reproducibility="run"'),
                            ("rows of a table", 'sampling.adaptive={ method = "rad", terms = ["poisson"] }'),
                            ("training.windows", 'training.windows={ coordinate = "y", count = 2 }'),
                            ("are the rows of its table", "sampling.points.poisson=100")):
            output = self.run_program("check", "poisson.toml", *[w for s in sets for w in ("--set", s)], status=2).output
            self.assertIn(word, output)
        self.write("poisson.toml", CONFIG.replace('points = "set.h5"\n', ""))
        self.assertIn("this term has no `points`", self.run_program("check", "poisson.toml", status=2).output)


if __name__ == "__main__":
    program.unittest.main()
