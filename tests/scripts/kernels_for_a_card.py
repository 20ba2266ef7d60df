"""The kernels of devices as nvcc sees them: they compile without a warning, and what they write is whole numbers. They are not run.

    kernels_for_a_card.py NVCC PROJECT [SOURCE]

Of a store whose alignment it does not know nvcc makes one of each byte, eight times as many. No kernel writes a byte on purpose.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def main(nvcc, project, source=None):
    source = pathlib.Path(source or project / "src/kernels/cuda_launch.cu")
    with tempfile.TemporaryDirectory(prefix="jetpinn-nvcc-") as folder:
        done = subprocess.run([nvcc, "-std=c++17", "-arch=sm_90", "-diag-suppress", "1675", "-Werror", "all-warnings", "--keep", "--keep-dir", folder,
                               "-I", project / "src/kernels/nvcc", "-I", project / "include", "-c", source, "-o", f"{folder}/kernels.o"])
        if done.returncode != 0:
            return f"{source.name} does not compile"
        code = "".join(path.read_text() for path in pathlib.Path(folder).glob("*.ptx"))
    kernels = re.split(r"^\.visible \.entry |^\t?\.entry |^\.entry ", code, flags=re.MULTILINE)[1:]
    if not kernels:
        return f"nvcc left no kernel of {source.name} to look at"
    bytewise = [kernel.split("(")[0] for kernel in kernels if re.search(r"\bst\.global\.[a-z0-9.]*[subf]8\b", kernel)]
    return f"{len(bytewise)} of {len(kernels)} kernels write single bytes, {bytewise[0]} among them" if bytewise else ""


trouble = main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), *sys.argv[3:])
sys.exit(f"kernels_for_a_card: {trouble}" if trouble else 0)
