"""Classifications as a user runs them: tiny sets, seconds."""
import hashlib
import json
import os
import signal

import h5py
import numpy

import program

TINY = """
[dataset]
format = "shapes"
count = 100
validation = 40
[training]
epochs = 2
batch = 40
reproducibility = "ranks"
[training.augment]
flip = true
shift = 2
"""


class Classify(program.Case):
    def setUp(self):
        super().setUp()
        self.write("tiny.toml", TINY)

    def classify(self, *options, ranks=1, status=0):
        return self.run_program("classify", "tiny.toml", *options, ranks=ranks, status=status).output

    def epochs(self, run):
        return [json.loads(line) for line in (self.folder / run / "metrics.jsonl").read_text().splitlines()]

    def check_folder(self):
        epochs, summary = self.epochs("runs/tiny"), self.summary("runs/tiny")
        self.assertEqual([(line["epoch"], line["step"]) for line in epochs], [(1, 3), (2, 6)])
        self.assertEqual([(line["images"], line["trained"]) for line in epochs], [(100, 100), (100, 100)])
        self.assertEqual(summary["classification"]["validation_accuracy"], epochs[-1]["validation"]["accuracy"])
        self.assertEqual((summary["status"], summary["stopped_by"], summary["steps"]), ("completed", "steps", 6))
        self.assertEqual((summary["parameters"], summary["points_seen"]), (620362, 200))
        self.assertIn("[dataset]", (self.folder / "runs/tiny/config.toml").read_text())
        self.assertTrue((self.folder / "runs/tiny/profile/summary.json").exists())
        with h5py.File(self.folder / "runs/tiny/network.h5") as file:
            self.assertEqual(file["conv3.weight"].shape, (128, 64, 3, 3))
            self.assertEqual(file.attrs["model"], "simple_cnn")

    def test_the_library_that_sums_is_the_one_of_the_config_and_is_kept(self):
        """What auto finds, with or without GPUs, is said; one that goes on takes it from its checkpoint and gives no reason."""
        automatic = ["--set", "run.gradient_library=auto", "--set", "training.reproducibility=run"]
        reason = r"gradients are summed by (MPI|NCCL [0-9.]+): "
        self.assertRegex(self.classify(*automatic, "--set", "training.epochs=1", ranks=2), reason)
        output = self.classify(*automatic, ranks=2)
        self.assertRegex(output, "gradients are summed by (MPI|NCCL [0-9.]+)")
        self.assertNotRegex(output, reason)

    def test_bits_depend_neither_on_ranks_nor_on_a_stop_nor_on_a_file(self):
        """Whole on one rank; an epoch on three, which goes on with another on two; the same images from a file."""
        output = self.classify()
        self.assertIn("simple_cnn on 100 shapes images of 3 x 32 x 32 in 10 classes, 40 to validate", output)
        self.assertIn("completed (steps) after 6 steps", output)
        self.check_folder()
        self.assertIn("this run is complete", self.classify())
        self.assertIn("training.batch: 40 -> 20", self.classify("--set", "training.batch=20", status=2))
        self.classify("--output", "runs/parts", "--set", "training.epochs=1", ranks=3)
        self.assertIn("goes on from", self.classify("--output", "runs/parts", ranks=2))
        whole, parts = self.epochs("runs/tiny"), self.epochs("runs/parts")
        for name in ("loss", "accuracy", "validation", "gradient_norm"):
            self.assertEqual([line[name] for line in whole], [line[name] for line in parts], name)
        self.assertEqual(self.summary("runs/tiny")["parameter_hash"], self.summary("runs/parts")["parameter_hash"])

        for ranks in (1, 3):
            self.run_program("sample", "images", "--count", "140", "--file", f"{ranks}.h5", ranks=ranks)
        hashes = {hashlib.sha256((self.folder / f"{ranks}.h5").read_bytes()).hexdigest() for ranks in (1, 3)}
        self.assertEqual(len(hashes), 1)
        sets = ["--set", "dataset.format=hdf5", "--set", "dataset.file=1.h5", "--set", "dataset.validation=40"]
        self.classify("--output", "runs/read", *sets)
        self.assertEqual(self.summary("runs/read")["parameter_hash"], self.summary("runs/tiny")["parameter_hash"])
        with h5py.File(self.folder / "1.h5", "r+") as file:
            self.assertEqual((file["images"].shape, file["images"].dtype), ((140, 3, 32, 32), numpy.uint8))
            self.assertEqual(list(file.attrs["classes"])[:2], ["disk", "ring"])
        for image in (0, 139):   # one to train on, one to validate with
            with h5py.File(self.folder / "1.h5", "r+") as file:
                file["images"][image, 0, 0, 0] ^= 1
            self.assertIn("others than those that this run began with",
                          self.classify("--output", "runs/read", *sets, "--set", "training.epochs=3", status=2))
            with h5py.File(self.folder / "1.h5", "r+") as file:
                file["images"][image, 0, 0, 0] ^= 1

    def test_stops_when_asked_in_the_middle_of_an_epoch(self):
        sets = ["--set", "dataset.count=4000", "--set", "training.batch=20", "--set", "model.kind=linear"]
        run = self.start("classify", "tiny.toml", "--output", "runs/stopped", "--set", "training.epochs=1000", *sets)
        self.wait_for_steps("runs/stopped")
        status, output = self.stop(run, how=signal.SIGTERM)
        self.assertEqual(status, 75, output)
        stopped = self.summary("runs/stopped")
        self.assertEqual((stopped["status"], stopped["stopped_by"]), ("stopped", "signal"))
        epochs = stopped["steps"] // 200 + 1
        self.classify("--output", "runs/stopped", "--set", f"training.epochs={epochs}", *sets)
        self.classify("--output", "runs/whole", "--set", f"training.epochs={epochs}", *sets)
        self.assertEqual(self.summary("runs/whole")["parameter_hash"], self.summary("runs/stopped")["parameter_hash"])
        whole, parts = self.epochs("runs/whole"), self.epochs("runs/stopped")
        self.assertEqual([line["loss"] for line in whole], [line["loss"] for line in parts])

    def test_published_formats_can_be_trained_on(self):
        generator = numpy.random.default_rng(0)
        for name in [f"data_batch_{batch}" for batch in range(1, 6)] + ["test_batch"]:
            records = generator.integers(0, 256, (8, 3073), dtype=numpy.uint8)
            records[:, 0] %= 10
            (self.folder / f"{name}.bin").write_bytes(records.tobytes())
        sets = ["--set", "dataset.format=cifar10", "--set", "dataset.folder=.", "--set", "training.epochs=1"]
        output = self.classify("--output", "runs/cifar", *sets, status=2)
        self.assertIn("the published file of 10000 images has 30730000", output)
        self.assertFalse((self.folder / "runs/cifar").exists())
        output = self.classify("--output", "runs/cifar", *sets, "--set", "dataset.published=false", "--set",
                               "training.precision=bf16", "--set", "training.batch=1000")
        self.assertIn("simple_cnn on 40 cifar10 images", output)
        self.assertIn("1 step with 1 evaluation of 40 points", self.run_program("profile", "runs/cifar").output)
        for batch in range(1, 6):
            path = self.folder / f"data_batch_{batch}.bin"
            records = numpy.frombuffer(path.read_bytes(), numpy.uint8).reshape(8, 3073).copy()
            records[:, 0] = 3
            path.write_bytes(records.tobytes())
            if batch == 1:   # the first images of a set that is sorted by class
                output = self.classify("--output", "runs/one", *sets, "--set", "dataset.published=false", "--set", "dataset.limit=8", status=2)
                self.assertIn("all 8 images to train on have the label 3, so that there is nothing to tell apart; raise dataset.limit, 40 are there", output)
        output = self.classify("--output", "runs/one", *sets, "--set", "dataset.published=false", ranks=2, status=2)
        self.assertIn("all 40 images to train on have the label 3", output)
        self.assertFalse((self.folder / "runs/one").exists())

    def test_what_cannot_be_is_refused_before_anything_is_written(self):
        def refused(sets, *words, ranks=1):
            options = [word for one in sets for word in ("--set", one)]
            output = self.classify("--output", "runs/none", *options, ranks=ranks, status=2)
            for word in words:
                self.assertIn(word, output)
            self.assertEqual(output.count("jetpinn: "), 1, output)
            self.assertFalse((self.folder / "runs/none").exists())
        refused(["dataset.format=idx", "dataset.folder=here"], "train-images-idx3-ubyte", "no such file", ranks=2)
        refused(["run.memory_limit=10 MB"], "above run.memory_limit")
        # More than half a tebibyte of images on each of two ranks that share a machine, and a model of 60 PiB.
        if os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") < 2**40:
            refused(["dataset.count=1e8", "dataset.validation=1e8"], "do not fit into the memory", "dataset.count", ranks=2)
        refused(["model.kind=sparse_vit", "model.width=65536", "model.depth=65536"], "take a smaller model")

    def test_the_gate_is_compared_with_no_gate(self):
        study = ("study", "gate", "tiny.toml", "--seeds", "1", "--steps", "3", "--output", "study", "--set", "model.kind=linear",
                 "--set", "training.batch=10", "--set", "gate.target=0.3")
        output = self.run_program(*study).output
        for words in ("gate study of tiny: 7 runs of a classification, 3 epochs", "share that is wrong", "target 0.3"):
            self.assertIn(words, output)
        told = json.loads((self.folder / "study/gate.json").read_text())
        runs = {run["name"]: run for run in told["runs"]}
        self.assertEqual((told["status"], len(runs), runs["steps-ungated-0"]["saved"]), (0, 7, 0))
        accuracy = self.summary("study/runs/steps-gated-0")["classification"]["validation_accuracy"]
        self.assertAlmostEqual(runs["steps-gated-0"]["error"], 1 - accuracy)
        for variant in ("gated", "uniform", "loss"):
            self.assertGreater(runs[f"steps-{variant}-0"]["saved"], 0.3)
        before = (self.folder / "study/runs/steps-gated-0/summary.json").stat().st_mtime_ns
        self.run_program(*study)   # nothing is trained a second time
        self.assertEqual((self.folder / "study/runs/steps-gated-0/summary.json").stat().st_mtime_ns, before)
        refused = self.run_program("study", "gate", "tiny.toml", "--output", "short", "--set", "training.epochs=1", status=2)
        self.assertIn("at least 2 epochs", refused.output)

    def test_gate_trains_the_target_alike_on_any_ranks(self):
        sets = ["--set", "model.kind=linear", "--set", "gate.target=0.2", "--set", "dataset.count=400", "--set", "gate.refresh=2"]
        self.classify("--output", "runs/gated", "--set", "training.epochs=8", *sets)
        self.classify("--output", "runs/three", "--set", "training.epochs=8", *sets, ranks=3)
        gated = self.epochs("runs/gated")
        self.assertEqual([line["loss"] for line in gated], [line["loss"] for line in self.epochs("runs/three")])
        self.assertEqual(gated[0]["activation"], 1)
        self.assertAlmostEqual(sum(line["activation"] for line in gated[4:]) / 4, 0.2, delta=0.02)
        for line in gated:   # no meter can be read, or all can
            self.assertGreater(line["joules"], 0)
            self.assertGreater(line["epoch_joules"], 0)
            self.assertEqual(line["gate"]["activation"], line["activation"])
        summary = self.summary("runs/gated")
        self.assertEqual(summary["gate"]["saved"], gated[-1]["gate"]["saved"])
        self.assertEqual(summary["gate"]["trained"], sum(line["trained"] for line in gated))
        self.assertGreater(summary["joules_modelled"], 0)
        report = self.run_program("report", "runs/gated").output
        self.assertIn("6 pictures", report)   # loss, accuracy, rate, gradient, gate, energy
        self.assertNotIn("note:", report)
        self.assertNotIn("Residuals of the equations", (self.folder / "runs/gated/report.html").read_text())
        figures = summary["classification"]
        self.assertEqual(figures["images_trained"], sum(line["trained"] for line in gated))
        self.assertEqual(figures["images_scored"], 400 * 4)

    def test_steps_that_are_not_finite_end_the_run(self):
        output = self.classify("--output", "runs/wild", "--set", "training.learning_rate=1e30", "--set", "training.epochs=30",
                               "--set", "model.kind=linear", status=3)
        self.assertIn("lower training.learning_rate", output)
        self.assertEqual(self.summary("runs/wild")["status"], "failed")


if __name__ == "__main__":
    program.main()
