"""Others' profilers see the regions of a run under the names of its profile, properly nested: Kokkos Tools, and NVTX where it was built in."""
import os
import pathlib
import unittest

from program import Case, main, run

TOOLS_VARIABLE = os.environ.get("TOOLS_VARIABLE", "KOKKOS_PROFILE_LIBRARY")
STUBS = pathlib.Path(os.environ.get("KOKKOS_TOOL", "build/release/tests/libstub_kokkos_tool.so")).resolve().parent
KOKKOS_TOOL = STUBS / "libstub_kokkos_tool.so"
NVTX_TOOL = os.environ.get("NVTX_TOOL", "")

STEPS = 20   # of heat.toml


class RegionTools(Case):
    def paths(self, *arguments, **environment):
        """Trains heat.toml under the tool; the path of every region that it heard: "step > loss_and_gradient"."""
        heard = self.folder / "heard"
        environment["JETPINN_STUB_FILE"] = str(heard)
        before = dict(os.environ)
        os.environ.update(environment)
        try:
            self.run_program("train", "heat.toml", "--quiet", *arguments)
        finally:
            os.environ.clear()
            os.environ.update(before)
        open_names, paths = [], []
        for line in heard.read_text().splitlines():
            word, _, name = line.partition(" ")
            if word == "push":
                self.assertTrue(name.startswith("jetpinn::"), name)
                open_names.append(name.removeprefix("jetpinn::"))
                paths.append(" > ".join(open_names))
            elif word == "pop":
                self.assertTrue(open_names, "an end without a begin")
                open_names.pop()
            else:
                self.assertIn(word, ("domain", "finalize"))
        self.assertEqual(open_names, [], "a begin without an end")
        return paths

    def expect_the_regions_of_a_step(self, paths):
        self.assertEqual(paths.count("step"), STEPS)
        for name in ("step > loss_and_gradient", "step > optimizer"):
            self.assertEqual(paths.count(name), STEPS, f"{name} in {sorted(set(paths))}")
        self.assertGreaterEqual(sum(path.startswith("step > ") and path.endswith("> allreduce") for path in paths), STEPS, sorted(set(paths)))
        self.assertTrue(any(path.endswith("sampling") for path in paths), sorted(set(paths)))

    def test_a_kokkos_tool_hears_them(self):
        self.expect_the_regions_of_a_step(self.paths(**{TOOLS_VARIABLE: str(KOKKOS_TOOL)}))

    @unittest.skipUnless(NVTX_TOOL, "this build has no NVTX: its header was not found")
    def test_an_nvtx_tool_hears_them(self):
        paths = self.paths(NVTX_INJECTION64_PATH=NVTX_TOOL)
        self.expect_the_regions_of_a_step(paths)

    def test_both_hear_the_same(self):
        if not NVTX_TOOL:
            self.skipTest("this build has no NVTX: its header was not found")
        kokkos = self.paths("--output", "first", **{TOOLS_VARIABLE: str(KOKKOS_TOOL)})
        self.assertEqual(kokkos, self.paths("--output", "second", NVTX_INJECTION64_PATH=NVTX_TOOL))

    def test_a_run_that_fails_leaves_no_region_open(self):
        text = (self.folder / "heat.toml").read_text().replace("start = 1e-3", "start = 1e300")
        self.write("heat.toml", text)
        heard = self.folder / "heard"
        os.environ.update({TOOLS_VARIABLE: str(KOKKOS_TOOL), "JETPINN_STUB_FILE": str(heard)})
        try:
            result = run("train", "heat.toml", "--quiet", cwd=self.folder)
        finally:
            for name in (TOOLS_VARIABLE, "JETPINN_STUB_FILE"):
                del os.environ[name]
        self.assertEqual(result.status, 3, result.output)
        lines = heard.read_text().splitlines()
        self.assertGreater(len(lines), 0)
        self.assertEqual(sum(line.startswith("push ") for line in lines), lines.count("pop"))
        self.assertEqual(lines[-1], "finalize")


if __name__ == "__main__":
    main()
