"""Memory grows neither with generated points (ten million train on one rank in less than 1 GiB) nor with steps.

  memory.py [STEPS]     of the run that is watched for growth, 10 000 for the figure of docs/reliability.md
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402


class Memory(program.Case):
    def peak(self, points):
        self.run_program("train", "heat.toml", "--quiet", "--output", f"runs/{points}", "--set", f"sampling.points.heat={points}",
                         "--set", "training.stages.0.steps=2", "--set", "output.evaluate_every=0")
        return self.summary(f"runs/{points}")["peak_memory_mib"][0]

    def test_ten_million_points(self):
        few, many = self.peak(10_000), self.peak(10_000_000)
        print(f"resident: {few:.0f} MiB with 1e4 points, {many:.0f} MiB with 1e7")
        self.assertLess(many, 1024)

    def test_no_growth_with_steps(self):
        # Everything that could pile up: resampling, evaluations, log lines, checkpoints, two optimisers.
        self.run_program("train", "heat.toml", "--quiet", "--set", f"training.stages.0.steps={steps * 3 // 4}", "--set",
                         f"training.stages.1={{ optimizer = 'lbfgs', steps = {steps - steps * 3 // 4}, history = 10 }}",
                         "--set", "sampling.resample_every=50", "--set", "output.log_every=0", "--set", "output.evaluate_every=100",
                         "--set", "output.checkpoint.every=0.2", ranks=2)
        lines = [json.loads(line) for line in (self.folder / "runs/heat/metrics.jsonl").read_text().splitlines()]
        used = [(line["step"], 1024 * line["memory_mib"]) for line in lines if line["step"] > steps // 10]
        slope = theil_sen(used[::max(1, len(used) // 400)])
        print(f"resident memory grows by {slope:.4f} KiB per step over {len(used)} steps, checkpoints included")
        self.assertLessEqual(slope, 0.1)


def theil_sen(points):
    """Median of the slopes of all pairs: a jump or two do not move it."""
    slopes = sorted((b - y) / (a - x) for i, (x, y) in enumerate(points) for a, b in points[i + 1:])
    return slopes[len(slopes) // 2]


steps = int(sys.argv.pop()) if len(sys.argv) > 1 and sys.argv[-1].isdigit() else 2000

if __name__ == "__main__":
    program.main()
