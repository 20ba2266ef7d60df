#!/usr/bin/env python3
"""Times one full-batch training step (residual loss, parameter gradient, Adam) in another stack and prints a line of JSON.

    peer_step.py STACK PROBLEM [--network KIND] [--points N] [--width W] [--depth D] [--dtype fp32|fp64] [--steps K]

STACK    torch-eager  torch-compile  torch-func  jax-nested  jax-jet  folx  deepxde
PROBLEM  burgers      u_t + u u_x - nu u_xx
         ks           u_t + u u_x + u_xx + 0.0015 u_xxxx
         poisson_2d, poisson_3d, poisson_10d      laplacian(u) - 1

KIND     mlp          modified_mlp, piratenet: torch-* alone; D entries of `network.hidden`, as docs/networks.md has them

The network is fully connected with tanh, coordinates come from the unit cube: the configs of perf/configs/ are the same.
Written as a user of each stack would write it, with what the stack offers against nested differentiation where it does.
"""
import argparse
import json
import math
import os
import resource
import statistics
import time

NU = 0.01 / math.pi
BETA = 0.0015
DIMENSIONS = {"burgers": 2, "ks": 2, "poisson_2d": 2, "poisson_3d": 3, "poisson_10d": 10}


def report(options, times):
    median = statistics.median(times)
    print(json.dumps({
        "stack": options.stack, "problem": options.problem, "network": options.network, "points": options.points, "width": options.width,
        "depth": options.depth, "dtype": options.dtype, "step_s": median, "best_s": min(times),
        "points_per_s": options.points / median,
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def measure(options, step):
    for _ in range(options.warmup):
        step()
    times = []
    for _ in range(options.steps):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    report(options, times)


# The networks of docs/networks.md as modules of PyTorch.
def torch_network(options, inputs):
    import torch
    width, depth = options.width, options.depth

    def dense(fan_in, fan_out):
        layer = torch.nn.Linear(fan_in, fan_out)
        torch.nn.init.xavier_normal_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        return layer

    if options.network == "mlp":
        layers = []
        for i in range(depth):
            layers += [torch.nn.Linear(inputs if i == 0 else width, width), torch.nn.Tanh()]
        return torch.nn.Sequential(*layers, torch.nn.Linear(width, 1))

    class ModifiedMlp(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.u, self.v = dense(inputs, width), dense(inputs, width)
            self.hidden = torch.nn.ModuleList(dense(inputs if i == 0 else width, width) for i in range(depth))
            self.last = dense(width, 1)

        def forward(self, x):
            u, v = torch.tanh(self.u(x)), torch.tanh(self.v(x))
            h = x
            for layer in self.hidden:
                h = u + torch.tanh(layer(h)) * (v - u)
            return self.last(h)

    class PirateNet(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.u, self.v = dense(inputs, width), dense(width, width), dense(width, width)
            self.blocks = torch.nn.ModuleList(torch.nn.ModuleList(dense(width, width) for _ in range(3)) for _ in range(depth))
            self.alpha = torch.nn.Parameter(torch.zeros(depth))
            self.last = dense(width, 1)

        def forward(self, x):
            h = torch.tanh(self.first(x))
            u, v = torch.tanh(self.u(h)), torch.tanh(self.v(h))
            for alpha, (f, g, k) in zip(self.alpha, self.blocks):
                z = u + torch.tanh(f(h)) * (v - u)
                z = u + torch.tanh(g(z)) * (v - u)
                h = alpha * torch.tanh(k(z)) + (1 - alpha) * h
            return self.last(h)

    return ModifiedMlp() if options.network == "modified_mlp" else PirateNet()


# PyTorch: nested reverse mode, or forward over forward with torch.func.
def run_torch(options):
    import torch
    torch.set_num_threads(1)
    torch.manual_seed(0)
    dtype = torch.float32 if options.dtype == "fp32" else torch.float64
    d = DIMENSIONS[options.problem]
    net = torch_network(options, d).to(dtype)
    points = torch.rand(options.points, d, dtype=dtype)
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)

    def gradient(f, x):
        return torch.autograd.grad(f, x, torch.ones_like(f), create_graph=True)

    def nested_residual(x):
        columns = [x[:, i:i + 1].detach().requires_grad_(True) for i in range(d)]
        u = net(torch.cat(columns, 1))
        first = gradient(u, columns)
        if options.problem == "burgers":
            return first[0] + u * first[1] - NU * gradient(first[1], columns[1])[0]
        if options.problem == "ks":
            u_xx = gradient(first[1], columns[1])[0]
            u_xxx = gradient(u_xx, columns[1])[0]
            return first[0] + u * first[1] + u_xx + BETA * gradient(u_xxx, columns[1])[0]
        return sum(gradient(first[i], columns[i])[0] for i in range(d)) - 1.0

    def forward_residual(x):
        from torch.func import jvp
        directions = torch.eye(d, dtype=dtype)

        def second(i):
            v = directions[i].expand_as(x)
            return jvp(lambda y: jvp(net, (y,), (v,))[1], (x,), (v,))

        if options.problem == "burgers":
            u_x, u_xx = second(1)
            u_t = jvp(net, (x,), (directions[0].expand_as(x),))[1]
            return u_t + net(x) * u_x - NU * u_xx
        if options.problem == "ks":
            raise SystemExit("torch-func: fourth order is not written")
        return sum(second(i)[1] for i in range(d)) - 1.0

    residual = forward_residual if options.stack == "torch-func" else nested_residual

    def loss(x):
        return (residual(x)**2).mean()

    if options.stack == "torch-compile":
        loss = torch.compile(loss)

    def step():
        adam.zero_grad(set_to_none=True)
        loss(points).backward()
        adam.step()

    measure(options, step)


# JAX: nested reverse mode, Taylor mode, or the forward Laplacian of folx; the whole step compiled.
def run_jax(options):
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import jax.numpy as jnp
    if options.dtype == "fp64":
        jax.config.update("jax_enable_x64", True)
    dtype = jnp.float32 if options.dtype == "fp32" else jnp.float64
    d = DIMENSIONS[options.problem]
    key = jax.random.PRNGKey(0)
    sizes = [d] + [options.width] * options.depth + [1]
    params = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:]):
        key, layer_key = jax.random.split(key)
        params.append((jax.random.normal(layer_key, (inputs, outputs), dtype) / math.sqrt(inputs), jnp.zeros(outputs, dtype)))
    points = jax.random.uniform(key, (options.points, d), dtype)
    directions = jnp.eye(d, dtype=dtype)

    def network(p, x):
        for w, b in p[:-1]:
            x = jnp.tanh(x @ w + b)
        w, b = p[-1]
        return (x @ w + b)[0]

    def nested_residual(u, x):
        if options.problem == "burgers":
            first = jax.grad(u)(x)
            return first[0] + u(x) * first[1] - NU * jax.grad(lambda y: jax.grad(u)(y)[1])(x)[1]
        if options.problem == "ks":
            f = lambda t, s: u(jnp.stack([t, s]))
            f_x = jax.grad(f, 1)
            f_xx = jax.grad(f_x, 1)
            f_xxxx = jax.grad(jax.grad(f_xx, 1), 1)
            return jax.grad(f, 0)(*x) + f(*x) * f_x(*x) + f_xx(*x) + BETA * f_xxxx(*x)
        return jnp.trace(jax.hessian(u)(x)) - 1.0

    def jet_residual(u, x):
        from jax.experimental import jet
        zero = jnp.zeros_like(x)
        if options.problem == "ks":
            value, (u1, u2, _, u4) = jet.jet(u, (x,), ((directions[1], zero, zero, zero),))
            return jax.jvp(u, (x,), (directions[0],))[1] + value * u1 + u2 + BETA * u4
        taylor = lambda v: jet.jet(u, (x,), ((v, zero),))
        if options.problem == "burgers":
            value, (u_x, u_xx) = taylor(directions[1])
            return jax.jvp(u, (x,), (directions[0],))[1] + value * u_x - NU * u_xx
        return jax.vmap(lambda v: taylor(v)[1][1])(directions).sum() - 1.0

    def folx_residual(u, x):
        import folx
        if options.problem == "burgers":  # the forward Laplacian in x alone, one tangent for t
            out = folx.forward_laplacian(lambda s: u(jnp.concatenate([x[:1], s])))(x[1:])
            u_t = jax.jvp(u, (x,), (directions[0],))[1]
            return u_t + out.x * out.jacobian.dense_array[0] - NU * out.laplacian
        if options.problem == "ks":
            raise SystemExit("folx has no fourth order")
        return folx.forward_laplacian(u)(x).laplacian - 1.0

    residual = {"jax-nested": nested_residual, "jax-jet": jet_residual, "folx": folx_residual}[options.stack]

    def loss(p):
        return (jax.vmap(lambda x: residual(lambda y: network(p, y), x))(points)**2).mean()

    tree_map = jax.tree_util.tree_map

    @jax.jit
    def adam_step(p, m, v, t):
        g = jax.grad(loss)(p)
        m = tree_map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = tree_map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        p = tree_map(lambda p, m, v: p - 1e-3 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), p, m, v)
        return p, m, v

    zeros = tree_map(jnp.zeros_like, params)
    state = [params, zeros, zeros, 1.0]

    def step():
        state[:3] = jax.block_until_ready(adam_step(*state))
        state[3] += 1.0

    measure(options, step)


# DeepXDE with its PyTorch back end.
def run_deepxde(options):
    os.environ["DDE_BACKEND"] = "pytorch"
    import torch
    torch.set_num_threads(1)
    import deepxde as dde
    if options.dtype == "fp64":
        dde.config.set_default_float("float64")
    d = DIMENSIONS[options.problem]

    def pde(x, u):
        first = lambda j: dde.grad.jacobian(u, x, j=j)
        second = lambda f, i: dde.grad.hessian(f, x, i=i, j=i)
        if options.problem == "burgers":
            return first(0) + u * first(1) - NU * second(u, 1)
        if options.problem == "ks":
            u_xx = second(u, 1)
            return first(0) + u * first(1) + u_xx + BETA * second(u_xx, 1)
        return sum(second(u, i) for i in range(d)) - 1.0

    cube = dde.geometry.Hypercube([0.0] * d, [1.0] * d)
    data = dde.data.PDE(cube, pde, [], num_domain=options.points, train_distribution="pseudo")
    model = dde.Model(data, dde.nn.FNN([d] + [options.width] * options.depth + [1], "tanh", "Glorot normal"))
    model.compile("adam", lr=1e-3, verbose=0)
    times = []

    class Clock(dde.callbacks.Callback):
        def on_batch_begin(self):
            self.start = time.perf_counter()

        def on_batch_end(self):
            times.append(time.perf_counter() - self.start)

    model.train(iterations=options.steps + options.warmup, display_every=10**9, callbacks=[Clock()], verbose=0)
    report(options, times[options.warmup:])


RUNNERS = {"torch-eager": run_torch, "torch-compile": run_torch, "torch-func": run_torch,
           "jax-nested": run_jax, "jax-jet": run_jax, "folx": run_jax, "deepxde": run_deepxde}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stack", choices=RUNNERS)
    parser.add_argument("problem", choices=DIMENSIONS)
    parser.add_argument("--network", choices=["mlp", "modified_mlp", "piratenet"], default="mlp")
    parser.add_argument("--points", type=int, default=10000)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--dtype", choices=["fp32", "fp64"], default="fp32")
    parser.add_argument("--steps", type=int, default=20, help="timed steps; the median counts")
    parser.add_argument("--warmup", type=int, default=3, help="steps before the clock starts")
    arguments = parser.parse_args()
    if arguments.network != "mlp" and not arguments.stack.startswith("torch"):
        parser.error(f"{arguments.stack}: {arguments.network} is not written")
    RUNNERS[arguments.stack](arguments)
