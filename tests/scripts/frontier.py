"""What perf/frontier makes of a config and of the networks that it has measured."""
import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
root = pathlib.Path(sys.argv.pop(1)).resolve()
loader = importlib.machinery.SourceFileLoader("perf_frontier", str(root / "perf/frontier"))
perf = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
loader.exec_module(perf)


class Frontier(unittest.TestCase):
    def test_half_of_the_neurons_are_more_of_the_parameters(self):
        config = {"problem": {"coordinates": ["t", "x"], "fields": ["u"]}, "network": {"hidden": [32, 32, 32, 32]}}
        whole, half = 2 * 32 + 32 + 3 * (32 * 32 + 32) + 32 + 1, 2 * 16 + 16 + 3 * (16 * 16 + 16) + 16 + 1
        self.assertAlmostEqual(perf.share_of_parameters(config, 0.5), 1 - half / whole, delta=1e-15)
        self.assertEqual(perf.share_of_parameters(config, 0), 0)

    def test_what_another_beats_is_not_on_the_frontier(self):
        points = [(1.0, 5.0), (2.0, 2.0), (2.0, 3.0), (1.0, 6.0), (9.0, 1.0), (9.0, 2.0)]   # (error, time)
        self.assertEqual(perf.frontier(points), [True, True, False, False, True, False])
        self.assertEqual(perf.frontier([(1.0, 1.0), (1.0, 1.0)]), [True, True])   # equals do not beat one another

    def test_without_a_reference_the_error_is_what_rows_held_out_leave_unexplained(self):
        fits = {"measured": {"VB": {"r2": 0.96}, "displacement": {"r2": 0.91}}}
        self.assertAlmostEqual(perf.error_of({"error": {}, "held_out": fits}), 0.3, delta=1e-15)
        self.assertEqual(perf.error_of({"error": {"u": {"rel_l2": 0.2}, "v": {"rel_l2": 0.1}}, "held_out": fits}), 0.2)
        fits["measured"]["VB"]["r2"] = None   # its values are all the same
        self.assertAlmostEqual(perf.error_of({"error": {}, "held_out": fits}), 0.3, delta=1e-15)
        fits["measured"]["displacement"]["r2"] = None
        for without in ({}, {"held_out": fits}):
            with self.assertRaises(SystemExit):
                perf.error_of({"error": {}, **without})

    def test_what_needs_a_rate_gets_one(self):
        self.assertEqual(perf.stage("ssbroyden", 7), "training.stages=[{ optimizer = 'ssbroyden', steps = 7 }]")
        self.assertIn("cosine", perf.stage("adam", 7))


if __name__ == "__main__":
    unittest.main()
