"""Checkpoints that are damaged and storage that fails: the program says so, loses nothing that was good, and never begins anew in silence."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

TWENTY = ["train", "heat.toml", "--quiet", "--set", "output.checkpoint={ every = '0 s', keep = 3 }"]   # a checkpoint at every step
THIRTY = [*TWENTY, "--set", "training.stages.0.steps=30"]
ENDLESS = ["train", "heat.toml", "--set", "training.stages.0.steps=1000000000", "--set", "output.checkpoint={ every = '0.1 s', keep = 2 }"]


class Damage(program.Case):
    checkpoints = pathlib.Path("runs/heat/checkpoints")

    def names(self):
        return sorted(path.name for path in (self.folder / self.checkpoints).iterdir())

    def flip(self, name, byte):
        path = self.folder / self.checkpoints / name
        data = bytearray(path.read_bytes())
        data[byte] ^= 4
        path.write_bytes(data)

    def test_open_to_others(self):
        """One line of h5py reads an item; what the manifest says of a checkpoint is true."""
        self.run_program(*TWENTY)
        manifest = json.loads((self.folder / self.checkpoints / "latest/manifest.json").read_text())
        self.assertEqual((manifest["schema"], manifest["facts"]["step"]), (1, 20))
        path = self.folder / self.checkpoints / "latest/state.h5"
        self.assertEqual(manifest["file"]["bytes"], path.stat().st_size)
        with h5py.File(path) as file:
            for item in manifest["datasets"]:
                if item["type"] != "text":
                    self.assertEqual(file[item["name"]].shape, (item["count"],))
            self.assertEqual(file["step"][0], 20)
            self.assertIn(b"[problem]", file["config"][()])
        self.assertNotIn("step-00000000", self.names(), "no loss is known before the first step: it is not the lowest")

    def test_newest_damaged(self):
        self.run_program(*THIRTY, "--output", "runs/whole")
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                self.run_program(*TWENTY, "--force")
                self.assertIn("step-00000020", self.names())
                self.flip("step-00000020/state.h5", 3000)
                self.flip("step-00000019/manifest.json", 100)
                result = self.run_program(*THIRTY, ranks=ranks)
                for number, file in ((19, "manifest.json"), (20, "state.h5")):
                    self.assertRegex(result.output, f"warning: .*step-000000{number}/{file}: it is damaged")
                self.assertIn("rejected-step-00000020", self.names())
                self.assertEqual(self.summary("runs/heat")["steps"], 30)
                if ranks == 1:
                    self.assertEqual(self.summary("runs/heat")["parameter_hash"], self.summary("runs/whole")["parameter_hash"])

    def test_all_damaged(self):
        self.run_program(*TWENTY)
        for name in self.names():
            if name.startswith("step-"):
                os.truncate(self.folder / self.checkpoints / name / "state.h5", 1000)
        before = self.names()
        for ranks in (1, 2):
            result = self.run_program(*THIRTY, ranks=ranks, status=5)
            for name in before:
                if name.startswith("step-"):
                    self.assertIn(f"{name}/state.h5: it has 1000 bytes", result.output)
            self.assertEqual(result.output.count("jetpinn: "), 1, result.output)
        self.assertEqual(self.names(), before, "nothing is changed")


class Running(program.Case):
    """Storage that fails while a run goes on."""
    checkpoints = pathlib.Path("runs/heat/checkpoints")

    def start(self, ranks):
        self.log, self.statuses = self.folder / "log", self.folder / "statuses"
        self.statuses.write_text("")
        command = [program.program, *ENDLESS]
        if ranks > 1:
            command = ["mpirun", "--quiet", "-n", str(ranks), "--oversubscribe", "--bind-to", "none", *command]
        with open(self.log, "wb") as out:
            process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                       env=dict(os.environ, JETPINN_TERMINAL="0", JETPINN_STATUS_FILE=str(self.statuses)))
        self.addCleanup(lambda: process.poll() is None and process.terminate())
        self.process = process

    def newest(self):
        return max((int(path.name[5:]) for path in (self.folder / self.checkpoints).glob("step-*")), default=-1)

    def wait_until(self, what, happened, timeout=60):
        end = time.time() + timeout
        while not happened():
            self.assertIsNone(self.process.poll(), f"{what}: it ended\n{self.log.read_text()[-3000:]}")
            self.assertLess(time.time(), end, f"{what}\n{self.log.read_text()[-3000:]}")
            time.sleep(0.01)

    def warnings(self):
        return re.findall("warning: the checkpoint of step [0-9]+ was not written: .*", self.log.read_text())

    def stop(self):
        """The status that every rank reports."""
        self.process.send_signal(signal.SIGUSR1)
        self.process.wait(60)
        reported = {int(line.split()[1]) for line in self.statuses.read_text().splitlines()}
        self.assertEqual(len(reported), 1, reported)
        return reported.pop()

    def fails(self, begin, end, go_on=lambda: None, ranks=1):
        """begin() makes storage fail, go_on() sees to it that it stays so, end() mends it: the run warns, tries again and saves again; stopped
        without storage it ends with 5."""
        self.start(ranks)
        self.wait_until("no second checkpoint", lambda: self.newest() > 0)
        begin()
        self.wait_until("no second warning", lambda: go_on() or len(self.warnings()) >= 2)
        end()
        kept = self.newest()
        self.assertGreater(kept, 0, "the older one is there")
        self.wait_until("no later checkpoint", lambda: self.newest() > kept)
        begin()
        count = len(self.warnings())
        self.wait_until("no warning", lambda: go_on() or len(self.warnings()) > count)
        status = self.stop()
        end()
        self.assertEqual(status, 5, self.log.read_text()[-3000:])
        kept = self.newest()
        self.start(ranks)
        self.wait_until("it does not go on", lambda: f"goes on from {self.checkpoints}/step-{kept:08d}" in self.log.read_text())
        self.assertNotIn("warning", self.log.read_text())
        self.assertEqual(self.stop(), 75, self.log.read_text()[-3000:])

    def test_vanished_folder(self):
        run, away = self.folder / "runs/heat", self.folder / "runs/away"
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                self.fails(lambda: run.rename(away), lambda: away.rename(run), ranks=ranks)
                shutil.rmtree(run)

    # The next two need a file system of their own, in a mount namespace that ends with the command.
    def alone(self, name):
        command = ["unshare", "--map-root-user", "--mount"]
        if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        result = subprocess.run([*command, sys.executable, __file__, f"Mounted.{name}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, timeout=200)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("Ran 1 test", result.stdout)

    def test_full_disk(self):
        self.alone("full_disk")

    def test_read_only(self):
        self.alone("read_only")


class Mounted(Running):
    """Inside the namespace; not found by name, for outside of it nothing may be mounted."""
    test_vanished_folder = test_full_disk = test_read_only = None

    def mount(self, *options):
        subprocess.run(["mount", *options, str(self.folder / self.checkpoints)], check=True)

    def setUp(self):
        super().setUp()
        (self.folder / self.checkpoints).mkdir(parents=True)
        self.mount("-t", "tmpfs", "-o", "size=1m", "tmpfs")
        self.addCleanup(subprocess.run, ["umount", str(self.folder / self.checkpoints)])

    def read_only(self):
        self.fails(lambda: self.mount("-o", "remount,ro"), lambda: self.mount("-o", "remount,rw"))

    def full_disk(self):
        filler = self.folder / self.checkpoints / "filler"

        def fill():
            with open(filler, "ab", buffering=0) as out:
                try:
                    while True:
                        out.write(b"x" * 4096)
                except OSError:
                    pass

        self.fails(fill, filler.unlink, fill)   # again and again: what the run gives up makes room


if __name__ == "__main__":
    program.main()
