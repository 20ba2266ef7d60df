"""adapt RUN: a network follows new measurements, keeps the problem's statements and its zeros, and takes back what makes it worse."""
import fcntl
import json
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402
from configs import HEAT  # noqa: E402

STAGES = ("--set", "training.stages.0.steps=200", "--set", "training.stages.0.learning_rate.start=5e-3")
BOLD = {"--rate": "1e-3", "--allowed": "0.5", "--set": "sampling.points={ heat = 256, initial = 64, walls = 64 }"}


def bold(*options):
    """BOLD with other values."""
    chosen = BOLD | dict(zip(options[::2], options[1::2]))
    return [word for option in chosen.items() for word in option]


def rows(count, first=0):
    t, x = numpy.random.default_rng(4).random((2, 2000))[:, first:first + count]
    return {"t": t, "x": x, "u": numpy.exp(-0.1 * numpy.pi**2 * t) * numpy.sin(numpy.pi * x)}


def wrong(count):
    return {name: column + (5 if name == "u" else 0) for name, column in rows(count).items()}


class Adapt(program.Case):
    def setUp(self):
        super().setUp()
        self.run_program("train", "heat.toml", "--output", "run", "--quiet", *STAGES)

    def table(self, columns, name="new.h5"):
        with h5py.File(self.folder / name, "w") as file:
            for column, values in columns.items():
                file[column] = values
        return name

    def adapt(self, output, *options, data="new.h5", **how):
        return self.run_program("adapt", "run", "--data", data, "--output", output, *bold(*options), **how).output

    def piped(self, output, text, status=0):
        command = [program.program, "adapt", "run", "--data", "-", "--output", output, *bold()]
        done = subprocess.run(command, cwd=self.folder, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def json_lines(self, columns):
        return "".join(json.dumps(dict(zip(columns, row))) + "\n" for row in zip(*(column.tolist() for column in columns.values())))

    def wait_for_updates(self, folder, count):
        path, end = self.folder / folder / "updates.jsonl", time.time() + 100
        while time.time() < end:
            if path.exists() and path.read_text().count("\n") >= count:
                return
            time.sleep(0.01)
        self.fail(f"no update {count} in {path}")

    def ending(self, folder):
        summary = self.summary(folder)
        return summary["status"], summary["stopped_by"]

    def parameters(self, folder):
        with h5py.File(self.folder / folder / "network.h5") as file:
            return file["parameters"][:]

    def updates(self, folder):
        return [json.loads(line) for line in (self.folder / folder / "updates.jsonl").read_text().splitlines()]

    def error(self, folder):
        self.run_program("evaluate", folder, "--quiet")
        return json.loads((self.folder / folder / "evaluation.json").read_text())["error"]["u"]["rel_l2"]

    def same(self, a, b):
        numpy.testing.assert_array_equal(self.parameters(a), self.parameters(b), f"{a} and {b}")

    def test_it_learns_alike_on_any_number_of_ranks(self):
        self.table(rows(640))
        for ranks in (1, 2, 3):
            output = self.adapt(f"ranks{ranks}", "--steps", "60", ranks=ranks)
            self.assertIn("10 updates of 640 rows", output)
        self.same("ranks1", "ranks2")
        self.same("ranks1", "ranks3")
        updates = self.updates("ranks1")
        self.assertEqual([update["update"] for update in updates], list(range(1, 11)))
        self.assertTrue(all(update["seconds"] > 0 for update in updates))
        self.assertLess(self.error("ranks1"), 0.8 * self.error("run"))
        self.assertLess(updates[-1]["validation"], updates[0]["validation_before"])
        self.assertGreater(self.summary("ranks1")["latency_s"]["median"], 0)

    def test_it_goes_on_where_it_stopped(self):
        self.table(rows(320))
        self.adapt("whole")
        self.table(rows(192))
        self.adapt("parts")
        self.table(rows(320))   # more rows have come
        self.adapt("parts", ranks=2)
        self.same("whole", "parts")
        self.assertEqual(len(self.updates("parts")), 5)
        self.assertIn("no further measurements after 5 updates", self.adapt("parts"))

    def test_who_goes_on_means_the_same_rows_and_the_same_network(self):
        columns = rows(130)
        self.table(columns)
        self.adapt("adapted")
        record = json.loads((self.folder / "adapted/adapt.json").read_text())
        self.assertEqual((record["data"]["source"], record["data"]["rows"], record["data"]["columns"]), ("new.h5", 130, ["t", "x", "u"]))
        self.assertEqual(record["options"]["rate"], 1e-3)
        def files():
            return {path.name: path.read_bytes() for path in (self.folder / "adapted").iterdir() if path.name != ".lock"}
        before = files()

        def refused(*words, data="new.h5", ranks=1, options=()):
            output = self.adapt("adapted", *options, data=data, status=2, ranks=ranks)
            for word in words:
                self.assertIn(word, output)
            self.assertEqual(output.count("jetpinn:"), 1, output)
            self.assertEqual(before, files())

        other = {name: column.copy() for name, column in columns.items()}
        other["u"][3] += 1e-9
        refused("adapted to the rows of new.h5", "the first 130 rows of other.h5 have other numbers", "--output", data=self.table(other, "other.h5"), ranks=2)
        refused("which were 130; few.h5 holds 100", data=self.table(rows(100), "few.h5"))
        shutil.copytree(self.folder / "run", self.folder / "same")
        with h5py.File(self.folder / "run/network.h5", "r+") as file:
            file["parameters"][0] += 1
        refused("adapted from another network than", "has now", ranks=3)
        shutil.copy(self.folder / "same/network.h5", self.folder / "run/network.h5")
        config = (self.folder / "run/config.toml").read_text()
        self.assertEqual(config.count("kappa = 0.1"), 1)
        (self.folder / "run/config.toml").write_text(config.replace("kappa = 0.1", "kappa = 0.2"))
        refused("from a run with another config than")
        shutil.copy(self.folder / "same/config.toml", self.folder / "run/config.toml")
        refused("was adapted with --set [", "], not [\"problem.constants.kappa=0.2\"]", options=("--set", "problem.constants.kappa=0.2"))
        # Options may differ; a line says how. The same rows in another format are the same rows.
        text = "".join(f"{t!r},{x!r},{u!r}\n" for t, x, u in zip(*(rows(190)[name].tolist() for name in ("t", "x", "u"))))
        self.write("rows.csv", "t,x,u\n" + text)
        output = self.adapt("adapted", "--rate", "2e-3", data="rows.csv")
        self.assertIn("warning: adapted goes on with other options than before: --rate: 0.001 -> 0.002", output)
        self.assertEqual([update["rows"] for update in self.updates("adapted")], [64, 64, 2, 60])
        (self.folder / "adapted/adapt.json").write_text("{}")
        self.assertIn("adapt.json is damaged", self.adapt("adapted", data="rows.csv", status=2))

    def test_one_process_at_a_time(self):
        self.table(rows(64))
        self.adapt("adapted")
        with open(self.folder / "adapted/.lock", "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for ranks in (1, 2):
                self.assertIn("another process", self.adapt("adapted", status=2, ranks=ranks))
        self.assertIn("no further measurements", self.adapt("adapted"))

    def test_lines_of_updates_are_appended_and_what_a_kill_left_is_cut_off(self):
        self.table(rows(320))
        self.adapt("whole")
        self.table(rows(192))
        self.adapt("parts")
        path = self.folder / "parts/updates.jsonl"
        kept, inode = path.read_text(), path.stat().st_ino
        # Killed when the line of update 4 was written and that of its network was not; and in the middle of a line.
        for behind in ('{"update": 4, "rows": 64, "error": 1.0, "kept": true, "seconds": 1}\n', '{"update": 4, "ro'):
            path.write_text(kept + behind)
            self.assertIn("no further", self.adapt("parts"))
            self.assertEqual(path.read_text(), kept)
        self.table(rows(320))
        self.adapt("parts")
        self.assertTrue(path.read_text().startswith(kept))
        self.assertEqual(path.stat().st_ino, inode, "it was written anew")
        self.same("whole", "parts")
        seconds = [update["seconds"] for update in self.updates("parts")]
        self.assertEqual(self.summary("parts")["latency_s"], {"median": sorted(seconds)[2], "largest": max(seconds)})
        # History that is not there: nothing is made up.
        path.write_text(kept)
        self.assertIn("updates.jsonl is damaged at line 4, and network.h5 has 5 updates", self.adapt("parts", status=2))

    def test_a_folder_that_was_begun_is_begun_again(self):
        self.table(rows(64))
        self.adapt("whole")
        self.adapt("killed")
        for name in ("config.toml", "network.h5", "summary.json"):   # config.toml is written last
            (self.folder / "killed" / name).unlink()
        (self.folder / "killed/updates.jsonl").write_text("")
        self.adapt("killed")
        self.same("whole", "killed")
        self.assertEqual(len(self.updates("killed")), 1)

    def test_rows_outside_the_domain_are_left_out(self):
        good = rows(200)
        self.adapt("good", data=self.table(good))
        places = [5, 70, 71, 150]
        mixed = {name: numpy.insert(column, places, 0.5 if name != "x" else 1.5) for name, column in good.items()}
        for ranks in (1, 2):
            output = self.adapt(f"mixed{ranks}", data=self.table(mixed, "mixed.h5"), ranks=ranks)
            self.assertIn("warning: 4 of 204 rows of mixed.h5 lie outside the domain and are left out", output)
            self.assertEqual(output.count("warning"), 1, output)
            self.same("good", f"mixed{ranks}")
            self.assertEqual(self.summary(f"mixed{ranks}")["rows_outside"], 4)
        # Going on counts the rows that were learned, not those between them.
        self.adapt("parts", data=self.table({name: column[:132] for name, column in mixed.items()}, "mixed.h5"))
        self.table(mixed, "mixed.h5")
        self.adapt("parts", data="mixed.h5", ranks=2)
        self.assertEqual(sum(update["rows"] for update in self.updates("parts")), 200)
        far = {name: column * (1000 if name == "x" else 1) for name, column in good.items()}
        output = self.adapt("far", data=self.table(far, "far.h5"), status=2, ranks=3)
        self.assertIn("rows of far.h5 lie outside the domain, more than 10 %", output)
        self.assertFalse((self.folder / "far").exists())

    def test_what_makes_it_worse_is_taken_back(self):
        self.table(wrong(64))
        output = self.adapt("adapted", "--rate", "0.1", "--allowed", "0.1")
        self.assertIn("taken back", output)
        self.assertIn("1 taken back", output)
        self.same("run", "adapted")
        self.assertFalse(self.updates("adapted")[0]["kept"])

    def test_drift_is_told(self):
        good, bad = rows(320), wrong(320)
        self.table({name: numpy.concatenate([good[name], bad[name]]) for name in good})
        output = self.adapt("adapted", "--steps", "1")
        self.assertIn("drift: the error of new rows is", output)
        drifts = [update["drifts"] for update in self.updates("adapted")]
        self.assertEqual(drifts[:5], [False] * 5)
        self.assertTrue(drifts[-1])

    def test_lines_on_standard_input(self):
        columns = rows(100)
        self.adapt("table", data=self.table(columns))
        lines = [json.loads(line) for line in self.json_lines(columns).splitlines()]
        self.piped("json", "\n".join(map(json.dumps, lines)) + "\n")
        self.piped("csv", "u,x,other,t\n" + "".join(f"{line['u']!r},{line['x']!r},7,{line['t']!r}\n" for line in lines))
        self.same("table", "json")
        self.same("table", "csv")
        # What came before nonsense is learned, and told.
        output = self.piped("bad", "\n".join(map(json.dumps, lines[:70])) + "\n{\"t\": 0.1, \"x\": \"near\", \"u\": 1}\n", status=2)
        self.assertIn("standard input, line 71: 'x' is no finite number", output)
        self.assertEqual([update["rows"] for update in self.updates("bad")], [64, 6])
        self.assertIn("bad: 2 updates of 70 rows", output)
        self.assertEqual((self.ending("bad"), self.summary("bad")["rows"]), (("failed", "measurements"), 70))
        # Behind what came on standard input comes more of it, no table.
        self.assertIn("was adapted to rows on standard input, not to the rows of new.h5", self.adapt("csv", status=2))
        self.piped("csv", "t,x,u\n0.5,0.5,0.4\n")
        self.assertEqual([update["rows"] for update in self.updates("csv")], [64, 36, 1])

    def test_zeros_stay_zero(self):
        with h5py.File(self.folder / "run/network.h5", "r+") as file:
            parameters = file["parameters"][:]
            weights = slice(48, 48 + 256)   # 2x16 and 16 of the first layer, then 16x16
            parameters[weights][::3] = 0
            file["parameters"][...] = parameters
        zeros = numpy.flatnonzero(parameters[weights] == 0)
        self.assertGreater(len(zeros), 80)
        self.table(rows(128))
        self.adapt("adapted", "--allowed", "100")
        adapted = self.parameters("adapted")
        self.assertTrue((adapted[weights][zeros] == 0).all())
        self.assertGreater((adapted != parameters).sum(), 150)

    def test_a_sparse_network_takes_its_pattern_along(self):
        self.run_program("sparsify", "run", "--target", "0.5", "--rounds", "1", "--steps", "5", "--output", "sparse", "--quiet")
        self.table(rows(64))
        self.run_program("adapt", "sparse", "--data", "new.h5", "--quiet")
        shutil.rmtree(self.folder / "sparse")
        self.error("sparse-adapted")

    def test_asked_to_stop_between_updates_of_a_table(self):
        self.table(rows(640))
        few = ("--steps", "100")
        self.adapt("whole", *few)
        for ranks, on, how in ((1, 2, signal.SIGTERM), (2, 1, signal.SIGUSR1)):
            folder = f"parts{ranks}"
            process = self.start("adapt", "run", "--data", "new.h5", "--output", folder, *bold(*few), ranks=ranks)
            self.wait_for_updates(folder, 2)
            status, output = self.stop(process, ranks, how)
            self.assertEqual(status, 75, output)
            self.assertIn(f"{folder}: stopped; the same command goes on", output)
            self.assertEqual(self.ending(folder), ("stopped", "signal"))
            self.assertLess(self.summary(folder)["steps"], 10)
            self.adapt(folder, *few, ranks=on)
            self.assertEqual(self.ending(folder), ("completed", "steps"))
            self.same("whole", folder)

    def test_asked_to_stop_while_it_waits_for_lines(self):
        lines = self.json_lines(rows(70)).splitlines(keepends=True)
        self.piped("table", "".join(lines))

        def started(folder, text):
            process = subprocess.Popen([program.program, "adapt", "run", "--data", "-", "--output", folder, *bold()], cwd=self.folder,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.addCleanup(lambda: process.poll() is None and process.kill())
            process.stdin.write(text)
            process.stdin.flush()
            return process

        def stopped(process, how):
            process.send_signal(how)
            process.wait(timeout=60)   # its input stays open
            self.assertEqual(process.returncode, 75)
            return process.communicate()[0]

        # Rows of an update that is not full are learned, the end of a line that was cut off is not read.
        process = started("adapted", "".join(lines) + lines[0][:20])
        self.wait_for_updates("adapted", 1)
        time.sleep(0.3)   # the six rows behind it are on their way
        output = stopped(process, signal.SIGINT)
        self.assertIn("adapted: stopped behind line 70 of standard input; the same command goes on", output)
        self.assertEqual([update["rows"] for update in self.updates("adapted")], [64, 6])
        self.assertEqual(self.ending("adapted"), ("stopped", "signal"))
        self.same("table", "adapted")
        self.piped("adapted", lines[0])
        self.assertEqual([update["rows"] for update in self.updates("adapted")], [64, 6, 1])
        # Before the first row nothing is begun.
        process = started("never", "t,x,u\n")
        time.sleep(2)
        self.assertIn("stopped before the first row of standard input came", stopped(process, signal.SIGTERM))
        self.assertFalse((self.folder / "never").exists())

    def test_rows_before_what_ends_it_are_learned_and_told(self):
        columns = rows(110)
        columns["x"][90:] += 7   # from the 101st row on more than a tenth of all
        self.assertIn("more than 10 %", self.piped("far", self.json_lines(columns), status=2))
        self.assertEqual([update["rows"] for update in self.updates("far")], [64, 26])
        self.assertEqual(self.ending("far"), ("failed", "measurements"))
        summary = self.summary("far")
        self.assertEqual((summary["rows"], summary["rows_outside"], summary["steps"]), (90, 11, 2))
        self.adapt("table", data=self.table({name: column[:90] for name, column in columns.items()}))
        self.same("table", "far")
        # Nothing was learned: a run folder all the same, with the network that it began with.
        few = {name: column[85:95] for name, column in columns.items()}
        few["x"][:5] += 7
        self.assertIn("10 of 10 rows", self.piped("none", self.json_lines(few), status=2))
        self.same("run", "none")
        self.error("none")

    def test_rows_that_cannot_be_learned_are_refused(self):
        columns = rows(100)
        self.adapt("before", data=self.table({name: column[:70] for name, column in columns.items()}))
        columns["u"][70] = 1e300
        lines = self.json_lines(columns)
        self.assertIn("standard input, line 71: u = 1e+300 cannot be learned", self.piped("lines", lines, status=2))
        for ranks in (1, 2):
            output = self.adapt(f"table{ranks}", data=self.table(columns), status=2, ranks=ranks)
            self.assertIn("new.h5, row 71: u = 1e+300 cannot be learned", output)
            self.assertEqual(output.count("jetpinn:"), 1, output)
            self.same("before", f"table{ranks}")
        self.same("before", "lines")
        self.assertEqual([update["rows"] for update in self.updates("lines")], [64, 6])
        self.assertEqual(self.ending("lines"), ("failed", "measurements"))
        self.piped("lines", "".join(lines.splitlines(keepends=True)[71:]))   # what comes behind it is learned
        self.assertTrue(self.updates("lines")[-1]["kept"])

    def test_an_input_that_cannot_be_read_is_a_failure_of_storage(self):
        command = [program.program, "adapt", "run", "--data", "-", "--output", "adapted"]
        with open("/proc/self/mem") as memory:   # whose first page is no one's: an error of input and output
            done = subprocess.run(command, cwd=self.folder, stdin=memory, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual((done.returncode, done.stdout.count("jetpinn:")), (5, 1), done.stdout)
        self.assertIn("standard input cannot be read: Input/output error", done.stdout)
        self.assertFalse((self.folder / "adapted").exists())

    def test_without_rows_nothing_is_begun(self):
        self.write("empty.csv", "t,x,u\n")
        for ranks in (1, 2):
            self.assertIn("empty.csv: it holds no rows", self.adapt("empty", data="empty.csv", status=2, ranks=ranks))
        self.table({name: column[:0] for name, column in rows(1).items()}, "empty.h5")
        self.assertIn("empty.h5: it holds no rows", self.adapt("empty", data="empty.h5", status=2))
        self.assertIn("no measurements", self.piped("empty", "t,x,u\n", status=2))
        for nonsense in ("x" * 100_000 + "\n", "\x01\x02" * 3000 + "\n", ",".join(f"c{n}" for n in range(5000)) + "\n"):
            output = self.piped("empty", nonsense, status=2)
            self.assertIn("the coordinate 't' is missing", output)
            self.assertLess(len(output), 4000)   # a message, not what was sent
        self.assertFalse((self.folder / "empty").exists())

    def test_damaged_folders(self):
        self.table(rows(100))
        self.adapt("adapted")
        kept = self.folder / "kept"
        shutil.copytree(self.folder / "adapted", kept)

        def refused(message, name, content):
            shutil.rmtree(self.folder / "adapted")
            shutil.copytree(kept, self.folder / "adapted")
            (self.folder / "adapted" / name).unlink()
            if content is not None:
                self.write(f"adapted/{name}", content)
            before = {path.name: path.read_bytes() for path in (self.folder / "adapted").iterdir() if path.name != ".lock"}
            self.assertIn(message, self.adapt("adapted", status=2))
            self.assertEqual(before, {path.name: path.read_bytes() for path in (self.folder / "adapted").iterdir() if path.name != ".lock"})

        lines = (kept / "updates.jsonl").read_text()
        self.assertEqual(lines.count('"rows":64'), 1)
        for number in ("0", "-64", "1e999", "6e18", "9223372036854775807", '"64"'):
            refused("updates.jsonl is damaged at line 1", "updates.jsonl", lines.replace('"rows":64', f'"rows":{number}'))
        refused("its updates took 136 rows, and new.h5 has 100 in the domain", "updates.jsonl", lines.replace('"rows":64', '"rows":100'))
        refused("holds an adapted network and no config.toml", "config.toml", None)
        refused("has lost its network.h5", "network.h5", None)
        (kept / "config.toml").rename(self.folder / "config")
        refused("holds updates (updates.jsonl) and no config.toml, nor the network.h5 that they led to", "network.h5", None)
        (self.folder / "config").rename(kept / "config.toml")
        refused("holds a run that was not adapted", "adapt.json", None)
        refused("adapt.json is damaged", "adapt.json", (kept / "adapt.json").read_text().replace('"rows": 100', '"rows": 1e999'))

    def test_a_full_disk(self):
        self.table(rows(64))
        command = [program.program, "adapt", "run", "--data", "new.h5", "--output", "adapted", *bold()]

        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))   # less than a network needs
        done = subprocess.run(command, cwd=self.folder, preexec_fn=small_files, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 5, done.stdout)
        self.assertIn("adapted/network.h5: cannot write", done.stdout)
        self.adapt("adapted")   # begun again
        self.assertEqual(len(self.updates("adapted")), 1)

    def test_what_cannot_be_adapted(self):
        def refused(words, *options, ranks=1, data="new.h5"):
            output = self.run_program("adapt", "run", "--data", data, *options, ranks=ranks, status=2).output
            for word in words:
                self.assertIn(word, output)

        self.table(rows(10))
        refused(["'t' is missing"], data=self.table({"x": [0.5], "u": [1.0]}, "no_t.h5"), ranks=2)
        refused(["no field was measured", "'u'"], data=self.table({"x": [0.5], "t": [1.0]}, "no_u.h5"))
        refused(["nowhere.h5"], data="nowhere.h5", ranks=3)
        refused(["is the run that is adapted"], "--output", "run")
        refused(["lies in run, the run that is adapted"], "--output", "run/inside", ranks=2)
        self.assertFalse((self.folder / "run/inside").exists())
        refused(["adapt writes a folder; name it with --output"], "--file", "adapted.h5")
        refused(["--batch"], "--batch", "0")
        for option in ("--rate", "--elastic", "--allowed"):
            for value in ("fast", "nan", "inf", "1e999"):
                refused([option], option, value)
        refused(["holds no measurements"], data="-")
        shutil.copytree(self.folder / "run", self.folder / "other")
        refused(["was not adapted"], "--output", "other", ranks=2)
        self.assertFalse((self.folder / "run-adapted").exists())


if __name__ == "__main__":
    program.main()
