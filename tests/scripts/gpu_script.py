"""perf/gpu with programs that stand in for a build: with a card, without one, with one whose tests fail or last too long."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

root = pathlib.Path(sys.argv.pop(1)).resolve()

NO_CARD = "there is no NVIDIA driver on this machine; use --device cpu"
PROGRAM = """#!/bin/sh
case "$1" in
--version) echo "jetpinn 0"; echo "  CUDA   13.0, sm_90"; echo "  found  FOUND" ;;
sample) echo made >>CALLS ;;
check) echo "jetpinn: device cuda: CHECK" >&2; exit 2 ;;
bench) replays=REPLAYS
  for word; do
    [ "$last" = --json ] && file=$word
    [ "$last" = --device ] && [ "$word" = "SLOW" ] && exec sleep 60
    [ "$word" = run.graphs=false ] && replays=0
    [ "$word" = "$(dirname "$word")/REFUSED.toml" ] && echo "jetpinn: it is wrong" && exit 3
    [ "$word" = training.precision=REFUSED ] && echo "jetpinn: it is refused" >&2 && exit 2
    last=$word
  done
  echo '{"step_s": 1e-4, "gflops": 5, "graphs": {"replayed": '$replays', "reason": "CUDA records nothing"}}' >"$file" ;;
*) exit 9 ;;
esac
"""


class Gpu(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "tests").mkdir()
        self.calls = self.folder / "calls"
        self.set_program("a card, driver for CUDA 13.0")
        self.set_tests("echo '[  PASSED  ] 12 tests.'")

    def write(self, name, text):
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def set_program(self, found, check="the plan needs more", replays=5, slow="none", refused="none"):
        text = PROGRAM
        for name, value in (("FOUND", found), ("CHECK", check), ("REPLAYS", str(replays)), ("SLOW", slow), ("REFUSED", refused),
                            ("CALLS", str(self.calls))):
            text = text.replace(name, value)
        self.write("jetpinn", text)

    def set_tests(self, body):
        self.write("tests/gpu", f"#!/bin/sh\necho tests >>{self.calls}\n{body}\n")

    def run_gpu(self, *options, status):
        done = subprocess.run([sys.executable, root / "perf/gpu", "--build", self.folder, *options], capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def parts(self):
        return json.loads((self.folder / "gpu.json").read_text())["parts"]

    def test_without_a_card_every_part_says_why_it_did_not_run(self):
        self.set_program("no card: " + NO_CARD)
        output = self.run_gpu(status=77)
        self.assertEqual(output.count("not run: no GPU: " + NO_CARD), 9, output)
        self.assertEqual({part["status"] for part in self.parts().values()}, {"not run"})
        self.assertFalse(self.calls.exists())

    def test_a_build_without_cuda_is_named(self):
        self.write("jetpinn", "#!/bin/sh\necho '  CUDA  not in this build'\n")
        self.assertIn("tests      not run: no GPU: the program in this build has no CUDA", self.run_gpu("--only", "tests", status=77))

    def test_parts_that_passed_are_not_run_again(self):
        self.run_gpu("--only", "tests,memory", status=0)
        self.assertEqual(self.parts()["tests"]["rows"], [{"passed": 12}])
        self.assertEqual(self.calls.read_text(), "tests\n")
        self.assertIn("tests      passed", self.run_gpu("--only", "tests", status=0))
        self.assertEqual(self.calls.read_text(), "tests\n")
        self.assertEqual(set(self.parts()), {"tests", "memory"})
        self.run_gpu("--only", "tests", "--again", status=0)
        self.assertEqual(self.calls.read_text(), "tests\n" * 2)

    def test_another_program_or_card_begins_anew(self):
        self.run_gpu("--only", "tests,memory", status=0)
        self.set_program("another card, driver for CUDA 13.0")
        self.run_gpu("--only", "tests", status=0)
        self.assertEqual(self.calls.read_text(), "tests\n" * 2)
        self.assertEqual(set(self.parts()), {"tests"})

    def test_what_fails_is_said_and_run_again(self):
        self.set_tests("echo 'tests/gpu/engine.cpp:48: Failure'; exit 1")
        self.assertIn("tests/gpu/engine.cpp:48: Failure", self.run_gpu("--only", "tests", status=1))
        self.assertEqual(self.parts()["tests"]["status"], "failed")
        self.set_tests("echo '[  PASSED  ] 0 tests.'")
        self.assertIn("no test passed", self.run_gpu("--only", "tests", status=1))
        self.set_program("a card, driver for CUDA 13.0", check="something else")
        self.assertIn("is not refused by the card's memory", self.run_gpu("--only", "memory", status=1))

    def test_graphs_are_compared_where_there_are_any(self):
        self.run_gpu("--only", "graphs", status=0)
        rows = self.parts()["graphs"]["rows"]
        self.assertEqual([row["points"] for row in rows], [1000] * 6 + [10000] * 6)
        self.assertEqual({row["times_kernels"] for row in rows}, {1})
        self.set_program("a card, driver for CUDA 13.0", replays=0)
        self.assertIn("run.graphs=true: 0 replays: CUDA records nothing", self.run_gpu("--only", "graphs", status=1))

    def test_steps_that_were_measured_stay_where_a_processor_takes_too_long(self):
        self.set_program("a card, driver for CUDA 13.0", slow="cpu")
        self.assertIn("step       passed", self.run_gpu("--only", "step", "--limit", "10", status=0))
        rows = self.parts()["step"]["rows"]
        self.assertEqual(len(rows), 18)
        self.assertEqual(rows[0]["cuda_ms"], 0.1)
        self.assertFalse(any("cpu_ms" in row or "times_a_core" in row for row in rows))
        self.assertEqual(rows[0]["left_out"], "no time was left for cpu")
        self.set_program("a card, driver for CUDA 13.0", slow="cuda")
        self.assertIn("not even the smallest step was measured on the card", self.run_gpu("--only", "step", "--limit", "1", status=1))

    def test_a_step_that_is_refused_is_not_taken_for_the_one_before(self):
        self.set_program("a card, driver for CUDA 13.0", refused="fp32")
        self.assertIn("step       failed: jetpinn: it is refused", self.run_gpu("--only", "step", status=1))
        rows = self.parts()["step"]["rows"]
        self.assertEqual([("times_a_core" in row, "wrong" in row) for row in rows], [(True, False), (False, True)] * 9)

    def test_every_config_is_tried_behind_one_that_fails(self):
        self.run_gpu("--only", "configs_1,configs_2", status=0)
        self.assertEqual(self.calls.read_text(), "made\n")
        configs = sorted(path.name for path in (root / "configs").glob("*.toml"))
        self.assertEqual([row["config"] for row in self.parts()["configs_1"]["rows"]], configs[::2])
        self.set_program("a card, driver for CUDA 13.0", refused="burgers")
        self.assertIn("burgers.toml: ", self.run_gpu("--only", "configs_1,configs_2", status=1))
        rows = self.parts()["configs_1"]["rows"] + self.parts()["configs_2"]["rows"]
        self.assertEqual([row["config"] for row in rows if "refused" in row], ["burgers.toml"])
        self.assertEqual(len([row for row in rows if "step_ms" in row]), len(configs) - 1)

    def test_all_that_a_command_said_is_kept(self):
        self.set_tests("seq 2000; exit 1")
        self.run_gpu("--only", "tests", status=1)
        self.assertIn("\n1\n2\n3\n", (self.folder / "gpu.log").read_text())
        self.set_tests("echo begun; exec sleep 20")
        self.run_gpu("--only", "tests", "--limit", "1", status=1)
        self.assertIn("stopped after 1 s]\nbegun\n", (self.folder / "gpu.log").read_text())

    def test_programs_start_without_a_launcher_of_mpi(self):
        self.set_tests('[ "$OMPI_MCA_ess_singleton_isolated" = 1 ] && echo "[  PASSED  ] 1 test."')
        self.run_gpu("--only", "tests", status=0)

    def test_a_part_ends_at_its_limit(self):
        self.set_tests("sleep 20 &\nwait")   # what it started ends with it
        self.assertIn("took longer than the part may", self.run_gpu("--only", "tests", "--limit", "1", status=1))
        self.assertLess(self.parts()["tests"]["wall_s"], 10)

    def test_arguments_that_cannot_be_used(self):
        self.assertIn("there is no part 'speed'; choose from facts", self.run_gpu("--only", "speed", status=2))
        (self.folder / "gpu.json").write_text("{")
        self.assertIn("gpu.json holds no JSON: remove it", self.run_gpu("--only", "tests", status=2))
        (self.folder / "jetpinn").unlink()
        self.assertIn("build it with cmake --preset cuda", self.run_gpu(status=2))


if __name__ == "__main__":
    unittest.main()
