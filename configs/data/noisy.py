#!/usr/bin/env python3
"""Writes the measurements with noise that the inverse problems train on, and says how well they can be told at best.

    .venv/bin/python configs/data/noisy.py            writes the tables ..._noise.csv beside this file
    .venv/bin/python configs/data/noisy.py --bound    prints the Cramer-Rao bound of the viscosity in burgers_2000_noise.csv

A table holds the same exact values five times, each time with other Gaussian noise: columns u_0 .. u_4.

The bound is that of an unbiased estimate of nu alone, with everything else about the problem known: with s = du/dnu at the
measured points, its standard deviation is sigma / sqrt(sum s^2). s is a central difference of solutions by Cole and Hopf's
transform, which never saw a network; its step is halved, and the solution is held against configs/reference/burgers.h5. The
estimate that reaches the bound, by one step of Gauss and Newton from the true value, is printed for each draw of the noise."""
import pathlib
import sys

import h5py
import numpy

folder = pathlib.Path(__file__).resolve().parent
viscosity = 0.01 / numpy.pi
burgers_sigma, coefficient_sigma = 0.01, 0.1
draws = 5


def noisy(exact, sigma):
    """Columns u_0 .. u_4: exact values with noise, rounded to 8 digits, far below the noise."""
    columns = [exact + sigma * numpy.random.default_rng(seed).standard_normal(len(exact)) for seed in range(draws)]
    return {f"u_{seed}": numpy.round(column, 8) for seed, column in enumerate(columns)}


def write(name, columns):
    numpy.savetxt(folder / name, numpy.column_stack(list(columns.values())), fmt="%.10g", delimiter=",",
                  header=",".join(columns), comments="")


def burgers_points():
    """2000 points of the reference behind the initial state and off the walls, by chance, with its values there."""
    with h5py.File(folder.parent / "reference" / "burgers.h5") as file:
        t, x, u = (file[name][:] for name in ("t", "x", "u"))
    inside = numpy.flatnonzero((t > 0) & (abs(x) < 1))
    rows = numpy.sort(numpy.random.default_rng(2000).choice(inside, 2000, replace=False))
    return t[rows], x[rows], u[rows]


def write_tables():
    t, x, u = burgers_points()
    write("burgers_2000_noise.csv", {"t": t, "x": x} | noisy(u, burgers_sigma))
    grid = numpy.arange(1, 51) / 51
    x, y = (axis.ravel() for axis in numpy.meshgrid(grid, grid, indexing="ij"))
    exact = numpy.sin(numpy.pi * x) * numpy.sin(numpy.pi * y)
    write("coefficient_2500_noise.csv", {"x": x, "y": y} | noisy(exact, coefficient_sigma))


def burgers(t, x, nu):
    """Burgers' equation from -sin(pi x): the mean of -sin(pi y), y = x - eta, weighted by exp(-cos(pi y)/(2 pi nu)) and the
    heat kernel of eta."""
    nodes, weights = numpy.polynomial.hermite.hermgauss(300)
    y = x[:, None] - numpy.sqrt(4 * nu * t)[:, None] * nodes
    exponent = -numpy.cos(numpy.pi * y) / (2 * numpy.pi * nu)
    kernel = weights * numpy.exp(exponent - exponent.max(axis=1, keepdims=True))
    return -(kernel * numpy.sin(numpy.pi * y)).sum(axis=1) / kernel.sum(axis=1)


def print_bound():
    t, x, u = burgers_points()
    print(f"largest difference from the reference: {abs(burgers(t, x, viscosity) - u).max():.1e}")
    for share in (1e-3, 5e-4):
        step = share * viscosity
        sensitivity = (burgers(t, x, viscosity + step) - burgers(t, x, viscosity - step)) / (2 * step)
        deviation = burgers_sigma / numpy.sqrt((sensitivity**2).sum())
        print(f"step {share:g} nu: standard deviation of nu at least {deviation:.4e}, {deviation / viscosity:.3%} of nu")
    for name, column in noisy(u, burgers_sigma).items():
        estimate = viscosity + (sensitivity * (column - u)).sum() / (sensitivity**2).sum()
        print(f"{name}: least squares with all else known {estimate:.5e}, {estimate / viscosity - 1:+.2%}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--bound"]:
        print_bound()
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        write_tables()
