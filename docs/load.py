#!/usr/bin/env python3
"""Evaluates a trained network with NumPy and h5py alone: load.py runs/burgers/network.h5 t=0.5 x=0.1 [u_x u_xx]

In a program: fields = load("runs/burgers/network.h5"); u = fields(t=0.5, x=numpy.linspace(-1, 1, 201))["u"]
With derivatives: fields(1, t=0.5, x=0.1) has "u", "u_t", "u_x" too, fields(2, ...) also "u_tt", "u_tx", "u_xt", "u_xx".
Numbers that were trained with the network: fields.trainable["k"]. Of a run in windows that is the combined value, and
fields.windows[0].trainable["k"] the first window's, which its fields hold with; fields.window(t=0.5, x=0.1) is the number of
the window of a place, whose numbers the command prints. A run without windows is its own window 0.
"""
import math
import sys

import h5py
import numpy as np

erf, erfc = (np.vectorize(function, otypes=[float]) for function in (math.erf, math.erfc))


class Jet:
    """Values with their first and second derivatives by n coordinates: v [...], d [n, ...], h [n, n, ...]; n is 0 where none are wanted."""

    def __init__(self, v, d, h):
        self.v, self.d, self.h = v, d, h

    def constant(self, value):
        """A constant, with as many derivatives as this one has."""
        return Jet(np.full_like(self.v, value), 0 * self.d, 0 * self.h)

    def chain(self, f, f1, f2):
        """f(self), given f, f' and f'' at its values: f' d; f' h + f'' d d."""
        n = len(self.h)
        return Jet(f, f1 * self.d, f1 * self.h + f2 * self.d[:n, None] * self.d[None, :n])

    def linear(self, function):
        return Jet(function(self.v), function(self.d), function(self.h))

    def __add__(self, b):
        return Jet(self.v + b.v, self.d + b.d, self.h + b.h)

    def __mul__(self, b):
        n = len(self.h)
        cross = self.d[:n, None] * b.d[None, :n]
        return Jet(self.v * b.v, self.d * b.v + self.v * b.d, self.h * b.v + self.v * b.h + cross + np.swapaxes(cross, 0, 1))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def bell(z):
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


# Values, first and second derivatives.
functions = {
    "sin": lambda z: (np.sin(z), np.cos(z), -np.sin(z)),
    "cos": lambda z: (np.cos(z), -np.sin(z), -np.cos(z)),
    "tan": lambda z: (np.tan(z), 1 + np.tan(z)**2, 2 * np.tan(z) * (1 + np.tan(z)**2)),
    "arcsin": lambda z: (np.arcsin(z), (1 - z * z)**-0.5, z * (1 - z * z)**-1.5),
    "arccos": lambda z: (np.arccos(z), -(1 - z * z)**-0.5, -z * (1 - z * z)**-1.5),
    "arctan": lambda z: (np.arctan(z), 1 / (1 + z * z), -2 * z / (1 + z * z)**2),
    "sinh": lambda z: (np.sinh(z), np.cosh(z), np.sinh(z)),
    "cosh": lambda z: (np.cosh(z), np.sinh(z), np.cosh(z)),
    "tanh": lambda z: (np.tanh(z), 1 - np.tanh(z)**2, -2 * np.tanh(z) * (1 - np.tanh(z)**2)),
    "exp": lambda z: (np.exp(z), np.exp(z), np.exp(z)),
    "log": lambda z: (np.log(z), 1 / z, -1 / z**2),
    "sqrt": lambda z: (np.sqrt(z), 0.5 / np.sqrt(z), -0.25 / z**1.5),
    "erf": lambda z: (erf(z), 2 / math.sqrt(math.pi) * np.exp(-z * z), -4 * z / math.sqrt(math.pi) * np.exp(-z * z)),
    "erfc": lambda z: (erfc(z), -2 / math.sqrt(math.pi) * np.exp(-z * z), 4 * z / math.sqrt(math.pi) * np.exp(-z * z)),
    "abs": lambda z: (np.abs(z), np.sign(z), 0 * z),
    "negative": lambda z: (-z, -1 + 0 * z, 0 * z),
    "sign": lambda z: (np.sign(z), 0 * z, 0 * z),
    "step": lambda z: (np.heaviside(z, 1), 0 * z, 0 * z),
    "logical_not": lambda z: (1.0 * (z == 0), 0 * z, 0 * z),
    "reciprocal": lambda z: (1 / z, -1 / z**2, 2 / z**3),
    # Activations.
    "silu": lambda z: (z * sigmoid(z), sigmoid(z) * (1 + z * sigmoid(-z)), sigmoid(z) * sigmoid(-z) * (2 + z * (1 - 2 * sigmoid(z)))),
    "gelu": lambda z: (0.5 * z * (1 + erf(z / math.sqrt(2))), 0.5 * (1 + erf(z / math.sqrt(2))) + z * bell(z), bell(z) * (2 - z * z)),
    "softplus": lambda z: (np.logaddexp(0, z), sigmoid(z), sigmoid(z) * sigmoid(-z)),
}


