"""How a run ends: what it says of the last step, and that no run with a loss that is not finite calls itself done."""
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402
from configs import straight  # noqa: E402

# An optimiser that gives up long before its steps, where the network cannot be what is asked for.
TWO_STAGES = """
[[training.stages]]
steps = 20
[[training.stages]]
optimizer = "lbfgs"
precision = "fp32"
steps = 20000
"""

# w is 0 everywhere: no relative error of it is ever small.
TWO_FIELDS = """
name = "two"
[problem]
coordinates = ["x"]
fields = ["w", "a"]
domain = { x = [0, 1] }
[[problem.equations]]
name = "both"
residual = ["w_x", "a_x - 1"]
[[problem.conditions]]
name = "start"
on = "x == 0"
residual = ["w", "a"]
[reference]
exact = { a = "x", w = "0" }
[network]
hidden = [8]
[sampling]
points = { both = 50, start = 1 }
[training]
stop = { error = 5e-2 }
[output]
evaluate_every = 10
[[training.stages]]
optimizer = "lbfgs"
steps = 500
"""


class Endings(program.Case):
    def metrics(self, run_folder):
        return [json.loads(line) for line in (self.folder / run_folder / "metrics.jsonl").read_text().splitlines()]

    def test_loss_that_is_not_finite(self):
        # 5 steps: fewer than may be skipped in the hope that the next points are better.
        broken = ["--set", "problem.equations.0.residual=u_t + log(u - 1000)", "--set", "training.stages.0.steps=5"]
        for ranks, options in ((1, []), (2, ["--set", "training.reproducibility=ranks"]), (1, ["--set", "training.stages.0.steps=0"])):
            with self.subTest(ranks=ranks, options=options):
                result = self.run_program("train", "heat.toml", "--quiet", "--force", *broken, *options, ranks=ranks, status=3)
                self.assertIn("heat", result.output)
                self.assertEqual(result.output.count("jetpinn: "), 1, result.output)
                summary = self.summary("runs/heat")
                self.assertEqual((summary["status"], summary["stopped_by"]), ("failed", "not finite"))

    def test_the_last_step_is_logged(self):
        output = self.run_program("train", "heat.toml").output
        *others, last = self.metrics("runs/heat")
        summary = self.summary("runs/heat")
        self.assertEqual((last["step"], last["stage"]), (summary["steps"], 0))
        self.assertEqual(last["error"], summary["error"])
        # Each of so few steps is on the curve, once; the table has the first and the last one.
        self.assertEqual([line["step"] for line in others], list(range(1, summary["steps"])))
        self.assertEqual(re.findall(r"^ +(\d+) +adam ", output, re.M), ["1", "20"])

    def test_a_short_run_has_a_curve(self):
        steps = []
        for ranks in (1, 2):
            self.run_program("train", "heat.toml", "--quiet", "--output", f"runs/{ranks}", "--set", "training.stages.0.steps=60", ranks=ranks)
            steps.append([line["step"] for line in self.metrics(f"runs/{ranks}")])
            self.assertGreaterEqual(len(steps[-1]), 50)
        self.assertEqual(*steps)

    def test_full_disk(self):
        # A small file system of its own, in a mount namespace that ends with the command.
        alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
        mount = "mkdir -p runs && mount -t tmpfs -o size=256k tmpfs runs"   # room for everything but 320 KB of parameters
        if subprocess.run([*alone, mount], cwd=self.folder, capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        command = f"{mount} && {program.program} train heat.toml --quiet --set 'network.hidden=[200, 200]'; status=$?; ls runs/heat; exit $status"
        result = subprocess.run([*alone, command], cwd=self.folder, stdin=subprocess.DEVNULL, text=True, timeout=120,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(result.returncode, 5, result.stdout)
        messages = [line for line in result.stdout.splitlines() if line.startswith("jetpinn: ")]
        files = [line for line in result.stdout.splitlines() if line not in messages]
        # A checkpoint or a profile that cannot be written is a warning, a network is not.
        for line in messages[:-1]:
            self.assertRegex(line, "^jetpinn: warning: .*(the checkpoint of step|/profile/)", result.stdout)
        self.assertIn("network.h5", messages[-1])
        self.assertIn("summary.json", files)
        self.assertFalse([name for name in files if name.startswith("network.h5")], "no half of a network is left")

    def test_weight_that_cannot_be_one(self):
        result = self.run_program("train", "heat.toml", "--set", "problem.conditions.1.weight=t - 2", ranks=2, status=2)
        self.assertIn("term 'walls'", result.output)

    def test_more_points_than_any_memory(self):
        for command in ("check", "train"):
            result = self.run_program(command, "heat.toml", "--set", "sampling.points.heat=1000000000000000", status=2)
            self.assertIn("sampling.points", result.output)
        self.run_program("train", "heat.toml", "--quiet")
        result = self.run_program("predict", "runs/heat", "--grid", "t=0:1:1000000,x=0:1:10000000", status=2)
        self.assertIn("space", result.output)

    def test_stages_say_how_they_ended(self):
        # A straight line that a periodic network cannot be: L-BFGS gives up long before its steps.
        self.write("straight.toml", straight(100, TWO_STAGES))
        for ranks in (1, 2):
            output = self.run_program("train", "straight.toml", "--output", f"runs/{ranks}", ranks=ranks).output
            summary = self.summary(f"runs/{ranks}")
            self.assertEqual((summary["status"], summary["stopped_by"]), ("completed", "line search"), output)
            adam, lbfgs = summary["stages"]
            self.assertEqual((adam["optimizer"], adam["steps"], adam["reason"]), ("adam", 20, "steps"))
            self.assertEqual((lbfgs["optimizer"], lbfgs["reason"]), ("lbfgs", "line search"))
            self.assertLess(lbfgs["steps"], 20000)
            self.assertEqual(adam["steps"] + lbfgs["steps"], summary["steps"])
            self.assertAlmostEqual(lbfgs["loss"] / summary["loss"], 1, delta=1e-5)   # but for the best of fp32's roundings
            self.assertIn("completed (line search)", output)
            self.assertIn("(line search before step 20000)", output)
            self.assertIn("look at    stage 1 (lbfgs) gave up at step", output)
            self.assertTrue(any("gave up" in sentence for sentence in summary["warnings"]))
            self.assertIn("complete", self.run_program("train", "straight.toml", "--output", f"runs/{ranks}", ranks=ranks).output)
        self.run_program("train", "straight.toml", "--output", "runs/zero", "--set", "problem.equations.0.weight=0", "--set",
                         "problem.conditions.0.weight=0", "--set", "training.stages.0.steps=0")
        self.assertEqual(self.summary("runs/zero")["stopped_by"], "gradient is zero")

    def test_a_network_that_fits_its_points_and_nothing_else(self):
        few = ["--set", "sampling.points={ heat = 4, initial = 3, walls = 2 }", "--set", "network.hidden=[32, 32]"]
        few += ["--set", "training.stages.1={ optimizer = 'lbfgs', steps = 200 }", "--set", "output.evaluate_every=50"]
        losses = []
        for ranks in (1, 2):
            output = self.run_program("train", "heat.toml", *few, "--output", f"runs/{ranks}", ranks=ranks).output
            summary = self.summary(f"runs/{ranks}")
            self.assertGreater(summary["loss_independent"], 10 * summary["loss"])
            self.assertRegex(output, r"look at +the loss on independent points")
            self.assertTrue(any("sampling.points." in sentence and "nothing else" in sentence for sentence in summary["warnings"]), summary["warnings"])
            measured = {line["step"]: line["loss_independent"] for line in self.metrics(f"runs/{ranks}") if "loss_independent" in line}
            self.assertLessEqual({50}, measured.keys())
            losses.append(measured[50])
        # Both ranks' parameters differ by rounding after 50 steps, and the sums have another order.
        self.assertAlmostEqual(losses[1] / losses[0], 1, delta=1e-6)
        quiet = self.run_program("train", "heat.toml", "--quiet", *few, "--output", "runs/quiet").output.splitlines()
        self.assertRegex(quiet[-1], r"^completed \(.*\) after \d+ steps in [0-9:]+: loss .* \(independent .*\), error u ")
        self.assertEqual(len([line for line in quiet if not line.startswith("jetpinn: warning: ")]), 1, quiet)

    def test_a_field_that_is_zero_everywhere_can_be_met(self):
        self.write("two.toml", TWO_FIELDS)
        output = self.run_program("train", "two.toml").output
        summary = self.summary("runs/two")
        self.assertEqual(summary["stopped_by"], "error", output)
        self.assertEqual(list(summary["error"]), ["w", "a"])   # as declared
        self.assertLessEqual(max(error["rel_l2"] for error in summary["error"].values()), 0.05)
        self.assertEqual(output.count("the reference of w is 0 everywhere: its error is given against"), 1)
        self.assertLess(summary["steps"], 500)

    def test_the_best_network_is_kept(self):
        # A rate that ends in noise, then one that undoes what was reached.
        wild = ["--set", "training.stages.0.steps=150", "--set", "training.stages.1={ optimizer = 'adam', steps = 40, learning_rate = 0.3 }"]
        output = self.run_program("train", "heat.toml", *wild, "--output", "runs/best").output
        self.assertRegex(output, r"keeping the network of step \d+: its loss is .*, that of the last step ")
        self.assertRegex(output, r"stage 1 \(adam\) ended at loss .*, above the .* at which stage 0 \(adam\) had ended")
        summary = self.summary("runs/best")
        self.assertLess(summary["kept_step"], 152)
        self.run_program("train", "heat.toml", *wild, "--output", "runs/last", "--set", "output.keep_best=false")
        last = self.summary("runs/last")
        self.assertEqual(last["kept_step"], 190)
        self.assertLess(summary["loss"], last["loss"])
        # Down to the last step: its network it is, bit for bit.
        down = ["--set", "training.stages.0.steps=5", "--set", "training.stages.1={ optimizer = 'lbfgs', steps = 20 }"]
        hashes = set()
        for keep in ("true", "false"):
            self.run_program("train", "heat.toml", *down, "--output", f"runs/{keep}", "--set", f"output.keep_best={keep}")
            hashes.add(self.summary(f"runs/{keep}")["parameter_hash"])
        self.assertEqual(len(hashes), 1)

    def on_a_terminal(self, columns, *arguments):
        """What it writes to a pseudo-terminal of so many columns."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = subprocess.Popen([program.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower)
        os.close(follower)
        text = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:   # the other end is closed
                break
            if not piece:
                break
            text += piece
        self.assertEqual(process.wait(timeout=60), 0, text)
        os.close(leader)
        return text.decode()

    def test_a_terminal_of_80_columns(self):
        for columns in (80, 132):
            text = self.on_a_terminal(columns, "train", "heat.toml", "--output", f"runs/{columns}", "--set", "output.log_every_steps=1", "--set",
                                      "output.evaluate_every=5", "--set", "training.stages.0.steps=30")
            lines = [line.split("\x1b[K")[-1] for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
            progress = [line for line in lines if line.startswith("adam ")]
            self.assertEqual(len(progress), 30, text)
            for line in progress:
                self.assertLess(len(line), columns)
                self.assertRegex(line, r"^adam \d+/30  \d+:\d\d left  (error u \d\.\d\de[-+]\d\d  )?loss \d\.\d\de[-+]\d\d($|  )")
                self.assertRegex(line, r"(%|/s|\)|e[-+]\d\d|roofline)$")
            screen = lines[next(i for i, line in enumerate(lines) if line.startswith("completed (steps) after 30 steps")):]
            self.assertLessEqual(max(map(len, screen)), 79, "\n".join(screen))
            self.assertLessEqual(len(screen), 14, "\n".join(screen))
            for name in ("error", "loss", "terms", "time", "folder", "next"):
                self.assertTrue(any(line.startswith(name) for line in screen), name)
            self.assertFalse(any(line.startswith("kernels") for line in screen))
            self.assertIn(f"jetpinn predict runs/{columns} --grid t=0:1:101,x=0:1:101", "\n".join(screen))


if __name__ == "__main__":
    program.main()
