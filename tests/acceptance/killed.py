"""SIGKILL of all ranks at random moments, most of them within a save: every time the run goes on from its newest checkpoint, and has lost
no more than one interval. `killed.py ROUNDS [SEED]`; 8 rounds unless said."""
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

rounds, seed = 8, 1
every_s = 0.05
# Endless, with a state that takes a while to write: L-BFGS keeps twenty pairs of vectors.
options = ["--set", "network.hidden=[64, 64, 64]", "--set", "sampling.points={ heat = 64, initial = 16, walls = 16 }",
           "--set", "training.stages.0={ optimizer = 'adam', steps = 40, learning_rate = 1e-3 }",
           "--set", "training.stages.1={ optimizer = 'lbfgs', steps = 1000000000, history = 20 }",
           "--set", f"output.checkpoint={{ every = '{every_s} s', keep = 2 }}", "--set", "output.log_every=0"]


def session_of(pid):
    """Of a process and all that it started: mpirun gives its ranks process groups of their own."""
    pids = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int((entry / "stat").read_text().rpartition(")")[2].split()[3]) == pid:
                pids.append(int(entry.name))
        except OSError:
            pass   # it ended meanwhile
    return pids


class Killed(program.Case):
    def start(self, ranks, log):
        command = [program.program, "train", "heat.toml", *options]
        if ranks > 1:
            command = ["mpirun", "--quiet", "-n", str(ranks), "--oversubscribe", "--bind-to", "none", *command]
        with open(log, "wb") as out:
            process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                       env=dict(os.environ, JETPINN_TERMINAL="0"), start_new_session=True)
        self.addCleanup(self.kill, process)
        return process

    def kill(self, process):
        """All at once, as far as that goes; again, for a process may just have been started."""
        for _ in range(2):
            for pid in session_of(process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        process.wait()
        while session_of(process.pid):   # until the kernel has buried them
            time.sleep(0.001)

    def wait_until(self, what, happened, process, log):
        end = time.time() + 60
        while not happened():
            if process.poll() is not None or time.time() > end:
                self.fail(f"{what}: status {process.poll()}, it said\n{log.read_text()[-3000:]}")
            time.sleep(0.0005)

    def lines(self, text):
        """Whole lines: the last one may be cut."""
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def check_loss(self, run, resumed_at):
        """Steps behind the newest checkpoint that is in its place lie within one interval, and the one at which a save was due. The
        interval of a process that went on begins with its training: starting up is no work that could be lost."""
        facts = json.loads((run / "checkpoints" / self.newest(run) / "manifest.json").read_text())["facts"]
        lost = [line for line in self.lines((run / "metrics.jsonl").read_text()) if line["step"] > facts["step"]]
        begin = lost[0]["time_s"] if lost and facts["step"] == resumed_at else facts["time_s"]
        beyond = [line["step"] for line in lost if line["time_s"] - begin >= every_s]
        self.assertLessEqual(len(beyond), 1, f"step {facts['step']} was saved at {facts['time_s']} s, lost are {lost[-3:]}")
        return len(lost)

    def newest(self, run):
        names = [path.name for path in (run / "checkpoints").iterdir() if re.fullmatch(r"(\.old-)?step-\d+", path.name)]
        return max(names, key=lambda name: (int(name[-8:]), name))

    def test_kills(self):
        moments, run, log = random.Random(seed), self.folder / "runs/heat", self.folder / "log"
        in_a_save, lost = 0, []
        for number in range(rounds):
            ranks = moments.choice((1, 2))
            fresh = number == 0
            with self.subTest(round=number, ranks=ranks):
                expected = None if fresh else f"goes on from runs/heat/checkpoints/{self.newest(run)}"
                steps = None if fresh else int(self.newest(run)[-8:])
                process = self.start(ranks, log)
                checkpoints = run / "checkpoints"
                if fresh:
                    self.wait_until("no first checkpoint", lambda: (checkpoints / "latest").exists(), process, log)
                else:
                    self.wait_until("it does not go on", lambda: expected in log.read_text(errors="replace"), process, log)
                    self.assertIn(f", after {steps} steps", log.read_text())
                    self.assertNotIn("warning", log.read_text())
                time.sleep(moments.uniform(0, 0.25))
                if moments.random() < 0.75:   # wait for the beginning of a save
                    self.wait_until("nothing is saved", lambda: any(checkpoints.glob(".tmp-*")), process, log)
                    time.sleep(moments.uniform(0, 0.008))
                self.assertIsNone(process.poll(), log.read_text()[-3000:])
                self.kill(process)
                in_a_save += any(checkpoints.glob(".tmp-*"))
                lost.append(self.check_loss(run, steps))
        process = self.start(1, log)
        self.wait_until("it does not go on", lambda: f"goes on from runs/heat/checkpoints/{self.newest(run)}" in log.read_text(), process, log)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(60), 75, log.read_text()[-3000:])
        left = [path.name for path in (run / "checkpoints").iterdir() if not re.fullmatch(r"latest|step-\d+", path.name)]
        self.assertEqual(left, [], "what dead processes left is removed")
        print(f"{rounds} kills, {in_a_save} of them within a save: all went on, "
              f"at most {max(lost)} steps ({every_s} s) lost, {int(self.newest(run)[-8:])} steps in the end", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        rounds = int(sys.argv.pop(1))
    if len(sys.argv) > 1:
        seed = int(sys.argv.pop(1))
    program.main()
