"""Sparse networks: imported, pruned from a run, predicted, trained on and resumed with their zeros, on several ranks; and what is refused."""
import fcntl
import json
import pathlib
import shutil
import subprocess
import sys
import tomllib

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

sys.path.insert(0, str(program.root / "docs"))
sys.dont_write_bytecode = True
from torch_to_jetpinn import write  # noqa: E402

HEAT = ("--set", "network.hidden=[10, 9]", "--set", "sampling.points={heat = 64, initial = 16, walls = 16}",
        "--set", "training.reproducibility=ranks")


class Sparsify(program.Case):
    def import_file(self, name="net.h5", change=None, widths=(3, 21, 18, 2), **names):
        """A network as docs/torch_to_jetpinn.py writes it; `change` edits the open file. Its weights, zeros in place."""
        random, layers = np.random.default_rng(1), []
        for inputs, outputs in zip(widths, widths[1:]):
            weight = random.normal(size=(outputs, inputs)).astype(np.float32)
            mask = random.random((outputs, inputs)) < 0.3   # truth values; PyTorch's own are floats
            mask[0, 0] = True
            layers.append((weight, random.normal(size=outputs).astype(np.float32), mask))
        write(self.folder / name, layers, "tanh", **names)
        if change:
            with h5py.File(self.folder / name, "r+", locking=False) as file:   # programs that begin meanwhile inherit locks
                change(file)
        return [(weight * mask, bias) for weight, bias, mask in layers]

    def evaluate(self, whole, x):
        for layer, (weight, bias) in enumerate(whole):
            x = x @ weight.T.astype(float) + bias.astype(float)
            x = np.tanh(x) if layer + 1 < len(whole) else x
        return x

    def kept(self, run):
        with h5py.File(self.folder / run / "network.h5") as file:
            return {name: (group["weight"][:], group["kept"][:]) for name, group in file["layers"].items()}

    def test_an_imported_network_is_stored_sparse_and_predicts(self):
        whole = self.import_file(inputs=["speed", "feed", "depth"], outputs=["wear", "growth"])
        text = self.run_program("sparsify", "--import", "net.h5", "--output", "run").output
        for words in ("break-even", "over LibTorch's product", "over torch.sparse", "storage of the matrices", "written to run"):
            self.assertIn(words, text)
        self.assertNotIn("beta state", text)   # what LibTorch says of such matrices
        report = json.loads((self.folder / "run/conversion.json").read_text())
        self.assertTrue(0 < report["difference"]["max_from_torch_sparse"] < 1e-4)
        if report["no_libxsmm_sparse"] is None:   # on processors for which it generates code; it sums in our order
            self.assertTrue(0 <= report["difference"]["max_from_libxsmm_sparse"] < 1e-4)
            self.assertIn("generated", report["layers"][0]["seconds_per_point"])
        self.assertTrue(report["verified"])
        self.assertTrue(0 < report["difference"]["rounding_share"] <= 1)
        self.assertLess(report["difference"]["max"], 1e-4)
        self.assertEqual([speed["batch"] for speed in report["speed"]], [1, 32, 1242, 100000])
        self.assertEqual([layer["kept"] for layer in report["layers"]], [np.count_nonzero(weight) for weight, _ in whole])
        for layer, (values, _) in zip(report["layers"], self.kept("run").values()):
            self.assertEqual(layer["kept"], len(values))
        x = np.random.default_rng(2).uniform(-1, 1, (50, 3))
        with h5py.File(self.folder / "points.h5", "w") as file:
            for name, column in zip(("speed", "feed", "depth"), x.T):
                file[name] = column
        for ranks in (1, 3):
            self.run_program("predict", "run", "--points", "points.h5", "--file", f"on{ranks}.h5", "--quantities",
                             "wear, growth, d(wear, feed)", ranks=ranks)
        with h5py.File(self.folder / "on1.h5") as one, h5py.File(self.folder / "on3.h5") as three:
            values = np.stack([one["wear"][:], one["growth"][:]], axis=1)
            np.testing.assert_allclose(values, self.evaluate(whole, x), rtol=0, atol=1e-13)
            step = 1e-5 * np.array([0, 1, 0])
            slope = (self.evaluate(whole, x + step) - self.evaluate(whole, x - step))[:, 0] / 2e-5
            np.testing.assert_allclose(one["d(wear, feed)"][:], slope, rtol=0, atol=1e-7)
            np.testing.assert_array_equal(one["wear"][:], three["wear"][:])
        load = program.root / "docs/load.py"
        printed = subprocess.run([sys.executable, load, self.folder / "run/network.h5", *(f"{n}={v!r}" for n, v in zip(
            ("speed", "feed", "depth"), map(float, x[0])))], capture_output=True, text=True, check=True).stdout
        np.testing.assert_allclose([float(line.split()[1]) for line in printed.splitlines()], values[0], rtol=0, atol=1e-13)

    def test_a_run_is_pruned_and_keeps_its_zeros(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        prune = ("sparsify", "dense", "--target", "0.6", "--rounds", "2", "--steps", "8")
        self.run_program(*prune, "--output", "one")
        self.run_program(*prune, "--output", "two", "--quiet", ranks=2)
        self.assertEqual(self.summary("one")["parameter_hash"], self.summary("two")["parameter_hash"])
        report = json.loads((self.folder / "one/conversion.json").read_text())
        self.assertAlmostEqual(report["density"], 0.4, delta=0.005)
        # The same command finds everything done; another target is another run.
        there = self.kept("one")
        (self.folder / "one/network.h5").unlink()   # which is written again
        self.run_program(*prune, "--output", "one", "--quiet")
        for name, (values, bits) in self.kept("one").items():
            np.testing.assert_array_equal(values, there[name][0])
            np.testing.assert_array_equal(bits, there[name][1])
        self.assertIn("another sparsification (--rounds: 2 -> 3, --target: 0.6 -> 0.7)", self.run_program(
            *prune[:3], "0.7", "--rounds", "3", "--steps", "8", "--output", "one", status=2).output)
        # Trained on, stopped and resumed, by another optimiser: the pattern stays, and the run needs nothing of the old folder.
        for optimizer in ("lbfgs", "soap"):
            train = ("train", "one/config.toml", "--quiet", "--set", "network.pattern=pattern.h5", "--set",
                     f"training.start_from={self.folder}/one", "--set", f"training.stages.0.optimizer={optimizer}", "--set")
            self.run_program(*train, "training.stages.0.steps=6", "--output", optimizer)
            self.run_program(*train, "training.stages.0.steps=3", "--output", f"{optimizer}-parts")
            self.run_program(*train, "training.stages.0.steps=6", "--output", f"{optimizer}-parts", ranks=2)
            self.assertEqual(self.summary(f"{optimizer}-parts")["parameter_hash"], self.summary(optimizer)["parameter_hash"])
            for name, (values, bits) in self.kept(optimizer).items():
                np.testing.assert_array_equal(bits, self.kept("one")[name][1])
                self.assertTrue(np.any(values != self.kept("one")[name][0]), name)
        # Exported with its zeros left out; neurons are removed before weights are, not after.
        printed = self.run_program("export", "one", "--file", "one.jpn").output
        self.assertLess(float(printed.split("largest difference from the engine ")[1].split()[0]), 1e-12)
        self.assertIn("keeps some weights", self.run_program("prune", "one", "--target", "0.5", status=2).output)
        (self.folder / "one").rename(self.folder / "moved")
        self.run_program("evaluate", "moved", "--quiet")

    REWOUND = (*HEAT, "--set", "training.stages=[{ optimizer = 'adam', steps = 12, learning_rate = { schedule = 'exponential', start = 1e-2, "
               "decay = 0.5, every = 4 } }, { optimizer = 'lbfgs', steps = 4 }]", "--set", "output.checkpoint.every=0", "--set",
               "output.checkpoint.keep_every=1")   # of every step a checkpoint

    def kept_places(self, path):
        """Of each matrix, as truth values [inputs, outputs]."""
        with h5py.File(self.folder / path) as file:
            shapes = file["shapes"][:].reshape(-1, 2)
            return [np.unpackbits(file[f"pattern_{k}"][:].view(np.uint8), bitorder="little")[:shape.prod()].reshape(shape).astype(bool)
                    for k, shape in enumerate(shapes)]

    def parameters_at(self, run, step):
        with h5py.File(self.folder / run / f"checkpoints/step-{step:08}/state.h5") as file:
            return file["parameters"][:]

    def masked(self, parameters, places):
        """The flat buffer of a network that keeps these places, of one that keeps all: matrices with a bias behind each."""
        parts = []
        for kept in places:
            weight, bias, parameters = np.split(parameters, (kept.size, kept.size + kept.shape[1]))
            parts += [weight[kept.ravel()], bias]
        return np.concatenate(parts)

    def test_kept_weights_go_back(self):
        self.run_program("train", "heat.toml", *self.REWOUND, "--quiet", "--output", "dense")
        prune = ("sparsify", "dense", "--target", "0.6", "--rounds", "2", "--quiet", "--output")
        self.run_program(*prune, "one", "--rewind", "5")
        self.run_program(*prune, "rates", "--rewind", "5", "--rates-only")
        # The trained weights say which are kept; these begin with what they were, or stay where the rates alone go back.
        places = self.kept_places("one/rounds/pattern_1.h5")
        for kept, others in zip(places, self.kept_places("rates/rounds/pattern_1.h5")):
            np.testing.assert_array_equal(kept, others)
        for run, step in (("one", 5), ("rates", 16)):
            np.testing.assert_array_equal(self.parameters_at(f"{run}/rounds/1", 0), self.masked(self.parameters_at("dense", step), places))
        np.testing.assert_array_equal(self.parameters_at("one", 0), self.masked(self.parameters_at("dense", 5), self.kept_places("one/pattern.h5")))
        # Both train as the run did from there on: 7 steps of Adam, 4 of L-BFGS.
        for run in ("one", "rates"):
            stages = tomllib.loads((self.folder / run / "config.toml").read_text())["training"]["stages"]
            self.assertEqual([stage["steps"] for stage in stages], [7, 4])
            self.assertAlmostEqual(stages[0]["learning_rate"]["start"], 1e-2 * 0.5 ** (5 / 4), delta=1e-15)
        # Gone on with behind its first round, on other ranks, by a share that means the same step: 5.008 of 16.
        (self.folder / "two").mkdir()
        shutil.copytree(self.folder / "one/rounds", self.folder / "two/rounds", symlinks=True)
        shutil.copy(self.folder / "one/sparsify.json", self.folder / "two")
        self.assertIn("another sparsification (--rewind: 5 -> 6)", self.run_program(*prune, "two", "--rewind", "6", status=2).output)
        self.run_program(*prune, "two", "--rewind", "31.3%", ranks=2)
        self.assertEqual(self.summary("one")["parameter_hash"], self.summary("two")["parameter_hash"])

    def test_what_cannot_go_back_is_refused(self):
        self.run_program("train", "heat.toml", *self.REWOUND, "--quiet", "--output", "dense")
        shutil.rmtree(self.folder / "dense/checkpoints/step-00000009")
        for words, message in {("--rewind", "9"): "dense keeps no checkpoint of that step, but of 0, 1, 2,", ("--rewind", "-1"): "none, a step of the run",
                               ("--rewind", "half"): "none, a step of the run", ("--rewind", "100%"): "below 100%",
                               ("--rewind", "16"): "dense ended at step 16; name an earlier one",
                               ("--rates-only",): "say where to", ("--rewind", "5", "--rates-only", "--steps", "3"): "leave --steps",
                               ("--epochs", "2", "--steps", "3"): "--epochs"}.items():
            output = self.run_program("sparsify", "dense", *words, status=2, ranks=2 if words[-1] == "9" else 1).output
            self.assertIn(message, output)
        state = self.folder / "dense/checkpoints/step-00000005/state.h5"
        state.write_bytes(state.read_bytes()[:-7])
        self.assertIn("step-00000005/state.h5", self.run_program("sparsify", "dense", "--rewind", "5", status=5).output)
        shutil.rmtree(self.folder / "dense/checkpoints")
        self.assertIn("keeps no checkpoints", self.run_program("sparsify", "dense", "--rewind", "0%", status=2).output)
        self.assertFalse((self.folder / "dense-sparse").exists())

    def test_epochs_are_passes_through_the_batches(self):
        self.run_program("train", "heat.toml", "--quiet", "--output", "dense")
        self.run_program("sparsify", "dense", "--target", "0.5", "--rounds", "1", "--epochs", "2", "--set", "sampling.batch.heat=256", "--quiet",
                         "--output", "sparse")
        self.assertEqual(self.summary("sparse")["steps"], 12)   # 1300 points: five batches of 256 and the rest

    def tree(self, folder):
        """Every file below it with its content."""
        return {path.relative_to(self.folder): path.read_bytes() for path in sorted((self.folder / folder).rglob("*"))
                if path.is_file() and path.name != ".lock"}

    def test_a_stopped_one_goes_on_with_what_it_was_asked_for(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        prune = ["sparsify", "dense", "--target", "0.6", "--rounds", "2", "--steps", "100000", "--set",
                 "output.log_every_steps=20", "--quiet", "--output"]
        process = self.start(*prune, "stopped")
        self.wait_for_steps("stopped/rounds/1")
        self.assertIn("another process", self.run_program(*prune, "stopped", status=2).output)
        status, output = self.stop(process)
        self.assertEqual(status, 75, output)
        self.assertFalse((self.folder / "stopped/config.toml").exists())
        there = self.tree("stopped")
        for others, words in {("--target", "0.7"): "(--target: 0.6 -> 0.7)", ("--rounds", "3"): "(--rounds: 2 -> 3)",
                              ("--steps", "100001"): "(--steps: 100000 -> 100001)", ("--seed", "4"): "seed: 3 -> 4",
                              ("--set", "training.stages.0.optimizer=lbfgs"): "--set: ["}.items():
            options = [others[1] if prune[k - 1] == others[0] != "--set" else word for k, word in enumerate(prune)]
            options = options if options != prune else [*prune[:2], *others, *prune[2:]]
            output = self.run_program(*options, "stopped", status=2, ranks=2 if others[0] == "--seed" else 1).output
            self.assertIn(words, output)
            self.assertIn("stopped.old-N", output)
        self.run_program("train", "dense/config.toml", "--output", "dense", "--quiet", "--set", "training.stages.0.steps=25")
        self.assertIn("parameters of the run: ", self.run_program(*prune, "stopped", status=2).output)
        self.assertEqual(self.tree("stopped"), there)
        (self.folder / "dense").rename(self.folder / "longer")
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        short = [*prune[:-1], "--set", "training.stages.0.steps=8", "--output"]
        self.run_program(*short, "stopped", "--force")
        self.assertEqual(self.tree("stopped.old-1").keys(), {pathlib.Path("stopped.old-1", *path.parts[1:]) for path in there})
        # A folder without the record, and one that is somebody's.
        (self.folder / "stopped/sparsify.json").rename(self.folder / "kept.json")
        self.assertIn("no sparsify.json", self.run_program(*short, "stopped", status=2).output)
        self.run_program(*short, "longer", status=2)

    def test_stopped_it_goes_on_with_the_same_bits(self):
        self.run_program("train", "heat.toml", "--set", "training.reproducibility=ranks", "--quiet", "--output", "wide")
        self.run_program("prune", "wide", "--target", "0.3", "--rounds", "1", "--steps", "2", "--allowed-loss", "1e9", "--quiet",
                         "--output", "dense")   # whose config names its start by a path of its own
        prune = ("sparsify", "dense", "--target", "0.6", "--rounds", "2", "--steps", "300", "--set",
                 "output.log_every_steps=20", "--quiet", "--output")
        process = self.start(*prune, "stopped")
        self.wait_for_steps("stopped/rounds/1")
        self.assertEqual(self.stop(process)[0], 75)
        self.run_program(*prune, "whole")
        # Wherever it and its run are moved, and when it is complete as well.
        for ranks, place in ((2, "elsewhere"), (1, ".")):
            (self.folder / place).mkdir(exist_ok=True)
            for name in ("dense", "stopped"):
                next(path for path in (self.folder / name, self.folder / "elsewhere" / name) if path.exists()).rename(self.folder / place / name)
            self.run_program(*prune, "stopped", ranks=ranks, cwd=self.folder / place)
            self.assertEqual(self.summary(f"{place}/stopped")["parameter_hash"], self.summary("whole")["parameter_hash"])

    def other_bits(self, path):
        """As many weights at other places: the bits of each matrix, one place further."""
        with h5py.File(path, "r+", locking=False) as file:
            shapes = file["shapes"][:].reshape(-1, 2)
            for number, shape in enumerate(shapes):
                words = file[f"pattern_{number}"]
                bits = np.unpackbits(words[:].view(np.uint8), bitorder="little")
                bits[:shape.prod()] = np.roll(bits[:shape.prod()], 1)
                words[...] = np.packbits(bits, bitorder="little").view(words.dtype)

    def test_another_pattern_is_found_on_the_way_on(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        self.run_program("sparsify", "dense", "--target", "0.5", "--rounds", "1", "--steps", "3", "--quiet", "--output", "one")
        pattern, kept = self.folder / "one/pattern.h5", self.folder / "kept.h5"
        shutil.copy(pattern, kept)
        checkpoint = json.loads((self.folder / "one/checkpoints/latest/manifest.json").read_text())
        self.assertRegex(checkpoint["facts"]["pattern_hash"], "^[0-9a-f]{16}$")
        longer = ("train", "one/config.toml", "--quiet", "--output", "one", "--set", "training.stages.0.steps=6")
        self.other_bits(pattern)
        for ranks in (1, 2):
            output = self.run_program(*longer, ranks=ranks, status=5).output
            self.assertIn("it was written with another pattern of kept weights", output)
            self.assertEqual(output.count("jetpinn:"), 1, output)
        self.assertIn("layers/0/kept", self.run_program("evaluate", "one", "--quiet", status=2).output)
        start = ("train", "heat.toml", *HEAT, "--quiet", "--output", "two", "--set", f"training.start_from={self.folder}/one",
                 "--set")
        self.assertIn("layers/0/kept", self.run_program(*start, f"network.pattern={pattern}", status=2).output)
        (self.folder / "one/network.h5").unlink()   # the checkpoint's parameters are taken
        self.assertIn("another pattern", self.run_program("evaluate", "one", "--quiet", status=5).output)
        shutil.copy(kept, pattern)
        self.run_program("evaluate", "one", "--quiet")
        self.run_program(*longer)

    def test_what_cannot_be_pruned_is_refused(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        (self.folder / "link").symlink_to("dense")
        for output, words in {"dense": "is the run that is made sparse", "dense/../dense/": "is the run that is made sparse",
                              "link": "is the run that is made sparse", "dense/sparse": "lies in dense", ".": "holds dense",
                              "link/..": "holds dense"}.items():
            for force in ([], ["--force"]):
                self.assertIn(words, self.run_program("sparsify", "dense", "--output", output, *force, status=2).output)
        self.assertIn("'training.stages' is empty", self.run_program("sparsify", "dense", "--set", "training.stages=[]",
                                                                     status=2, ranks=2).output)
        self.assertFalse((self.folder / "dense.old-1").exists() or (self.folder / "dense/sparse").exists())
        for target, words in {"0.999": "at most 0.966", "0.97": "at most 0.966", "0": "out of reach", "-1": "out of reach", "nan": "out of reach"}.items():
            output = self.run_program("sparsify", "dense", "--target", target, status=2).output
            self.assertIn(words, output)
        self.assertFalse((self.folder / "dense-sparse").exists())
        self.run_program("train", "heat.toml", "--set", "network.kind=residual", "--set", "network.hidden=[6, 6]", "--set",
                         "training.stages.0.steps=1", "--quiet", "--output", "other")
        self.assertIn("of kind residual", self.run_program("sparsify", "other", status=2, ranks=2).output)
        for key, words in {"factorized={ mean = 0.5, stddev = 0.1 }": "one of factorized weights",
                           "slope=trainable": "one of trained slopes"}.items():
            self.run_program("train", "heat.toml", "--set", f"network.{key}", "--set", "training.stages.0.steps=1", "--quiet",
                             "--output", "of" + key[:4])
            self.assertIn(words, self.run_program("sparsify", "of" + key[:4], status=2).output)
        self.assertIn("no run folder", self.run_program("sparsify", "nowhere", status=2).output)
        self.run_program("sparsify", status=2)
        self.run_program("sparsify", "dense", "--import", "net.h5", status=2)
        self.run_program("sparsify", "--import", "net.h5", "--target", "0.5", status=2)

    def test_each_round_has_the_time_of_a_training(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        self.run_program("sparsify", "dense", "--target", "0.6", "--rounds", "3", "--steps", "10000000", "--set",
                         "training.stop.time=1", "--quiet", "--output", "timed")
        for folder in ("timed/rounds/1", "timed/rounds/2", "timed"):
            summary = self.summary(folder)
            self.assertEqual(summary["stopped_by"], "time", folder)
            self.assertGreater(summary["steps"], 3, folder)   # a round whose time was taken by others stops at once

    def test_tables_that_changed_are_refused(self):
        self.write("data.csv", "t,x,value\n" + "".join(f"{k / 10},{k / 20},{k % 3}\n" for k in range(10)))
        text = (self.folder / "heat.toml").read_text().replace("[reference]", """[[problem.conditions]]
name = "measured"
points = "data.csv"
residual = "u - data.value"
[reference]""")
        self.write("measured.toml", text)
        self.run_program("train", "measured.toml", *HEAT, "--quiet", "--output", "dense")
        prune = ("sparsify", "dense", "--target", "0.5", "--rounds", "1", "--steps", "2", "--quiet")
        kept = (self.folder / "data.csv").read_text()
        self.write("data.csv", kept.replace("0.1,0.05,1", "0.1,0.05,7"))
        output = self.run_program(*prune, status=2).output
        self.assertIn("data.csv has changed since this run began, and sparsify trains on it: put back what dense was trained on", output)
        self.assertFalse((self.folder / "dense-sparse").exists())
        self.write("data.csv", kept)
        self.run_program(*prune)

    def test_what_is_refused_is_not_in_the_way(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        prune = ("sparsify", "dense", "--target", "0.5", "--rounds", "1", "--steps", "2", "--quiet")
        for value, words in {"network.activation=sin": 'network.activation: "tanh" -> "sin"',
                             "network.hidden=[4, 4]": "network.hidden: [10, 9] -> [4, 4]",
                             "network.pattern=mine.h5": "network.pattern: ",
                             "problem.fields=[\"u\", \"v\"]": "problem.fields: ",
                             "training.start_from=": "training.start_from: ",
                             "training.windows.count=2": "training.windows.count: ",
                             "sampling.points.heta=20": "'heta'",
                             "problem.equations.0.residual=u_t - kappa*w_xx": "'w",
                             "training.stages.0.optimizer=adan": "adan"}.items():
            for ranks in (1, 2) if "activation" in value else (1,):
                output = self.run_program(*prune, "--set", value, status=2, ranks=ranks).output
                self.assertIn(words, output)
                self.assertEqual(output.count("jetpinn:"), 1, output)
            self.assertFalse((self.folder / "dense-sparse").exists(), value)
        # Of a command that ended before its first round began.
        (self.folder / "dense-sparse/rounds").mkdir(parents=True)
        self.write("dense-sparse/sparsify.json", json.dumps({"options": {"target": 0.25}}))
        self.run_program(*prune)
        self.assertEqual(json.loads((self.folder / "dense-sparse/sparsify.json").read_text())["options"]["target"], 0.5)
        self.assertIn("another sparsification (--target: 0.5 -> 0.4)",
                      self.run_program(*prune[:3], "0.4", *prune[4:], status=2).output)

    def test_the_device_is_that_of_the_command(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        prune = ("sparsify", "dense", "--target", "0.5", "--rounds", "2", "--steps", "3", "--quiet", "--output")
        for device in ("cpu", "emulated"):
            self.run_program(*prune, device, "--device", device)
            for folder in (f"{device}/rounds/1", device):
                self.assertEqual(self.summary(folder)["device"], device)
        self.assertIn('(--device: "emulated" -> "cpu")', self.run_program(*prune, "emulated", status=2).output)
        self.assertIn("keeps its matrix on the processor", self.run_program(
            *prune, "other", "--device", "emulated", "--set", "training.stages.0.optimizer=ssbroyden", status=2).output)
        self.assertFalse((self.folder / "other").exists())
        # The name that it gets without --output.
        self.run_program(*(word if word != "dense" else "." for word in prune[:-1]), cwd=self.folder / "dense")
        self.assertTrue((self.folder / "dense-sparse/network.h5").exists())

    def test_an_import_has_its_folder_alone(self):
        self.import_file(widths=(2, 9, 1))
        (self.folder / "run").mkdir()
        with open(self.folder / "run/.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("another process", self.run_program("sparsify", "--import", "net.h5", "--output", "run", status=2).output)
            self.assertEqual([path.name for path in (self.folder / "run").iterdir()], [".lock"])
        self.run_program("sparsify", "--import", "net.h5", "--output", "run/", "--quiet")
        with open(self.folder / "run/.lock", "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("another process", self.run_program("sparsify", "--import", "net.h5", "--output", "run", "--force",
                                                              status=2).output)
        self.assertFalse((self.folder / "run.old-1").exists())

    def test_what_lies_in_the_folder_stays(self):
        self.import_file(widths=(2, 9, 1))
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        (self.folder / "mine/points").mkdir(parents=True)
        for name in ("network.h5", "pattern.h5", "summary.json", "points/mine.csv"):
            self.write(f"mine/{name}", "of mine")
        mine = self.tree("mine")
        for number, command in enumerate((["--import", "net.h5"], ["dense", "--target", "0.5", "--rounds", "1", "--steps", "2"])):
            sparsify = ("sparsify", *command, "--quiet", "--output", "mine")
            for ranks in (1, 2):
                output = self.run_program(*sparsify, status=2, ranks=ranks).output
                self.assertRegex(output, "the folder mine holds something that no .*sparsification has written")
                self.assertEqual(self.tree("mine"), mine)
            self.run_program(*sparsify, "--force")
            self.assertEqual([*self.tree("mine.old-1").values()], [*mine.values()])
            self.run_program("evaluate" if number else "predict", "mine", *([] if number else ["--grid", "x1=0:1:2,x2=0:1:2"]), "--quiet")
            shutil.rmtree(self.folder / "mine")
            (self.folder / "mine.old-1").rename(self.folder / "mine")

    def test_sums_that_overflow_are_named(self):
        def large(name):
            def change(file):
                file[name][...] = np.float32(2e38)
            return change

        for name, words in {"weight_1": "sums of weight_1 and bias_1 overflow fp32 at inputs between -1 and 1",
                            "weight_2": "and with them the output 'y"}.items():
            self.import_file(f"{name}.h5", large(name))
            output = self.run_program("sparsify", "--import", f"{name}.h5", "--output", "large", status=2).output
            self.assertIn(words, output)
            self.assertIn(f"{name}.h5", output)
            self.assertNotIn("defect", output)
            self.assertFalse((self.folder / "large").exists())

    def test_the_precision_is_the_widest_that_is_stored(self):
        def stored_as(weight, bias):
            def change(file):
                for name, type in (("weight_1", weight), ("bias_0", bias)):
                    values = file[name][:]
                    del file[name]
                    file[name] = values.astype(type)
            return change

        for name, (weight, bias, precision) in {"a": ("f4", "f4", "fp32"), "b": (">f4", "f4", "fp32"), "c": ("f8", "f4", "fp64"),
                                                "d": ("f4", ">f8", "fp64")}.items():
            whole = self.import_file(f"{name}.h5", stored_as(weight, bias), widths=(2, 9, 1))
            self.run_program("sparsify", "--import", f"{name}.h5", "--output", name, "--quiet")
            config = tomllib.loads((self.folder / name / "config.toml").read_text())
            self.assertEqual(config["training"]["precision"], precision)
            self.assertEqual(json.loads((self.folder / name / "conversion.json").read_text())["precision"], precision)
            with h5py.File(self.folder / name / "network.h5") as file:
                np.testing.assert_array_equal(file["layers/0/bias"][:], whole[0][1].astype(float))
        odd = 'a "b" \\ \u00e4.h5'
        self.import_file(odd, widths=(2, 9, 1))
        self.run_program("sparsify", "--import", odd, "--output", "odd", "--quiet")
        self.assertEqual(tomllib.loads((self.folder / "odd/config.toml").read_text())["name"], odd[:-3].replace("\\", "_"))

    def test_bad_files_are_refused(self):
        def replace(name, value):
            def change(file):
                if name in file:
                    del file[name]
                if value is not None:
                    file[name] = value
            return change

        cases = {
            "mask_1": (replace("mask_1", np.ones((3, 3), bool)), "dataset 'mask_1': its shape is [3, 3]"),
            "chain": (replace("weight_1", np.ones((18, 20), np.float32)), "dataset 'weight_1': its shape is [18, 20], and weight_0 gives 21 outputs"),
            "chain, as it should be": (replace("weight_1", np.ones((18, 20), np.float32)), "this one as [18, 21]"),
            "nan": (replace("weight_0", np.full((21, 3), np.nan)), "not finite"),
            "no bias": (replace("bias_2", None), "dataset 'bias_2': not in the file, and weight_2 has 2 outputs; write it as [2]"),
            "gap": (replace("weight_1", None), "none of weight_N"),
            "misspelt": (replace("maks_0", np.ones((21, 3))), "'maks_0' is none of"),
            "half a mask": (replace("mask_0", np.full((21, 3), 0.5)), "it holds 0.5"),
            "vanishes": (replace("mask_2", np.zeros((2, 18))), "the layer would vanish"),
            "bias": (replace("bias_0", np.ones(4)), "dataset 'bias_0': its shape is [4], weight_0 has 21 outputs; write it as [21]"),
            "flat": (replace("weight_0", np.ones(4)), "[outputs, inputs]"),
            "convolution": (replace("weight_1", np.ones((18, 21, 3, 3))), "its shape is [18, 21, 3, 3]; write it as [outputs, 21]"),
            "half": (replace("weight_1", np.ones((18, 21), np.float16)), "dataset 'weight_1': it holds floating-point numbers of an unusual"),
            "whole": (replace("bias_1", np.ones(18, int)), "dataset 'bias_1': it holds integers"),
            "group": (lambda file: (replace("weight_1", None)(file), file.create_group("weight_1")), "dataset 'weight_1': not a dataset"),
            "elsewhere": (replace("weight_1", h5py.ExternalLink("none.h5", "/w")), "dataset 'weight_1': a link into another file"),
            "nowhere": (replace("bias_1", h5py.SoftLink("/none")), "dataset 'bias_1'"),
            "of PyTorch": (replace("0.weight", np.ones((21, 3))), "'0.weight' is none of weight_N"),
            "leading zero": (replace("weight_03", np.ones((21, 3))), "'weight_03' is none of"),
            "odd": (replace("weight\x1b[31m_3 \u00e4\t'", np.ones((21, 3))), "none of weight_N"),
            "activation": (lambda file: file.attrs.update({"activation": "tahn"}), "did you mean 'tanh'"),
            "no activation": (lambda file: file.attrs.pop("activation"), "activation"),
            "names": (lambda file: file.attrs.update({"inputs": ["a", "b"]}), "2 names, the network has 3 inputs"),
            "twice": (lambda file: file.attrs.update({"inputs": ["a", "b", "a"]}), "'a' twice"),
            "clash": (lambda file: file.attrs.update({"outputs": ["x1", "b"]}), "'inputs' and 'outputs'"),
            "name": (lambda file: file.attrs.update({"inputs": ["a b", "c", "d"]}), "'a b'"),
        }

        def refused(item):
            name, (change, words) = item
            path = name.replace(" ", "_") + ".h5"
            self.import_file(path, change)
            output = self.run_program("sparsify", "--import", path, "--output", "bad", status=2).output
            self.assertIn(words, output, name)
            self.assertEqual(output.count("jetpinn:"), 1, output)
            self.assertNotIn("\x1b", output, name)
            self.assertIn(path, output, name)

        program.side_by_side(refused, cases.items())
        self.assertFalse((self.folder / "bad").exists())
        self.import_file("dense.h5", lambda file: [file.pop(f"mask_{k}") for k in range(3)])
        self.assertIn("nothing to make sparse", self.run_program("sparsify", "--import", "dense.h5", status=2, ranks=2).output)
        self.assertIn("no such file", self.run_program("sparsify", "--import", "none.h5", status=2).output)
        (self.folder / "text.h5").write_text("no network")
        self.assertIn("not an HDF5 file", self.run_program("sparsify", "--import", "text.h5", status=2).output)
        self.import_file("net.h5")
        (self.folder / "taken").mkdir()
        (self.folder / "taken/config.toml").write_text("name = 'other'\n")
        self.assertIn("holds another run", self.run_program("sparsify", "--import", "net.h5", "--output", "taken", status=2).output)

    def test_a_file_that_cannot_grow_is_a_failure_of_storage(self):
        self.import_file(widths=(3, 64, 64, 2))   # its network.h5 has some 20 KB
        self.run_program("train", "heat.toml", "--set", "network.hidden=[40, 40]", "--set", "training.stages.0.steps=2", "--quiet",
                         "--output", "dense")
        commands = {"imported": ("sparsify", "--import", "net.h5"), "pruned": ("sparsify", "dense", "--steps", "2", "--rounds", "1"),
                    "smaller": ("prune", "dense", "--target", "0.3", "--steps", "2", "--rounds", "1", "--allowed-loss", "1e9"),
                    "trained": ("train", "heat.toml", "--set", "network.hidden=[40, 40]", "--set", "training.stages.0.steps=2")}

        def full(item):
            (name, command), blocks = item   # of 512 bytes
            done = subprocess.run(["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", program.program, *command, "--quiet", "--output",
                                   f"{name}-{blocks}"], cwd=self.folder, stdin=subprocess.DEVNULL, text=True, timeout=120,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 5, f"{name} {blocks}: {done.stdout}")
            messages = [line for line in done.stdout.splitlines() if not line.startswith("jetpinn: warning: ")]
            self.assertEqual(len(messages), 1, done.stdout)
            self.assertRegex(messages[0], "^jetpinn: .*File too large")
            halves = [path for path in (self.folder / f"{name}-{blocks}").rglob("*") if ".tmp-" in path.name]
            self.assertEqual(halves, [])

        program.side_by_side(full, [(command, blocks) for command in commands.items() for blocks in (1, 5, 12, 20)])

    def test_a_folder_that_cannot_be_made_is_a_failure_of_storage(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        self.write("data.csv", "t,x,value\n0.1,0.2,0.3\n")
        self.write("measured.toml", (self.folder / "heat.toml").read_text().replace(
            "[reference]", '[[problem.conditions]]\nname = "measured"\npoints = "data.csv"\nresidual = "u - data.value"\n[reference]'))
        for command, place in {("sparsify", "dense", "--steps", "2"): "rounds", ("train", "measured.toml", *HEAT): "points",
                               ("train", "heat.toml", *HEAT, "--set", "training.windows.count=2"): "tables/0"}.items():
            run = self.folder / f"{place[:6]}-run"
            run.mkdir()
            (run / place.split("/")[0]).write_text("no folder")   # permissions hold nobody back where tests run as root
            (run / "sparsify.json").write_text("{}")   # what is in the way of a sparsification else
            output = self.run_program(*command, "--quiet", "--output", run.name, status=5).output
            self.assertIn(f"jetpinn: cannot write {run.name}/{place}: Not a directory", output)
            self.assertEqual(output.count("jetpinn:"), 1, output)

    def test_patterns_that_do_not_fit_are_refused(self):
        self.import_file()
        self.run_program("sparsify", "--import", "net.h5", "--output", "run", "--quiet")
        for sets, words in {("network.pattern=run/pattern.h5",): "3 inputs and 21 outputs where the network's has",
                            ("network.pattern=none.h5",): "no such file", ("network.pattern=run/network.h5",): "not of the format",
                            ("network.pattern=run/pattern.h5", "network.factorized.mean=1"): "factorized",
                            ("network.pattern=run/pattern.h5", "network.first_fit=true"): "first_fit"}.items():
            arguments = [word for text in sets for word in ("--set", text)]
            self.assertIn(words, self.run_program("check", "heat.toml", *arguments, status=2).output)


if __name__ == "__main__":
    program.main()
