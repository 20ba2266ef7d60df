"""Memory does not grow with generated points: ten million of them train on one rank in less than 1 GiB."""
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


if __name__ == "__main__":
    program.main()
