#!/usr/bin/env python3
"""Trains one problem in another stack until its relative L2 error is not above a target, or for a time of the processor.

    peer_accuracy.py STACK PROBLEM --target E --budget SECONDS --reference FILE.npz --values FILE.npy

STACK    deepxde   Adam, then L-BFGS, by PyTorch
         jax-soap  SOAP (Vyas et al., arXiv:2409.11321) written out, nested differentiation, the step compiled
PROBLEM  burgers  allen_cahn  poisson_2d: networks, ansatz and points of configs/PROBLEM_ssbroyden.toml, fp64

FILE.npz holds `coordinates` [n, 2] and `solution` [n]; the values at these points are written to FILE.npy.
"""
import argparse
import math
import os
import time

NU = 0.01 / math.pi
# Domain of both coordinates, hidden layers, points, steps of Adam in DeepXDE, rate.
PROBLEMS = {
    "burgers": dict(lower=(0, -1), upper=(1, 1), hidden=[24] * 3, points=4000, adam=1000, rate=5e-3),
    "allen_cahn": dict(lower=(0, -1), upper=(1, 1), hidden=[32] * 3, points=10000, adam=2000, rate=5e-3),
    "poisson_2d": dict(lower=(0, 0), upper=(1, 1), hidden=[24] * 2, points=2000, adam=500, rate=2e-3),
}
SHOCK_POINTS, SHOCK_WEIGHT = 2000, 0.1  # of burgers, where |x| <= 0.1
EVERY = 50  # steps between two looks at the error


def features(problem, t, x, f):
    """Inputs of the network; f: the module with cos and sin."""
    return [t, f.cos(math.pi * x), f.sin(math.pi * x)] if problem == "allen_cahn" else [t, x]


def ansatz(problem, t, x, u, f):
    if problem == "burgers":
        return -f.sin(math.pi * x) + t * (1 - x**2) * u
    if problem == "allen_cahn":
        return f.exp(-30 * t) * x**2 * f.cos(math.pi * x) + (1 - f.exp(-30 * t)) * u
    return 16 * t * (1 - t) * x * (1 - x) * u


def residual(problem, t, x, u, u_t, u_x, u_tt, u_xx, f):
    """Derivatives are functions: what a problem does not need is not computed."""
    if problem == "burgers":
        return u_t() + u * u_x() - NU * u_xx()
    if problem == "allen_cahn":
        return u_t() - 1e-4 * u_xx() + 5 * (u**3 - u)
    return u_tt() + u_xx() + 2 * math.pi**2 * f.sin(math.pi * t) * f.sin(math.pi * x)


def sobol(problem, numpy):
    """All points [n, 2], and their weights in the sum of squares [n]: a mean for each set."""
    from scipy.stats import qmc
    settings = PROBLEMS[problem]

    def draw(count, lower, upper, seed):
        return qmc.scale(qmc.Sobol(2, seed=seed).random(1 << (count - 1).bit_length())[:count], lower, upper)

    sets = [(draw(settings["points"], settings["lower"], settings["upper"], 0), 1.0)]
    if problem == "burgers":
        sets.append((draw(SHOCK_POINTS, (0, -0.1), (1, 0.1), 1), SHOCK_WEIGHT))
    return numpy.concatenate([points for points, _ in sets]), numpy.concatenate([numpy.full(len(points), weight / len(points)) for points, weight in sets])


class Goal:
    """Whether a training has come to its end: the error is low enough, or the time is up."""

    def __init__(self, options, numpy):
        file = numpy.load(options.reference)
        self.coordinates, self.solution = file["coordinates"], file["solution"]
        self.options, self.numpy, self.values = options, numpy, None

    def met(self, predict):
        self.values = self.numpy.asarray(predict(self.coordinates)).ravel()
        error = self.numpy.linalg.norm(self.values - self.solution) / self.numpy.linalg.norm(self.solution)
        seconds = time.process_time()
        print(f"{seconds:.2f} s of the processor, error {error:.3e}", flush=True)
        return error <= self.options.target or seconds > self.options.budget

    def write(self):
        self.numpy.save(self.options.values, self.values)


def run_deepxde(options):
    os.environ["DDE_BACKEND"] = "pytorch"
    import deepxde as dde
    import numpy
    import torch
    torch.set_num_threads(1)
    dde.config.set_default_float("float64")
    dde.config.set_random_seed(0)
    goal = Goal(options, numpy)
    problem, settings = options.problem, PROBLEMS[options.problem]
    points, weights = sobol(problem, numpy)
    roots = torch.as_tensor(numpy.sqrt(weights * len(points)))[:, None]  # DeepXDE takes the mean of the squares

    def pde(x, u):
        first = lambda j: dde.grad.jacobian(u, x, j=j)
        second = lambda j: dde.grad.hessian(u, x, i=j, j=j)
        r = residual(problem, x[:, :1], x[:, 1:], u, lambda: first(0), lambda: first(1), lambda: second(0), lambda: second(1), torch)
        return r * roots if len(r) == len(roots) else r

    geometry = dde.geometry.Rectangle(settings["lower"], settings["upper"])
    data = dde.data.PDE(geometry, pde, [], num_domain=0, anchors=points)
    net = dde.nn.FNN([3 if problem == "allen_cahn" else 2] + settings["hidden"] + [1], "tanh", "Glorot normal")
    net.apply_feature_transform(lambda x: torch.cat(features(problem, x[:, :1], x[:, 1:], torch), 1))
    net.apply_output_transform(lambda x, u: ansatz(problem, x[:, :1], x[:, 1:], u, torch))
    model = dde.Model(data, net)

    class Watch(dde.callbacks.Callback):
        looked = 0

        def on_epoch_end(self):
            if self.model.train_state.step >= self.looked + EVERY:
                self.looked = self.model.train_state.step
                self.model.stop_training = goal.met(self.model.predict)

    watch = Watch()
    model.compile("adam", lr=settings["rate"], decay=("step", 200, 0.9), verbose=0)
    model.train(iterations=settings["adam"], display_every=10**9, callbacks=[watch], verbose=0)
    if not model.stop_training:
        dde.optimizers.set_LBFGS_options(maxcor=50, ftol=0, gtol=0, maxiter=10**9)
        dde.optimizers.LBFGS_options.update(iter_per_step=EVERY, fun_per_step=2 * EVERY)
        model.compile("L-BFGS", verbose=0)
        model.train(display_every=10**9, callbacks=[watch], verbose=0)
    goal.write()


