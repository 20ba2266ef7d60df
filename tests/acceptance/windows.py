"""training.windows: a domain that is trained slice by slice. Each window is an ordinary run; all of them are one."""
import json
import math
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

sys.path.insert(0, str(program.root / "docs"))
sys.dont_write_bytecode = True
from load import load  # noqa: E402

THREE = ("--set", "training.windows.count=3")
WAVE = """
name = "wave"
[problem]
coordinates = ["t", "x"]
domain = { t = [0, 1], x = [0, 1] }
[[problem.equations]]
name = "wave"
residual = "u_tt - u_xx"
[[problem.conditions]]
name = "initial"
on = "t == 0"
residual = ["u - sin(pi*x)", "u_t"]
weight = [20, 2]
[[problem.conditions]]
name = "walls"
on = "x == 0 || x == 1"
residual = "u"
weight = 20
[reference]
exact = { u = "sin(pi*x)*cos(pi*t)" }
[[monitors]]
name = "energy"
mean = "u_t^2 + u_x^2"
[network]
hidden = [16, 16]
[sampling]
points = { wave = 600, initial = 64, walls = 64 }
[training]
windows = { count = 2 }
[[training.stages]]
optimizer = "lbfgs"
steps = 1000
"""


# The rate of an exponential decay, 0.7, from measurements with noise in each of three windows.
DECAY = """
name = "decay"
[problem]
coordinates = ["t"]
domain = { t = [0, 3] }
trainable = { k = { start = 0.2, min = 0.01, max = 5, learning_rate = 1e-2 } }
[[problem.equations]]
name = "decay"
residual = "u_t + k*u"
[[problem.conditions]]
name = "start"
on = "t == 0"
residual = "u - 1"
weight = 10
[[problem.conditions]]
name = "measured"
points = "measured.h5"
residual = "u - data.u"
sigma = 0.02
weight = 1e-3
[reference]
exact = { u = "exp(-0.7*t)" }
[network]
hidden = [8]
[sampling]
points = { decay = 200, start = 1 }
[output]
log_every_steps = 1
[training]
windows = { count = 3 }
reproducibility = "ranks"
[[training.stages]]
optimizer = "adam"
steps = 200
learning_rate = 5e-3
[[training.stages]]
optimizer = "lbfgs"
steps = 200
"""


