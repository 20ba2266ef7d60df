"""What the machine counts and can do, as a run's profile shows it: a GPU (a stub of its library), and the peaks with their cache."""
import json
import os
import shutil

from program import Case, main, root

NVML_STUB = os.environ.get("NVML_STUB", str(root / "build/release/tests/libstub_nvml.so"))


class Counters(Case):
    def train(self, *arguments, ranks=1, **environment):
        before = dict(os.environ)
        os.environ.update(environment)
        try:
            return self.run_program("train", "heat.toml", "--output", "run", "--force", "--verbose", *arguments, ranks=ranks).output
        finally:
            os.environ.clear()
            os.environ.update(before)

    def records(self, rank=0):
        text = (self.folder / f"run/profile/rank-{rank:04}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def profile(self):
        return json.loads((self.folder / "run/profile/summary.json").read_text())

    def test_a_gpu_that_is_watched_counts_once_for_the_ranks_that_share_it(self):
        shutil.copy(NVML_STUB, self.folder / "libnvidia-ml.so.1")
        paths = f"{self.folder}:{os.environ.get('LD_LIBRARY_PATH', '')}"
        output = self.train(ranks=2, JETPINN_GPU="0", LD_LIBRARY_PATH=paths, JETPINN_STUB_JOULES="7")
        for record in self.records(0):
            self.assertEqual(record["counters"]["gpu"]["busy"], 0.6)
            self.assertEqual(record["counters"]["gpu"]["joules"], 0)   # it stood at 7 J all the time
            self.assertEqual(record["counters"]["gpu"]["memory_used"], 1 << 30)
        for record in self.records(1):
            self.assertNotIn("gpu", record["counters"])
        self.assertRegex(output, r"gpu busy +60 %")
        self.assertRegex(output, r"gpu memory +1024 MiB")

    def test_without_its_library_nobody_hears_of_a_gpu(self):
        plain = self.train()
        output = self.train(JETPINN_GPU="0")
        for record in self.records():
            self.assertNotIn("gpu", record["counters"])
        for text in (plain, output):
            self.assertNotIn("gpu", text)
            self.assertNotIn("nvidia", text)

    def test_the_record_holds_what_the_system_counted(self):
        self.train()
        records = self.records()
        wall = sum(record["end_s"] - record["begin_s"] for record in records)
        cpu = sum(record["counters"]["cpu_s"] for record in records)
        self.assertGreater(cpu, 0)
        self.assertLessEqual(cpu, 8 * wall)   # of a process whose threads are few: seconds, not clock ticks
        for record in records:
            for name in ("displaced", "yielded", "major_faults"):
                self.assertGreaterEqual(record["counters"][name], 0)

    def test_peaks_are_measured_once_and_shared(self):
        self.train(ranks=2, JETPINN_CACHE=str(self.folder / "cache"))
        files = list((self.folder / "cache").iterdir())
        self.assertEqual(len(files), 1)
        cached = json.loads(files[0].read_text())
        for rank in (0, 1):
            for record in self.records(rank):
                self.assertEqual(record["peaks"]["flops"], cached["fp64_flops"])
                self.assertEqual(record["peaks"]["cache_bytes"], cached["cache_bytes_per_s"])
        self.train("--set", "training.precision=fp32", JETPINN_CACHE=str(self.folder / "cache"))
        # What is looked at again may only have become faster.
        self.assertGreaterEqual(self.records()[-1]["peaks"]["flops"], cached["fp32_flops"])

    def test_a_cache_that_cannot_be_kept_is_no_error_and_no_noise(self):
        self.write("file", "no folder")
        output = self.train(JETPINN_CACHE=str(self.folder / "file/below"))
        self.assertGreater(self.records()[-1]["peaks"]["flops"], 1e9)
        for word in ("cache", "warning", "cannot"):
            self.assertNotIn(word, output.lower().replace("gb/s", ""))

    def test_a_share_of_the_roofline_above_one_is_doubted(self):
        """It cannot be; but what is measured beside others on the machine can say so, and is then not believed."""
        for precision in ("fp64", "fp32"):
            output = self.train("--set", f"training.precision={precision}", "--set", "network.hidden=[64,64]", JETPINN_CACHE=str(self.folder / "cache"))
            machine = json.loads(next((self.folder / "cache").iterdir()).read_text())["machine"]
            if "sanitized" in machine or "not optimised" in machine:
                self.skipTest("this build is not made for speed, the product libraries are")
            profile = self.profile()
            for name, kernel in profile["kernels"].items():
                if kernel["seconds"]["max"] > 0:   # the start-up computes too, and counts nothing
                    self.assertIn("roofline", kernel, f"{name} in {precision}: {profile}")
                if kernel.get("roofline", {"max": 0})["max"] > 1:   # without a time in the class there is none
                    self.assertTrue(any(name in doubt for doubt in profile["doubts"]), f"{name} in {precision}: {profile}")
                    self.assertIn("not known well", output)
            self.assertGreater(sum(record["kernels"]["product"]["flop"] for record in self.records()), 0)


if __name__ == "__main__":
    main()
