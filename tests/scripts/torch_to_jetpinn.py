"""docs/torch_to_jetpinn.py on stand-ins of PyTorch's modules: what it writes, and what it refuses because the program computes something else."""
import pathlib
import sys
import tempfile
import unittest

import h5py
import numpy as np

root = pathlib.Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(root / "docs"))
sys.dont_write_bytecode = True
import torch_to_jetpinn  # noqa: E402


class Tensor:
    def __init__(self, values, dtype="float32"):
        self.values, self.dtype = np.asarray(values, np.float64), f"torch.{dtype}"

    detach = cpu = lambda self: self
    float = lambda self: Tensor(self.values)

    def numpy(self):
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.values.astype(self.dtype.removeprefix("torch."))


class Module:
    def __init__(self, **members):
        self.__dict__.update(members)


class Linear(Module):
    def __init__(self, inputs, outputs, dtype="float32", bias=True, **members):
        values = np.random.default_rng(inputs).normal(size=(outputs, inputs))
        super().__init__(weight=Tensor(values, dtype), bias=Tensor(np.arange(outputs), dtype) if bias else None,
                         out_features=outputs, **members)


class Sequential(list):
    """As PyTorch's own, it goes through its layers, and through a module that stands in two places twice."""
    def __init__(self, *modules):
        super().__init__(modules)


def kind(name, **members):
    return type(name, (Module,), {})(**members)


class Convert(unittest.TestCase):
    def saved(self, *modules, **names):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "net.h5"
            torch_to_jetpinn.save(Sequential(*modules), path, **names)
            with h5py.File(path) as file:
                return {name: file[name][:] for name in file}, dict(file.attrs)

    def test_weights_biases_and_masks_in_their_order(self):
        mask = np.eye(4)
        tanh, middle = kind("Tanh"), Linear(4, 4, weight_mask=Tensor(mask))
        datasets, attributes = self.saved(Linear(3, 4), tanh, middle, tanh, kind("Dropout"), Linear(4, 2, bias=False),
                                          inputs=["a", "b", "c"])
        self.assertEqual(sorted(datasets), ["bias_0", "bias_1", "bias_2", "mask_1", "weight_0", "weight_1", "weight_2"])
        self.assertEqual(attributes["activation"], "tanh")
        self.assertEqual(list(attributes["inputs"]), ["a", "b", "c"])
        self.assertEqual(datasets["weight_0"].shape, (4, 3))
        self.assertTrue((datasets["mask_1"] == mask).all())
        self.assertTrue((datasets["bias_1"] == np.arange(4)).all())
        self.assertTrue((datasets["bias_2"] == 0).all())

    def test_half_types_become_fp32_and_fp64_stays(self):
        for given, written in {"float16": "f4", "bfloat16": "f4", "float32": "f4", "float64": "f8"}.items():
            datasets, _ = self.saved(Linear(3, 4, given), kind("SiLU"), Linear(4, 2, given))
            self.assertEqual({values.dtype.str[1:] for values in datasets.values()}, {written}, given)

    def test_activations_as_pytorch_has_them_by_default(self):
        for name, members in {"GELU": {"approximate": "none"}, "Softplus": {"beta": 1.0, "threshold": 20.0}}.items():
            self.assertEqual(self.saved(Linear(3, 4), kind(name, **members), Linear(4, 2))[1]["activation"], name.lower())
        for name, members in {"GELU": {"approximate": "tanh"}, "Softplus": {"beta": 2.0, "threshold": 20.0}}.items():
            with self.assertRaisesRegex(ValueError, f"{name} with .* is not what jetpinn computes"):
                self.saved(Linear(3, 4), kind(name, **members), Linear(4, 2))

    def test_what_computes_something_else_is_refused(self):
        tanh = kind("Tanh")
        for modules in ([Linear(3, 4), tanh, Linear(4, 2), tanh], [Linear(3, 4), Linear(4, 2)],
                        [tanh, Linear(3, 4), tanh, Linear(4, 2)], [Linear(3, 4), tanh, Linear(4, 4), Linear(4, 2)],
                        [Linear(3, 4), tanh, Linear(4, 4), kind("SiLU"), Linear(4, 2)], [Linear(3, 4), kind("ReLU"), Linear(4, 2)],
                        [Linear(3, 4), kind("BatchNorm1d", weight=Tensor(np.ones(4))), tanh, Linear(4, 2)], [], [Linear(3, 2)]):
            with self.assertRaisesRegex(ValueError, "between each two"):
                self.saved(*modules)
        with self.assertRaisesRegex(ValueError, "is no Sequential"):
            torch_to_jetpinn.layers_of(kind("MyNetwork", first=Linear(3, 4)))


if __name__ == "__main__":
    unittest.main()
