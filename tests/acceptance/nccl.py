"""Gradients summed over ranks by NCCL, of which a stub (tests/stubs/nccl.cpp) takes the place: trainings have the bits of those by MPI
where sums are exact, and what NCCL needs and is not there is said before the first step."""
import json
import os
import pathlib
import unittest.mock

from program import Case, main, root

NCCL_STUB = os.environ.get("NCCL_STUB", str(root / "build/release/tests/libstub_nccl.so"))
WIDE = ["--set", "network.hidden=[48, 48, 48]", "--set", "training.stages.0.steps=8"]   # wide enough for pieces that start early
NCCL = ["--set", "run.gradient_library=nccl"]


class Nccl(Case):
    def setUp(self):
        super().setUp()
        for name in ("libnccl.so.2", "libcudart.so.13"):
            (self.folder / name).symlink_to(NCCL_STUB)
        self.paths = f"{self.folder}:{os.environ.get('LD_LIBRARY_PATH', '')}"

    def train(self, folder, *options, ranks=2, status=0, **environment):
        with unittest.mock.patch.dict(os.environ, LD_LIBRARY_PATH=self.paths, **environment):
            return self.run_program("train", "heat.toml", "--output", folder, *WIDE, "--set", "output.log_every=0 s", *options,
                                    ranks=ranks, status=status).output

    def losses(self, folder):
        lines = (self.folder / folder / "metrics.jsonl").read_text().splitlines()
        return [(line["step"], line["loss"], line["gradient_norm"]) for line in map(json.loads, lines)]

    def summed_by(self, folder):
        return json.loads((self.folder / folder / "engine.json").read_text())["gradient_sum"]

    def test_exact_sums_have_the_bits_of_mpi(self):
        exact = ["--set", "training.reproducibility=ranks"]
        self.train("mpi", *exact, ranks=3)
        self.assertEqual(self.summed_by("mpi"), "MPI")
        for kind in ("plain", "hierarchical", "early"):
            output = self.train(kind, *exact, *NCCL, "--set", f"run.gradient_sync={kind}", ranks=3)
            self.assertIn("gradients are summed by NCCL 2.28.9", output)
            self.assertEqual(self.summed_by(kind), "NCCL 2.28.9")
            self.assertEqual(self.losses(kind), self.losses("mpi"), kind)
            self.assertEqual(self.summary(kind)["parameter_hash"], self.summary("mpi")["parameter_hash"], kind)

    def test_another_library_is_another_run_unless_sums_are_exact(self):
        self.train("run")
        longer = ["--set", "training.stages.0.steps=9"]
        output = self.train("run", *longer, *NCCL, status=2)
        self.assertIn('run.gradient_library: "mpi" -> "nccl"', output)
        exact = ["--set", "training.reproducibility=ranks"]
        self.train("exact", *exact)
        self.train("exact", *exact, *longer, *NCCL)
        self.assertEqual(self.summary("exact")["steps"], 9)

    def test_what_was_measured_is_kept(self):
        """Where the library decides on bits, a run that goes on does not measure again."""
        automatic = ["--set", "run.gradient_library=auto"]
        output = self.train("run", *automatic)
        self.assertRegex(output, r"gradients are summed by (NCCL 2.28.9|MPI): measured [0-9.e-]+ ms a sum, ")
        first = self.summed_by("run").split(":")[0]
        self.train("run", *automatic, "--set", "training.stages.0.steps=9")
        self.assertEqual(self.summed_by("run"), first)

    def test_what_is_not_there_is_said(self):
        output = self.train("run", *NCCL, status=2, JETPINN_STUB_GPUS="0")
        lines = [line for line in output.splitlines() if line.startswith("jetpinn: ")]
        self.assertEqual(len(lines), 1, output)
        self.assertIn("NCCL sums on GPUs, and this rank sees none (no CUDA-capable device is detected)", lines[0])
        self.assertFalse(pathlib.Path(self.folder / "run/metrics.jsonl").exists())
        output = self.train("old", *NCCL, status=2, JETPINN_STUB_NCCL_VERSION="21603")
        self.assertIn("NCCL 2.16.3 is too old: sums over ranks need 2.18.1 or later", output)
        output = self.train("run", "--set", "run.gradient_library=auto", JETPINN_STUB_GPUS="0")
        self.assertIn("gradients are summed by MPI: rank 0: NCCL sums on GPUs, and this rank sees none", output)

    def test_ranks_that_share_a_gpu_sum_by_mpi(self):
        output = self.train("run", *NCCL, JETPINN_STUB_ONE_GPU="1")
        self.assertIn("gradients are summed by MPI: ranks 0 and 1 share GPU 0000:00:00.0, and NCCL 2.28.9 takes one rank per GPU", output)

    def test_an_error_of_nccl_ends_the_run(self):
        output = self.train("run", *NCCL, status=4, JETPINN_STUB_TROUBLE="error 5")
        self.assertIn("NCCL failed in 'gradient all-reduce': remote process exited or there was a network error", output)


if __name__ == "__main__":
    main()
