"""A run with stored points that are exchanged meanwhile goes on from 1 to 2 to 3 and back to 1 rank, and ends in the bits of one that
never moved: parameters, and every byte of the points in its checkpoint. No config names stored points: mpi_train runs it."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

runner = os.environ.get("MPI_TRAIN", str(program.root / "build/release/tests/mpi_train"))


class StoredPoints(program.Case):
    def run_case(self, case, name, ranks, *options, **environment):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        command = ["mpirun", "--quiet", *options, "-n", str(ranks), "--oversubscribe", "--bind-to", "none", runner, "--gtest_brief=1",
                   "--gtest_also_run_disabled_tests", f"--gtest_filter=StoredRunParts.DISABLED_{case}"]
        return subprocess.run(command, env={**os.environ, "JETPINN_STORED_RUN": str(folder), **environment}, timeout=120, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def go_on(self, name, ranks, steps):
        done = self.run_case("GoesOnToStep", name, ranks, JETPINN_STORED_STEPS=str(steps))
        self.assertEqual(done.returncode, 0, f"{name} on {ranks} ranks:\n{done.stdout[-3000:]}")

    def end_of(self, name):
        summary = json.loads((self.folder / name / "summary.json").read_text())
        newest = self.folder / name / "checkpoints" / (self.folder / name / "checkpoints/latest").readlink()
        manifest = json.loads((newest / "manifest.json").read_text())
        columns = {entry["name"]: entry["xxh3"] for entry in manifest["datasets"] if entry["type"] == "column"}
        self.assertEqual(len(columns), 8)
        return summary["steps"], summary["parameter_hash"], columns, hashlib.sha256((newest / "columns.h5").read_bytes()).hexdigest()

    def test_any_number_of_ranks_goes_on(self):
        for ranks, steps in ((1, 3), (2, 5), (3, 8), (1, 9)):   # points are exchanged before steps 3 and 7
            self.go_on("moved", ranks, steps)
        self.go_on("alone", 1, 9)
        self.go_on("four", 4, 9)
        self.assertEqual(self.end_of("moved"), self.end_of("alone"))
        self.assertEqual(self.end_of("four"), self.end_of("alone"))

    def test_a_rank_that_dies_in_a_checkpoint_hangs_nobody(self):
        self.go_on("lost", 3, 4)
        begin = time.monotonic()
        # As jobs/local starts it: otherwise the dead rank would take the others down before they have spoken.
        done = self.run_case("LosesARankInACheckpoint", "lost", 3, "-enable-recovery", JETPINN_STATUS_FILE=str(self.folder / "statuses"))
        self.assertLess(time.monotonic() - begin, 20)
        self.assertRegex(done.stdout, "rank 2 .* is lost: last seen in 'checkpoint'.*its process died")
        statuses = {line.split()[1] for line in (self.folder / "statuses").read_text().splitlines()}
        self.assertEqual(statuses, {"4"}, done.stdout)
        self.go_on("lost", 2, 9)
        self.go_on("alone", 1, 9)
        self.assertEqual(self.end_of("lost"), self.end_of("alone"))


if __name__ == "__main__":
    program.main()
