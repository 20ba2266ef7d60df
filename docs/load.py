#!/usr/bin/env python3
"""Evaluates a trained network with NumPy and h5py alone: load.py runs/burgers/network.h5 t=0.5 x=0.1

In a program: fields = load("runs/burgers/network.h5"); u = fields(t=0.5, x=numpy.linspace(-1, 1, 201))["u"]
"""
import math
import sys

import h5py
import numpy as np

erf = np.vectorize(math.erf, otypes=[float])
activations = {
    "tanh": np.tanh,
    "sin": np.sin,
    "silu": lambda z: z / (1 + np.exp(-z)),
    "gelu": lambda z: 0.5 * z * (1 + erf(z / math.sqrt(2))),
    "softplus": lambda z: np.logaddexp(0, z),
}


def load(path):
    with h5py.File(path) as file:
        activation, coordinates, fields = activations[file.attrs["activation"]], file.attrs["coordinates"], file.attrs["fields"]
        features = list(zip(*(file["features"][name][:] for name in ("kind", "coordinate", "scale", "shift"))))
        layers = [(file[f"layers/{n}/weight"][:], file[f"layers/{n}/bias"][:]) for n in range(len(file["layers"]))]
        program, result = file["output/program"].asstr()[:], file["output/result"][:]

    def evaluate(**places):
        x = np.broadcast_arrays(*(np.asarray(places[name], float) for name in coordinates))
        h = np.stack([(lambda z: z, np.cos, np.sin)[kind](scale * x[c] + shift) for kind, c, scale, shift in features], -1)
        for weight, bias in layers[:-1]:
            h = activation(h @ weight + bias)
        raw = np.moveaxis(h @ layers[-1][0] + layers[-1][1], -1, 0)

        steps = []   # the output transforms
        leaves = {"constant": float, "coordinate": lambda k: x[int(k)], "field": lambda k: raw[int(k)]}
        own = {"erf": erf, "step": lambda a: np.heaviside(a, 1)}
        for name, *operands in map(str.split, program):
            function = leaves.get(name) or own.get(name) or getattr(np, name)
            values = operands if name in leaves else [steps[int(k)] for k in operands]
            steps.append(1.0 * function(*values))   # 1.0: truth values become numbers
        return {field: steps[k] for field, k in zip(fields, result)}

    return evaluate


if __name__ == "__main__":
    places = {name: float(value) for name, value in (word.split("=") for word in sys.argv[2:])}
    for field, value in load(sys.argv[1])(**places).items():
        print(field, float(value))
