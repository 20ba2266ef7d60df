"""jetpinn profile on runs of its own: whole ones, killed ones, with damaged, missing and foreign files; its trace and its Prometheus text."""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf'({NAME})\{{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:\\[\\"n]|[^\\"\n])*",?)*)\}} (-?[0-9.]+(?:e[-+]?[0-9]+)?|NaN|[+-]Inf)')


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


class ProfileCommand(program.Case):
    trained = None   # run folders by number of ranks, made once

    @classmethod
    def setUpClass(cls):
        cls.keep = pathlib.Path(program.tempfile.mkdtemp(prefix="jetpinn-"))
        cls.addClassCleanup(shutil.rmtree, cls.keep, ignore_errors=True)
        (cls.keep / "heat.toml").write_text(program.HEAT)
        for ranks in (1, 2):
            done = program.run("train", "heat.toml", "--output", f"heat{ranks}", "--set", "training.stages.0.steps=300", "--set", "sampling.points.heat=20000",
                               "--set", "output.profile.every=0.1", ranks=ranks, cwd=cls.keep)
            assert done.status == 0, done.output

    def setUp(self):
        super().setUp()
        for ranks in (1, 2):
            shutil.copytree(self.keep / f"heat{ranks}", self.folder / f"heat{ranks}")
        self.profile = self.folder / "heat2/profile"

    def notes(self, run, ranks=1, **options):
        output = self.run_program("profile", run, ranks=ranks, **options).output
        self.assertIn("\nbottleneck", output)
        return [line[len("note: "):] for line in output.splitlines() if line.startswith("note: ")]

    def refused(self, *arguments, words, rank_counts=(1,)):
        for ranks in rank_counts:
            output = self.run_program("profile", *arguments, ranks=ranks, status=2).output
            for word in words:
                self.assertIn(word, output)
            self.assertEqual(sum(line.startswith("jetpinn: ") for line in output.splitlines()), 1, output)

    def test_whole_runs(self):
        for run in ("heat1", "heat2"):
            self.assertEqual(self.notes(run), [])
        table = self.run_program("profile", "heat2", ranks=2).output
        self.assertEqual(table.count("profile of 2 ranks on 1 host"), 1, "one rank prints")
        summary = json.loads((self.profile / "summary.json").read_text())
        self.run_program("profile", "heat2", "--json", "again.json", "--quiet")
        again = json.loads((self.folder / "again.json").read_text())
        self.assertEqual(again["steps"], 300)
        self.assertEqual(again["steps"], summary["steps"])
        self.assertEqual(again["bottleneck"]["kind"], summary["bottleneck"]["kind"])
        self.assertAlmostEqual(again["wall_s"]["max"], summary["wall_s"]["max"], delta=0.05)
        for name in ("min", "max"):
            self.assertAlmostEqual(again["accounted"][name], 1, delta=0.02, msg="regions add up to the wall time")

    def test_trace(self):
        self.run_program("profile", "heat2", "--trace", "out/trace.json")
        events = json.loads((self.folder / "out/trace.json").read_text())["traceEvents"]
        steps = [event for event in events if event["ph"] == "X"]
        self.assertEqual({event["pid"] for event in steps}, {0, 1})
        names = {event["pid"]: event["args"]["name"] for event in events if event["name"] == "process_name"}
        self.assertRegex(names[1], r"^rank 1 on \S+$")
        wall = max(record["end_s"] for record in records(self.profile / "rank-0000.jsonl"))
        for rank in (0, 1):
            open_events, previous, inner = [], 0, 0
            for event in (event for event in steps if event["pid"] == rank):
                begin, end = round(1e3 * event["ts"]), round(1e3 * (event["ts"] + event["dur"]))   # ns
                self.assertGreaterEqual(begin, previous, "in the order of begin")
                previous = begin
                while open_events and open_events[-1][1] <= begin:
                    open_events.pop()
                if open_events:
                    self.assertLessEqual(end, open_events[-1][1], "ends within the event around it")
                    inner += 1
                else:
                    self.assertIn("step", event["args"])
                self.assertLess(end, 1e9 * (wall + 1))
                open_events.append((begin, end))
            self.assertGreater(inner, 10)
            outer = [e for e in steps if e["pid"] == rank and "args" in e]
            inside = sum(e["dur"] for e in steps if e["pid"] == rank and e["name"] in ("jetpinn::product", "jetpinn::activation", "jetpinn::tape"))
            self.assertGreater(inside, 0)
            self.assertLessEqual(inside, 1.001 * sum(e["dur"] for e in outer), "kernels last no longer than the steps around them")
        shares = [event for event in events if event["ph"] == "C" and event["name"] == "share of time"]
        self.assertEqual(len(shares), sum(len(records(self.profile / f"rank-000{rank}.jsonl")) for rank in (0, 1)))
        for event in shares:
            self.assertAlmostEqual(sum(event["args"].values()), 1, delta=0.05)

    def test_prometheus(self):
        self.run_program("profile", "heat2", "--prometheus", "heat.prom")
        text = (self.folder / "heat.prom").read_text()
        self.assertTrue(text.endswith("\n"))
        types, helps, samples = {}, set(), {}
        for line in text.splitlines():
            if match := re.fullmatch(rf"# HELP ({NAME}) (\S.*)", line):
                self.assertNotIn(match[1], helps)
                helps.add(match[1])
            elif match := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge)", line):
                self.assertNotIn(match[1], types)
                types[match[1]] = match[2]
            else:
                match = SAMPLE.fullmatch(line)
                self.assertTrue(match, line)
                self.assertEqual(match[1], list(types)[-1], "samples of a metric stand together")
                self.assertNotIn((match[1], match[2]), samples)
                samples[match[1], match[2]] = float(match[3])
        self.assertEqual(helps, set(types))
        for rank in (0, 1):
            of_rank = [value for (name, labels), value in samples.items() if name == "jetpinn_region_seconds_total" and f'rank="{rank}"' in labels]
            wall = [value for (name, labels), value in samples.items() if name == "jetpinn_wall_seconds_total" and f'rank="{rank}"' in labels]
            self.assertAlmostEqual(sum(of_rank), wall[0], delta=0.02 * wall[0])
        self.assertEqual(list(self.folder.glob("heat.prom*")), [self.folder / "heat.prom"], "no temporary file is left")

    def test_compare(self):
        output = self.run_program("profile", "heat1", "--compare", "heat2").output
        self.assertIn("the runs differ in ranks 1 and 2\n", output)
        self.assertRegex(output, r"product +\S+ m?u?s +\S+ m?u?s +\d+\.\d\d")
        self.assertIn("\nB against A: ", output)
        same = self.run_program("profile", "heat2", "--compare", "heat2").output
        self.assertIn("B against A: nothing differs", same)
        # The same run twice, with products of the same time in every interval and with three times that: what else the machine
        # did meanwhile does not count.
        for run in ("steady", "slow"):
            shutil.copytree(self.folder / "heat2", self.folder / run)
        for rank in (0, 1):
            lines = records(self.profile / f"rank-000{rank}.jsonl")
            steps = [line["last_step"] - line["first_step"] for line in lines]
            product = sum(line["regions"]["product"] for line in lines) / sum(steps)
            for run, factor in (("steady", 1), ("slow", 3)):
                for line, count in zip(lines, steps):
                    line["regions"]["product"] = factor * product * count
                path = self.folder / run / f"profile/rank-000{rank}.jsonl"
                path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.refused("heat2", "--compare", "absent", words=["absent"])
        slower = self.run_program("profile", "steady", "--compare", "slow").output.splitlines()[-1]
        self.assertIn("B against A: product 3.00 times slower", slower)

    def test_advice_names_keys_that_exist(self):
        source = (program.root / "src/profile/bottleneck_text.cpp").read_text()
        keys = set(re.findall(r"\b(?:output|training|run|sampling|network)\.[a-zN_.]*[a-z]", source))
        self.assertGreater(len(keys), 6)
        config = self.run_program("check", program.root / "configs/burgers.toml", "--dump-config").output
        for key in sorted(keys):
            value = tomllib.loads(config)
            for part in key.split("."):
                self.assertTrue(isinstance(value, list) or part in value, f"{key} is no key of a config")
                value = value[-1] if part == "N" else value[part]

    def test_damaged_files(self):
        path = self.profile / "rank-0001.jsonl"
        whole = path.read_text()
        lines = whole.splitlines(keepends=True)
        path.write_text(whole + "nonsense\n" + lines[0].replace('"rank":1', '"rank":0') + lines[0][:100])
        self.assertEqual(self.notes("heat2"),
                         [f"rank-0001.jsonl: 2 lines left out, line {len(lines) + 1}: it is not JSON",
                          "rank-0001.jsonl: its last line is half written, as a killed process leaves it"])
        path.write_bytes(b"\x00\xff" * 1000 + b"\n" + whole.encode())
        self.assertEqual(self.notes("heat2"), ["rank-0001.jsonl: 1 line left out, line 1: it is not JSON"])
        path.write_text("".join(lines[:-1]).replace('"schema":1', '"schema":2', 1))
        self.assertEqual(self.notes("heat2"), ["rank-0001.jsonl: 1 line left out, line 1: 'schema' is 2, this version of jetpinn reads 1",
                                               "rank-0001.jsonl: 1 interval is missing", "no end recorded by rank 1: killed, or still running"])
        path.write_text(whole.replace('"version":"', '"version":"9.'))
        self.assertRegex(self.notes("heat2")[0], r"^versions of jetpinn differ: \S+ \(rank 0\), 9\.\S+ \(rank 1\)$")
        path.unlink()
        self.assertEqual(self.notes("heat2", ranks=2), ["no records of rank 1 of 2"])
        trace = self.run_program("profile", "heat2", "--trace", "t.json").output
        self.assertIn("note: trace-0001.jsonl: left out, there is no record of rank 1", trace)
        self.assertEqual({e["pid"] for e in json.loads((self.folder / "t.json").read_text())["traceEvents"]}, {0})

    def test_nothing_to_read(self):
        self.refused("absent", words=["there is no run folder absent"], rank_counts=(1, 2))
        self.refused("heat2", "--continuation", "1", words=["never continued"])
        self.refused("heat2", "--trace", "heat.toml/t.json", words=["heat.toml"])
        for path in self.profile.glob("rank-*"):
            path.write_text("")
        self.refused("heat2", words=["rank-0000.jsonl: it is empty"])
        shutil.rmtree(self.profile)
        self.refused("heat2", words=["heat2 holds no profile"])

    def test_killed_run(self):
        command = [program.program, "train", "heat.toml", "--output", "killed", "--set", "training.stages.0.steps=1000000",
                   "--set", "output.profile.every=0.1"]
        with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            path = self.folder / "killed/profile/rank-0000.jsonl"
            until = time.monotonic() + 60
            while not (path.exists() and path.read_text().count("\n") >= 4):
                self.assertLess(time.monotonic(), until, "a record every 0.1 s")
                time.sleep(0.05)
            running.send_signal(signal.SIGKILL)
        notes = self.notes("killed")
        self.assertIn("no end recorded by rank 0: killed, or still running", notes)
        self.assertIn("no end was recorded", self.run_program("profile", "killed").output)

    def test_parts_of_a_run(self):
        self.run_program("train", "heat.toml", "--output", "parts", "--set", "training.stages.0.steps=30")
        self.run_program("train", "heat.toml", "--output", "parts", "--set", "training.stages.0.steps=50")
        self.assertIn(": 20 steps", self.run_program("profile", "parts").output)
        self.assertIn(": 30 steps", self.run_program("profile", "parts", "--continuation", "1").output)
        self.refused("parts", "--continuation", "2", words=["there is --continuation 1, and 0 for the last part"])


if __name__ == "__main__":
    program.main()
