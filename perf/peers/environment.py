"""What the comparisons with other stacks share: their virtual environment, and the one core that all run on."""
import os
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
venv = root / "build/peers-venv"


def make_environment(wanted, venv=venv):
    """Installs the wanted packages one by one; returns those that can be imported."""
    python = venv / "bin/python"
    if not python.exists():
        print(f"making {venv}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    available = set()
    for line in (root / "perf/peers/requirements.txt").read_text().split():
        package, _, version = line.partition("==")
        if package not in wanted:
            continue
        probe = f"import importlib.metadata as m; assert m.version('{package}').split('+')[0] == '{version}'; import {package}"
        environment = dict(os.environ, DDE_BACKEND="pytorch", JAX_PLATFORMS="cpu")
        usable = lambda: subprocess.run([python, "-c", probe], env=environment, capture_output=True, text=True).returncode == 0
        if not usable():
            print(f"installing {line}", flush=True)
            done = subprocess.run([venv / "bin/pip", "install", "--disable-pip-version-check", line], capture_output=True, text=True)
            if not usable():
                reason = (done.stderr.strip().splitlines() or ["installed, but it cannot be imported"])[-1]
                print(f"not available: {line}: {reason}", flush=True)
                continue
        available.add(package)
    return available


def on_core(core, command, **options):
    environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                       # XLA counts the machine's cores, not those it may use.
                       XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    return subprocess.run(["taskset", "-c", str(core)] + [str(c) for c in command], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