class TrainedNumbers(program.Case):
    def setUp(self):
        super().setUp()
        self.write("decay.toml", DECAY)
        t = (numpy.arange(300) + 0.5) / 100
        with h5py.File(self.folder / "measured.h5", "w") as file:
            file["t"], file["u"] = t, numpy.exp(-0.7 * t) + numpy.random.default_rng(5).normal(0, 0.02, t.size)

    def train(self, folder, *more, ranks=1):
        return self.run_program("train", "decay.toml", "--output", folder, "--quiet", *more, ranks=ranks).output

    def test_a_rate_in_each_window_and_in_all(self):
        output = self.train("run")
        summary = self.summary("run")
        told = [window["trainable"]["k"] for window in summary["windows"]]
        self.assertEqual(told, [self.summary(f"run/windows/{k}")["trainable"]["k"] for k in range(3)])
        values, errors = (numpy.array([one[key] for one in told]) for key in ("value", "standard_error"))
        self.assertEqual(len(set(values)), 3)
        numpy.testing.assert_allclose(values, 0.7, atol=0.05)
        self.assertTrue(numpy.all((errors > 1e-4) & (errors < 0.05)), errors)
        k = summary["trainable"]["k"]
        self.assertAlmostEqual(k["value"], numpy.sum(values / errors**2) / numpy.sum(1 / errors**2), places=13)
        ratio = math.sqrt(numpy.sum(((values - k["value"]) / errors)**2) / 2)
        self.assertAlmostEqual(k["birge_ratio"] / ratio, 1, places=9)
        self.assertGreater(ratio, 1)
        self.assertAlmostEqual(k["standard_error"] / (ratio * numpy.sum(1 / errors**2)**-0.5), 1, places=9)
        self.assertLess(abs(k["value"] - 0.7), 0.02)
        self.assertIn(f"k over all 3 windows: {k['value']:.6g} ± {k['standard_error']:.1e}", output)
        lines = [json.loads(line) for line in (self.folder / "run/metrics.jsonl").read_text().splitlines()]
        self.assertEqual({line["window"] for line in lines}, {0, 1, 2})
        self.assertTrue(all(0.01 < line["trainable"]["k"] < 5 for line in lines))

        self.run_program("predict", "run", "--grid", "t=0:3:31", "--quantities", "u, rate = k + 0*u", ranks=2)
        with h5py.File(self.folder / "run/solution.h5") as file:
            t, rate, u = (file[name][:] for name in ("t", "rate", "u"))
        numpy.testing.assert_allclose(rate, values[numpy.searchsorted([1, 2], t)], atol=1e-15)
        loaded = load(self.folder / "run/network.h5")
        self.assertEqual(loaded.trainable, {"k": k["value"]})
        self.assertEqual([window.trainable["k"] for window in loaded.windows], list(values))
        numpy.testing.assert_allclose(loaded(t=t)["u"], u, atol=1e-13)
        self.run_program("evaluate", "run", ranks=2)
        self.run_program("report", "run")

    def test_a_number_begins_where_the_window_before_left_it(self):
        few = ("--set", "training.stages.0.steps=20", "--set", "training.stages.1.steps=0")
        none = ("--set", "training.stages.0.steps=0", "--set", "training.stages.1.steps=0")
        self.train("source", *few, "--set", "training.windows.count=1")
        self.train("on", *none, "--set", "training.start_from=source")
        source = self.summary("source")
        for k in range(3):
            window = self.summary(f"on/windows/{k}")
            self.assertEqual(window["trainable"]["k"]["value"], source["trainable"]["k"]["value"])
            self.assertEqual(window["parameter_hash"], source["parameter_hash"])
        on = self.summary("on")["trainable"]["k"]
        self.assertAlmostEqual(on["value"], source["trainable"]["k"]["value"], delta=1e-15)
        self.assertIsNone(on["standard_error"])
        self.assertNotAlmostEqual(on["value"], 0.2, delta=1e-4)
        self.train("drawn", *none, "--set", "training.start_from=source", "--set", "training.windows.start_from=initialisation")
        starts = [window["trainable"]["k"]["value"] for window in self.summary("drawn")["windows"]]
        self.assertEqual(starts[0], source["trainable"]["k"]["value"])
        numpy.testing.assert_allclose(starts[1:], 0.2, atol=1e-15)

    def test_stopped_and_on_other_ranks(self):
        long = ("--set", "training.stages.0.steps=1500", "--set", "training.stages.1.steps=100")
        self.train("whole", *long)
        for ranks, on in ((1, 2), (3, 1)):
            process = self.start("train", "decay.toml", "--output", f"on-{on}", "--quiet", *long, ranks=ranks)
            self.wait_for_steps(f"on-{on}", 1700)   # in the second window
            status, output = self.stop(process, ranks)
            self.assertEqual(status, 75, output)
            stopped = self.summary(f"on-{on}")
            self.assertIsNotNone(stopped["windows"][0]["trainable"]["k"]["standard_error"])
            self.assertEqual(stopped["trainable"]["k"]["value"], stopped["windows"][0]["trainable"]["k"]["value"])
            self.run_program("predict", f"on-{on}", "--grid", "t=0:1.5:4", "--quantities", "u, rate = k + 0*u")
            self.train(f"on-{on}", *long, ranks=on)
            for key in ("parameter_hash", "trainable"):
                self.assertEqual(self.summary(f"on-{on}")[key], self.summary("whole")[key])
        other = self.run_program("train", "decay.toml", "--output", "on-1", *long, "--set", "problem.trainable.k.max=2", status=2)
        self.assertIn("problem.trainable.k.max: 5 -> 2", other.output)


