"""What a checkpoint costs of the time at the default interval, printed, for a state of 41 MB (4x128, L-BFGS with 50 pairs)."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

DEFAULT_INTERVAL_S = 60


class CheckpointShare(program.Case):
    def test_share_at_the_default_interval(self):
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                self.run_program("train", "heat.toml", "--quiet", "--output", f"runs/{ranks}", "--set", "network.hidden=[128, 128, 128, 128]",
                                 "--set", "training.stages.0.optimizer=lbfgs", "--set", "training.stages.0.steps=150", "--set",
                                 "output.checkpoint.every=0.5", "--set", "output.evaluate_every=0", ranks=ranks)
                summary = self.summary(f"runs/{ranks}")
                size = max(path.stat().st_size for path in (self.folder / f"runs/{ranks}/checkpoints").glob("step-*/state.h5"))
                self.assertGreater(size, 40e6)
                self.assertGreaterEqual(summary["checkpoints"], 2)   # the last one among them
                self.assertGreater(summary["checkpoint_share"], 0)
                seconds = summary["checkpoint_share"] * summary["wall_s"] / summary["checkpoints"]
                print(f"{ranks} ranks: a save of {size / 1e6:.0f} MB takes {seconds:.2f} s: {100 * seconds / DEFAULT_INTERVAL_S:.2f} % "
                      f"every {DEFAULT_INTERVAL_S} s")


if __name__ == "__main__":
    program.main()