def run_jax(options):
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import jax.numpy as jnp
    import numpy
    jax.config.update("jax_enable_x64", True)
    goal = Goal(options, numpy)
    problem, settings = options.problem, PROBLEMS[options.problem]
    sizes = [3 if problem == "allen_cahn" else 2] + settings["hidden"] + [1]
    random = numpy.random.default_rng(0)
    params = [(jnp.asarray(random.normal(size=(i, o)) * math.sqrt(2 / (i + o))), jnp.zeros(o)) for i, o in zip(sizes[:-1], sizes[1:])]
    points, weights = map(jnp.asarray, sobol(problem, numpy))

    def field(p, t, x):
        h = jnp.stack(features(problem, t, x, jnp))
        for w, b in p[:-1]:
            h = jnp.tanh(h @ w + b)
        w, b = p[-1]
        return ansatz(problem, t, x, (h @ w + b)[0], jnp)

    def loss(p):
        def square(point):
            t, x = point
            u = lambda t, x: field(p, t, x)
            u_t, u_x = jax.grad(u, 0), jax.grad(u, 1)
            r = residual(problem, t, x, u(t, x), lambda: u_t(t, x), lambda: u_x(t, x), lambda: jax.grad(u_t, 0)(t, x),
                         lambda: jax.grad(u_x, 1)(t, x), jnp)
            return r * r
        return jnp.vdot(weights, jax.vmap(square)(points))

    # SOAP on every weight matrix, Adam on the biases.
    b1, b2, shampoo, frequency, epsilon = 0.95, 0.95, 0.95, 10, 1e-8
    flat = lambda p: [a for layer in p for a in layer]
    layers = lambda a: list(zip(a[::2], a[1::2]))
    matrix = lambda g: g.ndim == 2

    @jax.jit
    def gradient(p):
        return flat(jax.grad(loss)(p))

    @jax.jit
    def step(p, state, count):
        g, (m, v, left, right, ql, qr) = flat(jax.grad(loss)(p)), state
        rotate = lambda k, a: ql[k].T @ a @ qr[k] if matrix(a) else a
        back = lambda k, a: ql[k] @ a @ qr[k].T if matrix(a) else a
        m = [b1 * m + (1 - b1) * g for m, g in zip(m, g)]
        v = [b2 * v + (1 - b2) * rotate(k, g)**2 for k, (v, g) in enumerate(zip(v, g))]
        rate = settings["rate"] * 0.9**(count / 500)
        change = [back(k, rotate(k, m) / (1 - b1**count) / (jnp.sqrt(v / (1 - b2**count)) + epsilon)) for k, (m, v) in enumerate(zip(m, v))]
        p = layers([a - rate * d for a, d in zip(flat(p), change)])
        left = [shampoo * l + (1 - shampoo) * g @ g.T if matrix(g) else l for l, g in zip(left, g)]
        right = [shampoo * r + (1 - shampoo) * g.T @ g if matrix(g) else r for r, g in zip(right, g)]
        return p, (m, v, left, right, ql, qr)

    @jax.jit
    def refresh(state):
        m, v, left, right, ql, qr = state
        for k, a in enumerate(m):
            if not matrix(a):
                continue
            for side, (mean, q) in enumerate(((left, ql), (right, qr))):
                power = mean[k] @ q[k]
                order = jnp.argsort(-jnp.einsum("ij,ij->j", q[k], power))
                v[k] = v[k][order] if side == 0 else v[k][:, order]
                q[k] = jnp.linalg.qr(power[:, order])[0]
        return m, v, left, right, ql, qr

    g = gradient(params)
    eigenvectors = lambda a: jnp.linalg.eigh(a)[1][:, ::-1]
    empty = jnp.zeros(())
    left = [(1 - shampoo) * g @ g.T if matrix(g) else empty for g in g]
    right = [(1 - shampoo) * g.T @ g if matrix(g) else empty for g in g]
    zeros = [jnp.zeros_like(g) for g in g]
    state = (zeros, zeros, left, right, [eigenvectors(l) if l.ndim else l for l in left], [eigenvectors(r) if r.ndim else r for r in right])
    values = jax.jit(jax.vmap(field, (None, 0, 0)))
    count = 0
    while not goal.met(lambda c: values(params, c[:, 0], c[:, 1])):
        for _ in range(EVERY):
            count += 1
            params, state = step(params, state, count)
            if count % frequency == 0:
                state = refresh(state)
    goal.write()


RUNNERS = {"deepxde": run_deepxde, "jax-soap": run_jax}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stack", choices=RUNNERS)
    parser.add_argument("problem", choices=PROBLEMS)
    parser.add_argument("--target", type=float, required=True)
    parser.add_argument("--budget", type=float, required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--values", required=True)
    arguments = parser.parse_args()
    RUNNERS[arguments.stack](arguments)