class Windows(program.Case):
    def train(self, folder, *more, ranks=1, status=0, config="heat.toml"):
        return self.run_program("train", config, "--output", folder, *more, ranks=ranks, status=status).output

    def hash_of(self, folder):
        return self.summary(folder)["parameter_hash"]

    def refused(self, *words_and_options, ranks=1):
        words, options = words_and_options[0], words_and_options[1:]
        for command in ("check", "train"):
            output = self.run_program(command, "heat.toml", *options, ranks=ranks, status=2).output
            for word in words:
                self.assertIn(word, output)
            self.assertFalse((self.folder / "runs").exists())

    def test_scales_are_those_of_the_whole(self):
        self.write("wave.toml", WAVE.replace("u - sin(pi*x)", "u - 2e4*sin(pi*x)").replace('"sin(pi*x)*cos', '"2e4*sin(pi*x)*cos'))
        self.train("scaled", "--set", "problem.scales=auto", config="wave.toml")
        self.assertLess(self.summary("scaled")["error"]["u"]["rel_l2"], 2e-2)

    def test_u_and_its_velocity_are_taken_over(self):
        self.write("wave.toml", WAVE)
        self.train("wave", "--quiet", config="wave.toml")
        summary = self.summary("wave")
        self.assertLess(summary["error"]["u"]["rel_l2"], 2e-2)
        self.assertAlmostEqual(summary["monitors"]["energy"], math.pi**2 / 2, delta=0.1)
        self.assertEqual([window["to"] for window in summary["windows"]], [0.5, 1.0])
        self.assertEqual(summary["steps"], sum(window["steps"] for window in summary["windows"]))
        with h5py.File(self.folder / "wave/tables/1/initial.h5") as table:
            x = table["x"][:]
            self.assertTrue(numpy.all(table["t"][:] == 0.5))
            before = load(self.folder / "wave/windows/0/network.h5")(1, t=0.5, x=x)
            numpy.testing.assert_allclose(table["last_1"][:], before["u"] - numpy.sin(math.pi * x), atol=1e-12)
            numpy.testing.assert_allclose(table["last_2"][:], before["u_t"], atol=1e-11)
        after = load(self.folder / "wave/windows/1/network.h5")(1, t=0.5, x=x)
        self.assertLess(numpy.max(numpy.abs(after["u"] - before["u"])), 2e-2)
        self.assertLess(numpy.max(numpy.abs(after["u_t"] - before["u_t"])), 1e-1)

    def test_one_solution_is_predicted_and_evaluated(self):
        self.train("run", *THREE)
        output = self.run_program("evaluate", "run").output
        found = json.loads((self.folder / "run/evaluation.json").read_text())["error"]["u"]["rel_l2"]
        self.assertAlmostEqual(found, self.summary("run")["error"]["u"]["rel_l2"], places=12, msg=output)
        tables = []
        for ranks in (1, 3):
            self.run_program("predict", "run", "--grid", "t=0:1:13,x=0:1:40", "--quantities", "u, u_t", "--file", f"{ranks}.h5", ranks=ranks)
            with h5py.File(self.folder / f"{ranks}.h5") as file:
                tables.append({name: file[name][:] for name in ("t", "x", "u", "u_t")})
        for name in tables[0]:
            numpy.testing.assert_array_equal(tables[0][name], tables[1][name])
        at = {name: tables[0][name] for name in ("t", "x")}
        whole = load(self.folder / "run/network.h5")(1, **at)
        numpy.testing.assert_allclose(whole["u"], tables[0]["u"], atol=1e-12)
        numpy.testing.assert_allclose(whole["u_t"], tables[0]["u_t"], atol=1e-11)
        for window, chosen in ((0, at["t"] <= 1 / 3), (1, (at["t"] > 1 / 3) & (at["t"] <= 2 / 3)), (2, at["t"] > 2 / 3)):
            own = load(self.folder / f"run/windows/{window}/network.h5")(t=at["t"][chosen], x=at["x"][chosen])
            numpy.testing.assert_allclose(own["u"], tables[0]["u"][chosen], atol=1e-12)
        self.run_program("report", "run")
        lines = [json.loads(line) for line in (self.folder / "run/metrics.jsonl").read_text().splitlines()]
        self.assertEqual(sorted({line["window"] for line in lines}), [0, 1, 2])
        self.assertEqual(lines[-1]["step"], 60)
        self.assertEqual([line["step"] for line in lines], sorted(line["step"] for line in lines))

    def test_the_same_bits_on_any_number_of_ranks(self):
        level = (*THREE, "--set", "training.reproducibility=ranks", "--quiet")
        for ranks in (1, 2, 4):
            self.train(f"on-{ranks}", *level, ranks=ranks)
            self.assertEqual(self.hash_of(f"on-{ranks}"), self.hash_of("on-1"))
        self.train("drawn", *level, "--set", "training.windows.start_from=initialisation")
        self.assertEqual(self.hash_of("drawn/windows/0"), self.hash_of("on-1/windows/0"))
        self.assertNotEqual(self.hash_of("drawn/windows/1"), self.hash_of("on-1/windows/1"))

    def test_the_first_window_is_what_a_shorter_domain_trains(self):
        self.train("run", "--set", "training.windows.edges=[0, 0.25, 1]")
        self.train("first", "--set", "problem.domain.t=[0, 0.25]")
        self.assertEqual(self.hash_of("run/windows/0"), self.hash_of("first"))
        self.train("one", "--set", "training.windows.count=1")
        self.train("none")
        self.assertEqual(self.hash_of("one"), self.hash_of("none"))
        self.assertFalse((self.folder / "one/windows").exists())

    def test_a_window_begins_with_the_parameters_of_the_one_before(self):
        none = ("--set", "training.stages.0.steps=0")
        self.train("none", *THREE, *none)
        self.train("source")
        self.train("on", *THREE, *none, "--set", "training.start_from=source")
        self.assertEqual({self.hash_of(f"on/windows/{k}") for k in range(3)}, {self.hash_of("source")})
        self.assertNotEqual(self.hash_of("none/windows/0"), self.hash_of("source"))

    def test_stopped_in_a_window_and_going_on(self):
        long = (*THREE, "--set", "training.stages.0.steps=400", "--set", "output.log_every_steps=1", "--set", "training.reproducibility=ranks")
        self.train("whole", *long, "--quiet")
        for ranks, on, how in ((1, 2, signal.SIGUSR1), (2, 1, signal.SIGUSR1), (1, 1, signal.SIGTERM)):
            folder = f"parts-{ranks}-{on}-{how.name}"
            process = self.start("train", "heat.toml", "--output", folder, *long, "--quiet", ranks=ranks)
            self.wait_for_steps(folder, 500)
            status, output = self.stop(process, ranks, how)
            self.assertEqual(status, 75, output)
            stopped = self.summary(folder)
            self.assertEqual((stopped["status"], stopped["stopped_by"]), ("stopped", "signal"))
            self.assertLess(stopped["steps"], 1200)
            self.run_program("predict", folder, "--grid", "t=0:0.3:4,x=0.5", "--file", f"{folder}.h5")
            beyond = self.run_program("predict", folder, "--grid", "t=0:1:4,x=0.5", "--file", f"{folder}-beyond.h5", status=2)
            self.assertIn("not trained yet", beyond.output)
            self.train(folder, *long, "--quiet", ranks=on)
            self.assertEqual(self.hash_of(folder), self.hash_of("whole"))
            for measure, value in self.summary("whole")["error"]["u"].items():  # summed over other ranks
                self.assertAlmostEqual(self.summary(folder)["error"]["u"][measure] / value, 1, delta=1e-13)
            self.assertEqual(self.summary(folder)["steps"], 1200)
            self.assertIn("is complete", self.train(folder, *long))
        self.train(folder, *long, "--force", "--quiet")
        self.assertTrue((self.folder / f"{folder}.old-1/windows/2").is_dir())

    def stopped_in(self, window, folder, *options):
        process = self.start("train", "heat.toml", "--output", folder, *options)
        self.wait_for_steps(f"{folder}/windows/{window}")
        status, output = self.stop(process)
        self.assertEqual(status, 75, output)

    def test_a_run_folder_that_was_moved_goes_on(self):
        long = (*THREE, "--set", "training.stages.0.steps=300", "--set", "training.reproducibility=ranks", "--quiet")
        self.train("whole", *long)
        self.stopped_in(1, "first", *long)
        (self.folder / "else where").mkdir()
        (self.folder / "first").rename(self.folder / "else where/été")
        self.run_program("evaluate", "else where/été/windows/1")
        self.assertNotIn("warning", self.train("else where/été", *long, ranks=2))
        self.assertEqual(self.hash_of("else where/été"), self.hash_of("whole"))
        shutil.copytree(self.folder / "else where", self.folder / "copy", symlinks=True)
        shutil.rmtree(self.folder / "else where")
        self.assertIn("is complete", self.train("copy/été", *long))
        self.run_program("evaluate", "copy/été")

    def test_what_is_trained_is_evaluated(self):
        long = (*THREE, "--set", "training.stages.0.steps=300", "--quiet")
        self.stopped_in(1, "run", *long)
        output = self.run_program("evaluate", "run", ranks=2).output
        self.assertIn("t from 0 to 0.666667", output)
        evaluation = json.loads((self.folder / "run/evaluation.json").read_text())
        self.assertIn("t from 0 to 0.666667", evaluation["parameters"])
        t, x = numpy.meshgrid(numpy.linspace(0, 2 / 3, 100), numpy.linspace(0, 1, 100), indexing="ij")
        exact = numpy.exp(-0.1 * math.pi**2 * t) * numpy.sin(math.pi * x)
        windows = [load(self.folder / f"run/windows/{k}/network.h5")(t=t, x=x)["u"] for k in range(2)]
        difference = numpy.where(t <= 1 / 3, *windows) - exact
        expected = numpy.linalg.norm(difference) / numpy.linalg.norm(exact)
        self.assertAlmostEqual(evaluation["error"]["u"]["rel_l2"] / expected, 1, delta=1e-9)
        self.train("run", *long)
        self.assertNotIn("t from", self.run_program("evaluate", "run").output)

    def test_windows_of_before_are_not_of_a_run_that_goes_on(self):
        self.train("run", *THREE, "--quiet")
        longer = (*THREE, "--set", "training.stages.0.steps=100000", "--quiet")
        process = self.start("train", "heat.toml", "--output", "run", *longer)
        self.wait_for_steps("run/windows/0", 30)
        status, output = self.stop(process)
        self.assertEqual(status, 75, output)
        summary = self.summary("run")
        self.assertEqual(len(summary["windows"]), 1)
        self.assertEqual(summary["steps"], self.summary("run/windows/0")["steps"])
        self.assertIn("t from 0 to 0.333333", self.run_program("evaluate", "run").output)
        beyond = self.run_program("predict", "run", "--grid", "t=0:1:4,x=0.5", "--file", "beyond.h5", status=2)
        self.assertIn("beyond 0.333333, where window 1 begins, which is not trained yet", beyond.output)
        self.assertTrue((self.folder / "run/windows/1/network.h5").exists(), "nothing is lost")

    def test_it_may_begin_with_the_run_that_it_replaces(self):
        self.train("run", *THREE, "--quiet")
        again = (*THREE, "--set", "training.seed=5", "--quiet")
        self.train("run", *again, "--set", "training.start_from=run", "--force", ranks=2)
        self.train("other", *again, "--set", "training.start_from=run.old-1", ranks=2)
        self.assertEqual(self.hash_of("run"), self.hash_of("other"))

    def test_a_last_state_that_is_gone_is_made_again(self):
        long = (*THREE, "--set", "training.stages.0.steps=300", "--quiet")
        self.stopped_in(1, "run", *long)
        shutil.copytree(self.folder / "run", self.folder / "whole", symlinks=True)
        self.train("whole", *long)
        (self.folder / "run/tables/1/initial.h5").unlink()
        self.assertNotIn("warning", self.train("run", *long))
        self.assertEqual(self.hash_of("run"), self.hash_of("whole"))
        self.assertFalse((self.folder / "run/windows/1.old-1").exists())

    def test_a_full_disk_ends_the_run_and_more_room_goes_on(self):
        """Rooms in which the first window, a later one, and the files of all of them are the first that do not fit."""
        self.train("whole", *THREE, "--quiet")
        alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
        if subprocess.run([*alone, "mkdir -p disk && mount -t tmpfs -o size=1m tmpfs disk"], cwd=self.folder, capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        train = f"{program.program} train heat.toml --output disk/run {' '.join(THREE)} --quiet"
        ended = set()
        for room in ("128k", "256k", "400k", "600k", "800k"):
            command = (f"mount -t tmpfs -o size={room} tmpfs disk && {train}; echo status $?; ls disk/run/windows | tail -1; "
                       f"mount -o remount,size=9m disk && {train}; echo status $?; cp disk/run/network.h5 {room}.h5")
            output = subprocess.run([*alone, command], cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
            full, last, enough = re.search(r"(?s)status (\d)\n(\d)\n.*status (\d)", output).groups()
            self.assertEqual((full, enough), ("5", "0"), f"{room}:\n{output}")
            self.assertIn("No space left on device", output)
            ended.add(last)
            self.assertEqual((self.folder / f"{room}.h5").read_bytes(), (self.folder / "whole/network.h5").read_bytes(), room)
        self.assertEqual(len(ended), 3, "in other windows")

    def test_the_time_of_a_job_ends_between_and_in_windows(self):
        long = (*THREE, "--set", "training.stages.0.steps=20000")
        self.train("run", *long, "--max-time", "4 s", status=75)
        self.assertEqual(self.summary("run")["stopped_by"], "time")

    def test_more_steps_are_those_of_a_longer_run(self):
        """The first window goes on; the others begin again, for their last states are others."""
        more = (*THREE, "--set", "training.stages.0.steps=30", "--quiet")
        self.train("whole", *more)
        self.train("run", *THREE, "--quiet")
        self.assertNotEqual(self.hash_of("run"), self.hash_of("whole"))
        self.train("run", *more)
        self.assertEqual(self.hash_of("run"), self.hash_of("whole"))
        self.assertEqual(self.summary("run")["steps"], 90)
        self.assertTrue((self.folder / "run/windows/1.old-1").is_dir())
        output = self.train("run", *more, "--set", "training.windows.count=4", status=2)
        self.assertIn("training.windows.count", output)

    def test_rows_of_a_table_are_dealt_to_their_windows(self):
        rows = 90
        t = (numpy.arange(rows) + 1) / rows
        x = numpy.modf(0.618 * numpy.arange(rows))[0]
        with h5py.File(self.folder / "data.h5", "w") as file:
            file["t"], file["x"], file["u"] = t, x, numpy.exp(-0.1 * math.pi**2 * t) * numpy.sin(math.pi * x)
        measured = ("--set", 'problem.conditions.2={ name = "measured", points = "data.h5", residual = "u - data.u" }', *THREE)
        output = self.run_program("check", "heat.toml", *measured).output
        for line in ("0: t from 0 to 0.333333", "2: t from 0.666667 to 1"):
            self.assertIn(line, output)
        self.train("run", *measured)
        dealt = [h5py.File(self.folder / f"run/windows/{k}/points/measured.h5")["t"][:] for k in range(3)]
        self.assertEqual([len(rows) for rows in dealt], [30, 30, 30])
        self.assertEqual(sorted(numpy.concatenate(dealt)), sorted(t))
        self.run_program("evaluate", "run")

    def test_check_shows_windows(self):
        output = self.run_program("check", "heat.toml", *THREE, ranks=2).output
        self.assertEqual(len(re.findall(r"(?m)^ +\d: t from \S+ to \S+, 1900 points, memory", output)), 3, output)
        self.assertIn("3, one after the other", output)

    def test_bad_input(self):
        one = ("--set", "training.windows.count=2")
        self.refused(["'tt' is not a coordinate", "did you mean 't'?"], *one, "--set", "training.windows.coordinate=tt")
        self.refused(["training.windows.count", "it must be 1 .. 10000"], "--set", "training.windows.count=0", ranks=2)
        self.refused(["training.windows.cuont", "did you mean 'count'"], "--set", "training.windows.cuont=2")
        self.refused(["one of previous, initialisation"], *one, "--set", "training.windows.start_from=before")
        self.refused(["says nothing about how many"], "--set", "training.windows.coordinate=t")
        self.refused(["no condition holds at x == 0 alone"], "--set", 'training.windows={ coordinate = "x", count = 2 }',
                     "--set", 'problem.conditions.1.on=x == 1')
        self.refused(["places of one x beside others"], "--set", 'training.windows={ coordinate = "x", count = 2 }')
        for edges, why in (("[0, 0.5]", "the last edge is 0.5"), ("[0.1, 1]", "the first edge is 0.1"), ("[0, 0.7, 0.5, 1]", "edges rise"),
                           ("[0]", "name both bounds")):
            self.refused(["windows that do not tile the domain, t = [0, 1]", why], "--set", f"training.windows.edges={edges}", ranks=2)
        self.refused(["keep one of them"], *one, "--set", "training.windows.edges=[0, 0.2, 0.4, 1]")
        self.refused(["this output transform builds in what holds at t == 0", 'on = "t == 0"'], *one,
                     "--set", 'network.output={ u = "sin(pi*x) + t*u" }')
        self.refused(["'k' is trained, and windows take over this condition at t"], *one, "--set", "problem.trainable.k=0.1",
                     "--set", "problem.conditions.0.residual=u - k*sin(pi*x)", ranks=2)
        self.refused(["write one for each"], *one, "--set", "problem.conditions.1.on=boundary")
        self.refused(["lie in different windows of t"], *one, "--set",
                     "problem.conditions.1={ name = 'walls', on = 't == 0', pair = 't == 1', residual = 'u - other(u)' }")
        output = self.run_program("check", "heat.toml", *one, "--set", 'network.output={ u = "exp(-t)*u" }').output
        self.assertIn("windows", output)


if __name__ == "__main__":
    program.main()