def apply(name, a):
    return a.chain(*functions[name](a.v))


def power(a, b):
    if np.any(b.d):
        return apply("exp", b * apply("log", a))
    p = b.v
    slope = [np.where(c == 0, 0, c * a.v**np.where(c == 0, 1, e)) for c, e in ((p, p - 1), (p * (p - 1), p - 2))]
    return a.chain(a.v**p, *slope)


def choose(which, a, b):
    return Jet(np.where(which, a.v, b.v), np.where(which, a.d, b.d), np.where(which, a.h, b.h))


def arctan2(y, x):
    n, square = len(x.h), x.v**2 + y.v**2
    turn = x.v * y.d - y.v * x.d
    grown = x.v * x.d + y.v * y.d
    second = x.d[None, :n] * y.d[:n, None] + x.v * y.h - y.d[None, :n] * x.d[:n, None] - y.v * x.h
    return Jet(np.arctan2(y.v, x.v), turn / square, second / square - 2 * turn[:n, None] * grown[None, :n] / square**2)


operations = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a * apply("reciprocal", b),
    "power": power,
    "arctan2": arctan2,
    "minimum": lambda a, b: choose(a.v <= b.v, a, b),
    "maximum": lambda a, b: choose(a.v >= b.v, a, b),
    "mod": lambda a, b: a + b * Jet(-np.floor(a.v / b.v), 0 * b.d, 0 * b.h),
    "where": lambda c, a, b: choose(c.v != 0, a, b),
}
for name in ("less", "less_equal", "equal", "not_equal", "logical_and", "logical_or"):   # truth values: numbers that do not vary
    operations[name] = lambda a, b, compare=getattr(np, name): Jet(1.0 * compare(a.v, b.v), 0 * a.d, 0 * a.h)


def derivative(field, *by):
    """As configs and predict write it: u_xx, or d(u, x1, x2) where a coordinate has several letters."""
    return f"{field}_{''.join(by)}" if all(len(name) == 1 for name in by) else f"d({field}, {', '.join(by)})"


def whole(blocks):
    """With the whole matrix in place of the weights that a sparse one keeps."""
    if "kept" in blocks:
        inputs, outputs = blocks["shape"]
        kept = np.unpackbits(blocks["kept"].astype("<i8").view(np.uint8), bitorder="little")[:inputs * outputs].astype(bool)
        matrix = np.zeros(inputs * outputs)
        matrix[kept] = blocks["weight"]
        blocks["weight"] = matrix.reshape(inputs, outputs)
    return blocks


def matrix(blocks, h):
    return h.linear(lambda z: z @ blocks["weight"])


def shifted(blocks, h):
    return Jet(h.v + blocks["bias"], h.d, h.h)


layer_kinds = {
    "input": lambda blocks, function, x: matrix(blocks, x),
    "linear": lambda blocks, function, h: matrix(blocks, h),
    "sparse": lambda blocks, function, h: matrix(blocks, h),
    "activation": lambda blocks, function, z: apply(function, shifted(blocks, z)),
    "gate": lambda blocks, function, z, u, v: u + z * (v + u.linear(np.negative)),
    "mix": lambda blocks, function, f, x: x + (f + x.linear(np.negative)).linear(lambda z: z * blocks["share"]) if blocks.get("share") is not None else f + x,
    "output": lambda blocks, function, h: shifted(blocks, matrix(blocks, h)),
}


def require_format(group, known):
    """Refuses a file of another format: what its numbers mean is not known here."""
    found, writer = group.attrs.get("format"), group.attrs.get("version")
    place = group.file.filename + (f", {group.name}" if group.name != "/" else "")
    if found is None:
        raise ValueError(f"{place}: it has no attribute 'format', so that it is no network that jetpinn train has left; take the network.h5 of a run")
    if found != known:
        raise ValueError(f"{place}: its format is '{found}', and this docs/load.py reads '{known}'; take the docs/load.py of {f'jetpinn {writer}' if writer else 'the version that wrote it'}")


