"""Sparse networks: imported, pruned from a run, predicted, trained on and resumed with their zeros, on several ranks; and what is refused."""
import json
import pathlib
import subprocess
import sys

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
        for words in ("break-even", "over LibTorch's product", "storage of the matrices", "written to run"):
            self.assertIn(words, text)
        report = json.loads((self.folder / "run/conversion.json").read_text())
        self.assertTrue(report["verified"])
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
        self.run_program(*prune, "--output", "one", "--quiet")
        self.assertIn("another run", self.run_program(*prune[:3], "0.7", "--output", "one", status=2).output)
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

    def test_what_cannot_be_pruned_is_refused(self):
        self.run_program("train", "heat.toml", *HEAT, "--quiet", "--output", "dense")
        for target, words in {"0.999": "at most 0.98", "0": "out of reach", "-1": "out of reach", "nan": "out of reach"}.items():
            output = self.run_program("sparsify", "dense", "--target", target, status=2).output
            self.assertIn(words, output)
        self.assertFalse((self.folder / "dense-sparse").exists())
        self.run_program("train", "heat.toml", "--set", "network.kind=residual", "--set", "network.hidden=[6, 6]", "--set",
                         "training.stages.0.steps=1", "--quiet", "--output", "other")
        self.assertIn("of kind residual", self.run_program("sparsify", "other", status=2, ranks=2).output)
        self.assertIn("no run folder", self.run_program("sparsify", "nowhere", status=2).output)
        self.run_program("sparsify", status=2)
        self.run_program("sparsify", "dense", "--import", "net.h5", status=2)
        self.run_program("sparsify", "--import", "net.h5", "--target", "0.5", status=2)

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
            "chain": (replace("weight_1", np.ones((18, 20), np.float32)), "it takes 20 inputs, and weight_0 gives 21"),
            "nan": (replace("weight_0", np.full((21, 3), np.nan)), "not finite"),
            "no bias": (replace("bias_2", None), "bias_2"),
            "gap": (replace("weight_1", None), "none of weight_N"),
            "misspelt": (replace("maks_0", np.ones((21, 3))), "'maks_0' is none of"),
            "half a mask": (replace("mask_0", np.full((21, 3), 0.5)), "it holds 0.5"),
            "vanishes": (replace("mask_2", np.zeros((2, 18))), "the layer would vanish"),
            "bias": (replace("bias_0", np.ones(4)), "bias_0"),
            "flat": (replace("weight_0", np.ones(4)), "[outputs, inputs]"),
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
