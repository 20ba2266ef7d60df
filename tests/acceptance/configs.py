"""Small configs that several acceptance tests train or check."""

# Heat conduction with an exact solution: small enough to train for a few steps in a second.
HEAT = """
name = "heat"
[problem]
coordinates = ["t", "x"]
fields = ["u"]
constants = { kappa = 0.1 }
domain = { t = [0, 1], x = [0, 1] }
[[problem.equations]]
name = "heat"
residual = "u_t - kappa*u_xx"
[[problem.conditions]]
name = "initial"
on = "t == 0"
residual = "u - sin(pi*x)"
[[problem.conditions]]
name = "walls"
on = "x == 0 || x == 1"
residual = "u"
[reference]
exact = { u = "exp(-kappa*pi^2*t)*sin(pi*x)" }
[network]
hidden = [16, 16]
[sampling]
method = "sobol"
points = { heat = 1300, initial = 300, walls = 300 }
[training]
seed = 3
[[training.stages]]
optimizer = "adam"
steps = 20
learning_rate = { schedule = "constant", start = 1e-3 }
"""

# What ends a config whose training matters little.
SMALL = """
[network]
hidden = [8, 8]
[[training.stages]]
steps = 3
"""


def straight(length, stages):
    """y'' = 0 with y(0) = 0 and y = length at the other end, for a network that is periodic: it can never be met."""
    return f"""
name = "straight"
[problem]
coordinates = ["x"]
fields = ["y"]
domain = {{ x = [0, {length}] }}
[[problem.equations]]
name = "straight"
residual = "y_xx"
[[problem.conditions]]
name = "ends"
on = "x == 0 || x == {length}"
residual = "y - x"
[network]
hidden = [16, 16]
periodic = ["x"]
[sampling]
points = {{ straight = 100, ends = 2 }}
{stages}"""

# A Neumann problem on the unit disk, without network and training: its flux is written by coordinates, so that the normal
# must be the right one.
NEUMANN_ON_DISK = """
name = "neumann"
[problem]
coordinates = ["x", "y"]
domain = { x = [-1, 1], y = [-1, 1] }
definitions = { exact = "sin(2*x)*cos(y)" }
[geometry]
domain = "disk"
shapes = { disk = { disk = { center = [0, 0], radius = 1 } } }
[[problem.equations]]
name = "screened"
residual = "-laplacian(u) + u - 6*exact"
[[problem.conditions]]
name = "flux"
on = "disk"
residual = "dn(u) - (2*x*cos(2*x)*cos(y) - y*sin(2*x)*sin(y))"
weight = 5
[reference]
exact = { u = "exact" }
"""
