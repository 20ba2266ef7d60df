#!/usr/bin/env python3
"""Writes a PyTorch network for `jetpinn sparsify --import`: save(torch.nn.Sequential(...), "net.h5").

    from torch_to_jetpinn import save
    save(model, "net.h5", inputs=["speed", "feed"], outputs=["wear"])

The network is a Sequential of Linear layers with one activation between each two: Tanh, SiLU, GELU or Softplus, as PyTorch
has them by default. Dropout is left out, for it does nothing behind the training; what computes anything else is refused.
Masks are those that torch.nn.utils.prune keeps (weight_mask); without them the zeros of the weights count as left out.
"""
import h5py
import numpy as np

activations = {"Tanh": "tanh", "SiLU": "silu", "GELU": "gelu", "Softplus": "softplus"}
defaults = {"approximate": "none", "beta": 1, "threshold": 20}   # with others the same class is another function


def array_of(tensor):
    """In fp32 or fp64: a half type is read as fp32, which holds it."""
    tensor = tensor.detach().cpu()
    return (tensor if str(tensor.dtype) == "torch.float64" else tensor.float()).numpy()


def layers_of(model):
    """Each Linear layer's weight, bias and mask (None: it has none), in PyTorch's layout [outputs, inputs], and the activation."""
    if not hasattr(model, "__iter__"):   # a Sequential goes through its layers, one that stands in two places twice
        raise ValueError(f"{type(model).__name__} is no Sequential, so that the order of its layers is not known; make it one")
    modules = [module for module in model if type(module).__name__ not in ("Dropout", "Identity")]
    names = [type(module).__name__ for module in modules]
    between = set(names[1::2])
    if len(names) % 2 == 0 or set(names[0::2]) != {"Linear"} or len(between) != 1 or not between <= set(activations):
        raise ValueError(f"the network is {' - '.join(names)}; jetpinn has a Sequential of Linear layers with one of "
                         f"{sorted(activations)} between each two, the same everywhere, and none behind the last")
    for name, module in zip(names[1::2], modules[1::2]):
        for option, value in defaults.items():
            if getattr(module, option, value) != value:
                raise ValueError(f"{name} with {option} = {getattr(module, option)} is not what jetpinn computes; "
                                 f"train with {option} = {value}")
    layers = []
    for linear in modules[0::2]:
        mask = getattr(linear, "weight_mask", None)
        bias = array_of(linear.bias) if linear.bias is not None else np.zeros(linear.out_features, np.float32)
        layers.append((array_of(linear.weight), bias, None if mask is None else array_of(mask)))
    return layers, activations[between.pop()]


def write(path, layers, activation, inputs=None, outputs=None):
    with h5py.File(path, "w") as file:
        for n, (weight, bias, mask) in enumerate(layers):
            file[f"weight_{n}"], file[f"bias_{n}"] = weight, bias
            if mask is not None:
                file[f"mask_{n}"] = mask
        file.attrs["activation"] = activation
        for name, names in (("inputs", inputs), ("outputs", outputs)):
            if names:
                file.attrs[name] = list(names)


def save(model, path, inputs=None, outputs=None):
    write(path, *layers_of(model), inputs, outputs)
