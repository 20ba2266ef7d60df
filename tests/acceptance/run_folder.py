"""A short training leaves the run folder of the contract, and the commands that read it work on any number of ranks."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

SUMMARY_KEYS = {"status", "steps", "wall_s", "ranks", "device", "engine", "parameters", "points", "points_seen", "points_per_s",
                "loss", "terms", "error", "stopped_by", "peak_memory_mib", "product_share", "utilisation", "memory_efficiency", "parameter_hash", "version"}
METRIC_KEYS = {"step", "stage", "time_s", "loss", "terms", "learning_rate", "points_per_s", "gradient_norm", "memory_mib",
               "utilisation", "memory_efficiency"}


class RunFolder(program.Case):
    def test_content(self):
        self.run_program("train", "heat.toml", ranks=2)
        folder = self.folder / "runs/heat"
        summary = self.summary("runs/heat")
        self.assertLessEqual(SUMMARY_KEYS, summary.keys())
        self.assertEqual((summary["status"], summary["stopped_by"]), ("completed", "steps"))
        self.assertEqual((summary["steps"], summary["ranks"], summary["device"]), (20, 2, "cpu"))
        self.assertEqual(summary["points"], 1900)
        self.assertEqual(summary["parameters"], 2 * 16 + 16 + 16 * 16 + 16 + 16 + 1)
        self.assertEqual(summary["terms"].keys(), {"heat", "initial", "walls"})
        self.assertEqual(len(summary["peak_memory_mib"]), 2)
        self.assertEqual(summary["error"]["u"].keys(), {"rel_l2", "max_abs"})
        metrics = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        self.assertGreaterEqual(len(metrics), 1)
        for line in metrics:
            self.assertLessEqual(METRIC_KEYS, line.keys())
        self.assertTrue((folder / "network.h5").exists())
        self.run_program("check", folder / "config.toml")

    def test_emulated_device_trains_to_the_same_loss(self):
        losses = {}
        for device in ("cpu", "emulated"):
            self.run_program("train", "heat.toml", "--quiet", "--device", device, "--output", "runs/" + device)
            summary = self.summary("runs/" + device)
            self.assertEqual(summary["device"], device)
            losses[device] = summary["loss"]
        # Twenty steps of Adam carry differences of 1e-13 in the gradient on.
        self.assertAlmostEqual(losses["emulated"] / losses["cpu"], 1, delta=1e-8)
        # Steps were replayed as graphs but for the first two; kernel by kernel they have the same bits.
        self.assertEqual(self.summary("runs/emulated")["graphs"]["captured"], 1)
        self.assertGreaterEqual(self.summary("runs/emulated")["graphs"]["replayed"], 18)
        self.run_program("train", "heat.toml", "--quiet", "--device", "emulated", "--output", "runs/kernels", "--set", "run.graphs=false")
        kernels = self.summary("runs/kernels")
        self.assertEqual((kernels["graphs"]["captured"], kernels["graphs"]["replayed"]), (0, 0))
        self.assertEqual(kernels["graphs"]["reason"], "run.graphs is false")
        self.assertEqual(kernels["parameter_hash"], self.summary("runs/emulated")["parameter_hash"])
        self.assertNotIn("graphs", self.summary("runs/cpu"))

    def test_finished_run_is_left_alone(self):
        self.run_program("train", "heat.toml", "--quiet")
        before = (self.folder / "runs/heat/summary.json").read_bytes()
        self.run_program("train", "heat.toml")
        self.assertEqual(before, (self.folder / "runs/heat/summary.json").read_bytes())

    def test_evaluate_agrees_with_the_summary(self):
        self.run_program("train", "heat.toml", "--quiet")
        for ranks in (1, 3):
            self.run_program("evaluate", "runs/heat", ranks=ranks)
            evaluation = json.loads((self.folder / "runs/heat/evaluation.json").read_text())
            error, stated = evaluation["error"]["u"]["rel_l2"], self.summary("runs/heat")["error"]["u"]["rel_l2"]
            # Sums in another order: rounding of some thousand terms.
            self.assertAlmostEqual(error / stated, 1, delta=1e-10)

    def test_predict_is_the_same_on_any_rank_count_and_in_numpy(self):
        try:
            import h5py
            import numpy as np
        except ImportError:
            self.skipTest("numpy and h5py are not installed")
        self.run_program("train", "heat.toml", "--quiet")
        fields = []
        for ranks in (1, 2, 4):
            self.run_program("predict", "runs/heat", "--grid", "t=0:1:21,x=0:1:33", "--quantities", "u, u_x, d(u*u, x)",
                             "--file", f"p{ranks}.h5", ranks=ranks)
            with h5py.File(self.folder / f"p{ranks}.h5") as file:
                self.assertEqual(set(file), {"t", "x", "u", "u_x", "d(u*u, x)"})
                fields.append({name: file[name][:] for name in file})
        for other in fields[1:]:
            for name, values in fields[0].items():
                np.testing.assert_allclose(other[name], values, rtol=1e-13, atol=1e-13, equal_nan=False)
        p = fields[0]
        self.assertEqual((p["t"].min(), p["t"].max(), len(p["u"])), (0.0, 1.0, 21 * 33))
        scale = np.abs(p["u"] * p["u_x"]).max()
        np.testing.assert_allclose(p["d(u*u, x)"], 2 * p["u"] * p["u_x"], atol=1e-13 * scale, equal_nan=False)
        self.compare_with_load_py(p, np)

    def compare_with_load_py(self, predicted, np):
        sys.path.insert(0, str(program.root / "docs"))
        from load import load
        values = load(self.folder / "runs/heat/network.h5")(t=predicted["t"], x=predicted["x"])["u"]
        np.testing.assert_allclose(values, predicted["u"], rtol=0, atol=1e-12 * np.abs(values).max(), equal_nan=False)
        done = subprocess.run([sys.executable, program.root / "docs/load.py", self.folder / "runs/heat/network.h5",
                               f"t={float(predicted['t'][400])!r}", f"x={float(predicted['x'][400])!r}"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split()[0], "u")


if __name__ == "__main__":
    program.main()
