"""Networks with every activation, function, embedding, kind and output transform: what those that evaluate a network outside of the
program (docs/load.py, include/jetpinn/edge) must be able to."""
import pathlib
import re

root = pathlib.Path(__file__).resolve().parents[2]

config = """
name = "case"
[problem]
coordinates = ["t", "x"]
fields = ["u", "v"]
constants = {{ k = "0.3/pi" }}
definitions = {{ bump = "x*(1 - x)" }}
domain = {{ t = [0, 2], x = [-1, 1] }}
[[problem.equations]]
name = "pde"
residual = ["u_t + v*u_x - k*u_xx", "v - u"]
{network}
[sampling]
points = {{ pde = 100 }}
[[training.stages]]
optimizer = "adam"
steps = 3
"""

transform = """periodic = ["x"]
output = { u = "where(x < 0.5 && t > 0.1, 1, 2)*bump*u + sin(pi*t)^2 + k - (1 + abs(x))*step(x)", v = "v*u^3/(1 + x^2) + (x < 0) + (t < 1)*erf(x)" }"""

smooth = """output = { u = "atan2(u, 2 + x^2)*tan(v/9) + max(u, v)*asin(x/3) - acos(t/4)^2 + atan(u) + mod(v, 0.7)*sinh(t)", v = "exp(-v)*cosh(x) + log(2 + u^2)*sqrt(1 + t) + min(u, x)/(3 + sin(v)) + abs(u)*sign(x) + tanh(u)^2 + (2 + u^2)^v" }"""

# Every activation, and every function of one operand that docs/expressions.md lists, between 0.2 and 0.8.
kinds = re.search(r"activation_names\[\] = {(.*)}", (root / "include/jetpinn/kernels/activation_kind.hpp").read_text()).group(1)
activations = re.findall(r'"(\w+)"', kinds)
table = re.search(r"## Numbers, operators, functions(.*?)\n\nThese are all", (root / "docs/expressions.md").read_text(), re.S).group(1)
names = [name for row in re.findall(r"\n\| ([^|]*) \|", table) for words in re.findall(r"`([a-z][a-z0-9 ]*)`", row) for name in words.split() if name != "pi"]
each = 'output = { u = "%s", v = "v" }' % " + ".join(f"{name}(0.5 + 0.3*tanh(u + x))" for name in names)
if len(activations) < 5 or len(names) < 16:
    raise SystemExit(f"only {activations} and {names} were found")

cases = [(activation, "") for activation in activations] + [("tanh", transform), ("silu", smooth), ("tanh", each)]
cases += [("tanh", f'kind = "{kind}"') for kind in ("modified_mlp", "residual", "piratenet")]
cases += [("tanh", 'periodic = ["x"]\nfourier = { features = 5 }\nfactorized = { mean = 0.5 }\nslope = "trainable"')]
networks = """[[networks]]
fields = ["v"]
hidden = [7]
activation = "sin"
periodic = ["x"]
[[networks]]
fields = ["u"]
kind = "modified_mlp"
hidden = [5, 5]
fourier = { features = 4 }
output = { u = "u + x*v" }"""

cases.append(("several", networks))


def text_of(activation, network):
    """The config of a case."""
    return config.format(network=network if "[[" in network else f'[network]\nhidden = [9, 9]\nactivation = "{activation}"\n{network}')
