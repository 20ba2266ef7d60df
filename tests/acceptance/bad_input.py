"""Input that cannot be used: one message that names the trouble, status 2, on one rank and on several, and never a hang."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

HEAT = program.HEAT

# name: (what to replace in the config, by what, words the message must contain)
CHANGES = {
    "unknown_key": ("seed = 3", "sed = 3", ["sed", "seed", "heat.toml:"]),
    "wrong_type": ("seed = 3", 'seed = "three"', ["seed", "heat.toml:"]),
    "out_of_range": ("steps = 20", "steps = -1", ["steps", "heat.toml:"]),
    "key_of_a_stage": ("seed = 3", "seed = 3\nlearning_rate = 1e-3", ["learning_rate", "training.stages", "heat.toml:"]),
    "not_toml": ("seed = 3", "seed = = 3", ["heat.toml:"]),
    "unknown_value": ('method = "sobol"', 'method = "sobel"', ["sobel", "sobol"]),
    "unknown_field": ("u_t - kappa*u_xx", "u_t - kappa*w_xx", ["w_xx"]),
    "unknown_function": ("sin(pi*x)\"\n[[problem.conditions]]\nname = \"walls\"", "sine(pi*x)\"\n[[problem.conditions]]\nname = \"walls\"",
                         ["sine", "sin"]),
    "syntax_of_expression": ("u_t - kappa*u_xx", "u_t - (kappa*u_xx", ["heat.toml:"]),
    "zero_points": ("heat = 1300", "heat = 0", ["heat"]),
    "points_of_unknown_term": ("heat = 1300", "heet = 1300", ["heet", "heat"]),
    "condition_selects_nothing": ('on = "t == 0"', 'on = "t == 2"', ["t == 2", "heat.toml:"]),
    "empty_domain": ("x = [0, 1]", "x = [1, 0]", ["x"]),
    "derivative_beyond_activation": ("kappa*u_xx", "kappa*u_xxxxxxx", ["u_xxxxxxx"]),
    "no_stage": ("[[training.stages]]", "[[training.stage]]", ["stage"]),
    "missing_reference": ('exact = { u = "exp(-kappa*pi^2*t)*sin(pi*x)" }', 'file = "absent.h5"', ["absent.h5"]),
    "truncated_reference": ('exact = { u = "exp(-kappa*pi^2*t)*sin(pi*x)" }', 'file = "truncated.h5"', ["truncated.h5"]),
    "no_hdf5_reference": ('exact = { u = "exp(-kappa*pi^2*t)*sin(pi*x)" }', 'file = "heat.toml"', ["heat.toml"]),
    "column_missing": ('exact = { u = "exp(-kappa*pi^2*t)*sin(pi*x)" }', 'file = "no_u.h5"', ["no_u.h5", "u"]),
}


class BadInput(program.Case):
    def refused(self, *arguments, words=(), rank_counts=(1, 2), cwd=None):
        def is_refused(ranks):
            result = self.run_program(*arguments, ranks=ranks, status=2, cwd=cwd)
            for word in words:
                self.assertIn(word, result.output)
            # One message, not one per rank.
            messages = [line for line in result.output.splitlines() if line.startswith("jetpinn: ")]
            self.assertEqual(len(messages), 1, result.output)

        program.side_by_side(is_refused, rank_counts)

    def test_changes(self):
        burgers = (program.root / "configs/reference/burgers.h5").read_bytes()

        def is_refused(name):
            old, new, words = CHANGES[name]
            self.assertIn(old, HEAT, name)
            folder = self.folder / name
            folder.mkdir()
            (folder / "truncated.h5").write_bytes(burgers[:20000])
            (folder / "heat.toml").write_text(HEAT.replace(old, new, 1))
            self.refused("check", "heat.toml", words=words, rank_counts=(1,), cwd=folder)
            self.refused("train", "heat.toml", words=words, rank_counts=(2,), cwd=folder)
            self.assertFalse((folder / "runs/heat/summary.json").exists(), f"{name}: a refused config leaves no run")

        program.side_by_side(is_refused, [name for name in CHANGES if name != "column_missing"])

    def test_column_missing(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("h5py is not installed")
        with h5py.File(self.folder / "no_u.h5", "w") as file:
            file["t"] = file["x"] = [0.0, 0.5]
        old, new, words = CHANGES["column_missing"]
        self.write("heat.toml", HEAT.replace(old, new, 1))
        self.refused("check", "heat.toml", words=words)

    def test_missing_files(self):
        self.refused("check", "absent.toml", words=["absent.toml"])
        self.refused("train", "absent.toml", words=["absent.toml"])
        self.refused("evaluate", "runs/absent", words=["runs/absent"])
        self.refused("predict", "runs/absent", "--grid", "t=0:1:3,x=0:1:3", words=["runs/absent"])

    def test_usage(self):
        lines = {"nonsense": "nonsense", "train": "", "train heat.toml --nonsense": "nonsense", "train heat.toml --set training.sed=1": "sed",
                 "train heat.toml --device cuda": "cuda",
                 "train heat.toml --device emulated --set training.engine=reference": "--device emulated: the reference engine",
                 "train heat.toml --device emulated --set training.precision=bf16": "--device emulated: it computes in fp64 or fp32",
                 "train heat.toml --set training.engine=reference --set training.precision=bf16": "the reference engine computes in fp64 or fp32"}
        program.side_by_side(lambda line: self.refused(*line.split(), words=[lines[line]]), lines, at_once=2)

        # What `train` refuses on a device or in a precision, `check` refuses.
        def check_refuses(line):
            self.refused(*line.replace("train", "check", 1).split(), words=[lines[line]], rank_counts=(1,))

        program.side_by_side(check_refuses, [line for line in lines if "--device" in line or "bf16" in line])

    def test_bf16_where_the_processor_lacks_it(self):
        train = ("train", "heat.toml", "--set", "training.precision=bf16", "--set", "training.stages.0.steps=2")
        cpu = pathlib.Path("/proc/cpuinfo")
        if cpu.exists() and "avx512_vnni" in cpu.read_text():
            self.run_program(*train, "--quiet")
            self.assertEqual(json.loads((self.folder / "runs/heat/engine.json").read_text())["precision"], "bf16")
        else:
            self.refused(*train, words=["AVX512-VNNI", "take fp32"])
            self.assertFalse((self.folder / "runs/heat").exists(), "a refused run leaves nothing")

    def test_no_write_permission(self):
        # A file where a folder should be: even root cannot write there.
        self.write("runs", "")
        self.refused("train", "heat.toml", words=["runs"])

    def test_another_run_in_the_folder(self):
        self.run_program("train", "heat.toml", "--quiet")
        self.refused("train", "heat.toml", "--set", "network.hidden=[8, 8]", words=["runs/heat", "--force"])
        self.run_program("train", "heat.toml", "--quiet", "--force", "--set", "network.hidden=[8, 8]")
        self.assertEqual(len(list((self.folder / "runs").iterdir())), 2, "--force keeps the old run under another name")


if __name__ == "__main__":
    program.main()
