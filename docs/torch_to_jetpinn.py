#!/usr/bin/env python3
"""Writes a PyTorch network for `jetpinn sparsify --import`: save(torch.nn.Sequential(...), "net.h5").

    from torch_to_jetpinn import save
    save(model, "net.h5", inputs=["speed", "feed"], outputs=["wear"])

The network is a Sequential of Linear layers with one activation between them: Tanh, SiLU, GELU or Softplus. Masks are those that
torch.nn.utils.prune keeps (weight_mask); without them the zeros of the weights count as left out.
"""
import h5py
import numpy as np

activations = {"Tanh": "tanh", "SiLU": "silu", "GELU": "gelu", "Softplus": "softplus"}


def layers_of(model):
    """Each Linear layer's weight, bias and mask (None: it has none), in PyTorch's layout [outputs, inputs], and the activation."""
    layers, names = [], set()
    for module in model.children():
        if hasattr(module, "weight"):
            mask = getattr(module, "weight_mask", None)
            bias = module.bias.detach().cpu().numpy() if module.bias is not None else np.zeros(module.out_features)
            layers.append((module.weight.detach().cpu().numpy(), bias, None if mask is None else mask.detach().cpu().numpy()))
        else:
            names.add(type(module).__name__)
    if len(names) != 1 or not names <= set(activations):
        raise ValueError(f"the activations are {sorted(names)}; one of {sorted(activations)} between all layers is what jetpinn has")
    return layers, activations[names.pop()]


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