def network(file):
    """The network in a file, or in a group of one."""
    require_format(file, "jetpinn network 1")
    coordinates, fields = list(file.attrs["coordinates"]), list(file.attrs["fields"])
    kind, coordinate, scale, shift = (file["features"][name][:] for name in ("kind", "coordinate", "scale", "shift"))
    blocks = [whole({name: block[:] for name, block in file[f"layers/{n}"].items()}) for n in range(len(file["layers"]))]
    layers = [line.split() for line in file["graph"].asstr()[:]]
    trained = dict(file["trainable"].attrs) if "trainable" in file else {}
    networks = [file["networks"][name][:] for name in ("features", "layers", "fields")] if "networks" in file else [[len(kind)], [len(layers)], range(len(fields))]
    program, result = file["output/program"].asstr()[:], file["output/result"][:]

    def evaluate(order=0, **places):
        x = np.stack(np.broadcast_arrays(*(np.asarray(places[name], float) for name in coordinates)))
        n, m = (len(coordinates) if order >= least else 0 for least in (1, 2))   # coordinates to differentiate by once, twice
        shape = x.shape[1:]
        first = np.zeros((n, *shape, len(coordinates)))
        for c in range(n):
            first[c, ..., c] = 1
        h = Jet(np.moveaxis(x, 0, -1), first, np.zeros((m, m, *shape, len(coordinates))))
        h = h.linear(lambda z: z[..., coordinate] * scale)
        h.v = h.v + shift
        for k, name in ((1, "cos"), (2, "sin")):
            h = choose(kind == k, apply(name, h), h)
        outputs, columns, at = [], [], 0
        for features, count in zip(*networks[:2]):   # one network after the other
            own = h.linear(lambda z: z[..., at:at + features])
            for name, part, function, *inputs in layers[len(outputs):len(outputs) + count]:
                outputs.append(layer_kinds[name](blocks[int(part)], function, *([outputs[int(k)] for k in inputs] or [own])))
            columns += [outputs[-1].linear(lambda z: z[..., k]) for k in range(outputs[-1].v.shape[-1])]
            at += features
        raw = [columns[list(networks[2]).index(f)] for f in range(len(fields))]
        inputs = [Jet(x[c], first[..., c], np.zeros((m, m, *shape))) for c in range(len(coordinates))]
        leaves = {"constant": lambda text: inputs[0].constant(float(text)), "coordinate": lambda k: inputs[int(k)], "field": lambda k: raw[int(k)]}
        steps = []   # the output transforms
        for name, *operands in map(str.split, program):
            if name in leaves:
                steps.append(leaves[name](*operands))
            elif name in operations:
                steps.append(operations[name](*(steps[int(k)] for k in operands)))
            else:
                steps.append(apply(name, steps[int(operands[0])]))
        values = {}
        for field, k in zip(fields, result):
            values[field] = steps[k].v
            for i in range(n):
                values[derivative(field, coordinates[i])] = steps[k].d[i]
                for j in range(m):
                    values[derivative(field, coordinates[i], coordinates[j])] = steps[k].h[i, j]
        return values

    def window(**places):
        return np.zeros(np.broadcast_shapes(*(np.shape(value) for value in places.values())), int)

    evaluate.trainable = trained   # numbers that were trained with the network: {"k": 0.1}
    evaluate.windows, evaluate.window = [evaluate], window
    return evaluate


def load(path):
    with h5py.File(path) as file:
        if "windows" not in file:
            return network(file)
        require_format(file, "jetpinn windows 1")
        cut, edges = file.attrs["coordinate"], file["edges"][:]
        networks = [network(file[f"windows/{k}"]) for k in range(len(edges) - 1)]
        trained = dict(file["trainable"].attrs) if "trainable" in file else {}

    def window(**places):
        place = np.broadcast_arrays(*(np.asarray(value, float) for value in places.values()))[list(places).index(cut)]
        return np.searchsorted(edges[1:-1], place)   # on an edge: the window that ends there

    def evaluate(order=0, **places):
        number = window(**places)
        values = [of_window(order, **places) for of_window in networks]
        return {name: np.select([number == k for k in range(len(networks))], [of_window[name] for of_window in values]) for name in values[0]}

    evaluate.trainable, evaluate.windows, evaluate.window = trained, networks, window
    return evaluate


def number_of(word):
    name, _, value = word.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise ValueError(f"'{word}' is no number of a coordinate; write it as in t=0.5") from None


def main(path, words):
    """What the command prints: a name and its value in each line."""
    places = dict(number_of(word) for word in words if "=" in word)
    wanted = [word for word in words if "=" not in word]
    try:
        fields = load(path)
    except OSError as error:   # h5py's words do not always name the file
        raise ValueError(f"{path}: {str(error).splitlines()[0]}") from None
    try:
        values = fields(2 if wanted else 0, **places)
        printed = {name: values[name] for name in wanted or values}
        if not wanted:
            printed |= fields.windows[int(fields.window(**places))].trainable
    except KeyError as missing:
        raise ValueError(f"{missing} is missing: give each coordinate a value, as in t=0.5; what is asked for is a field, or a first or "
                         "second derivative of one") from None
    return [f"{name} {float(value)}" for name, value in printed.items()]


if __name__ == "__main__":
    try:
        if len(sys.argv) < 2:
            raise ValueError(__doc__.splitlines()[0])
        print("\n".join(main(sys.argv[1], sys.argv[2:])))
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
