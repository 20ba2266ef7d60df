"""jetpinn report: what the page holds, that its pictures are right, that it opens in a browser, and what is refused."""
import base64
import html.parser
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import program  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"
HTML = "{http://www.w3.org/1999/xhtml}"
LINK = "{http://www.w3.org/1999/xlink}href"
SECTIONS = {"outcome", "losses", "fields", "residuals", "conditions", "points", "profile", "config"}
BROWSER = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)

# The output transform leaves the network no say: u is t x^2 to twelve digits, so that every picture is known.
KNOWN = """
name = "known <b> & 'more'"
[problem]
coordinates = ["t", "x"]
fields = ["u"]
domain = { t = [0, 2], x = [-1, 3] }
[[problem.equations]]
name = "first"
residual = "u_t + x"
[[problem.conditions]]
name = "wall"
on = "x == 3 && sin(3*t) < 0.5"
residual = "u - 2*t"
[reference]
exact = { u = "t*x^2 - x" }
[network]
hidden = [8]
output = { u = "t*x^2 + 1e-12*u" }
[sampling]
points = { first = 300, wall = 50 }
[[training.stages]]
steps = 3
"""
# Along one coordinate the field is a curve.
LINE = """
name = "line"
[problem]
coordinates = ["x"]
fields = ["u"]
domain = { x = [0, 2] }
[[problem.equations]]
name = "slope"
residual = "u_x - 2*x"
[[problem.conditions]]
name = "end"
on = "x == 0"
residual = "u"
[network]
hidden = [8]
output = { u = "x^2 + 1e-12*u" }
[[training.stages]]
steps = 3
"""


def decode(data_url):
    """Width, height and the levels of an indexed PNG, rows from the top; every checksum is checked."""
    kind, content = data_url.split(",", 1)
    assert kind == "data:image/png;base64", kind
    png, at, chunks = base64.b64decode(content, validate=True), 8, {}
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size:at + 12 + size])[0] == zlib.crc32(name + body)
        chunks[name] = body
        at += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == height * (width + 1)
    return width, height, [rows[r * (width + 1) + 1:(r + 1) * (width + 1)] for r in range(height)], chunks[b"PLTE"]


class Strict(html.parser.HTMLParser):
    """Every element is closed, and nothing is loaded from elsewhere."""
    void = {"meta", "br", "img", "link", "hr", "input"}

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.outside = [], set(), []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        for name, value in attributes:
            if name in ("src", "href", "xlink:href") and not value.startswith(("data:", "#")):
                self.outside.append(value)
            assert not name.startswith("on"), (tag, name)
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.void:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


class Report(program.Case):
    trained = None

    def train(self, text, folder="run", *more):
        self.write(f"{folder}.toml", text)
        self.run_program("train", f"{folder}.toml", "--output", folder, "--quiet", *more)

    def heat(self, folder="run"):
        """A trained run, a copy of one that all tests share."""
        if not Report.trained:
            self.train(program.HEAT, "shared")
            Report.trained = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-")) / "run"
            self.addClassCleanup(shutil.rmtree, Report.trained.parent)
            shutil.copytree(self.folder / "shared", Report.trained)
        shutil.copytree(Report.trained, self.folder / folder)

    def report(self, *arguments, page="run/report.html", **options):
        self.output = self.run_program("report", *arguments, **options).output
        text = (self.folder / page).read_text()
        strict = Strict(text)
        self.assertEqual(strict.outside, [])
        self.assertFalse(strict.seen & {"script", "link", "iframe", "object", "b-"}, strict.seen)
        return text, ElementTree.fromstring(text.replace("<!DOCTYPE html>", ""))

    def figures(self, root):
        return {figure.find(f"{SVG}svg/{SVG}title").text: figure for figure in root.iter(f"{HTML}figure")}

    def picture(self, figure):
        """The picture itself; the colour bar is the one with a single column."""
        return next(p for p in (decode(image.get(LINK)) for image in figure.iter(f"{SVG}image")) if p[0] > 1)

    def test_known_fields(self):
        self.train(KNOWN)
        text, root = self.report("run")
        self.assertEqual({heading.get("id") for heading in root.iter(f"{HTML}h2")}, SECTIONS)
        self.assertIn("known &lt;b&gt; &amp; &#39;more&#39; (run)", text)
        self.assertIn("Completed after 3 steps", text)
        figures = self.figures(root)
        width, height, levels, palette = self.picture(figures["u, network"])
        self.assertEqual((width, height), (201, 201))
        self.assertEqual(palette[:3].hex() + palette[3 * 127:3 * 128].hex() + palette[3 * 254:3 * 255].hex(), "440154" + "21918c" + "fde725")

        def check(title, value, low, high):
            _, _, shown, _ = self.picture(figures[title])
            for row in range(0, 201, 25):
                for column in range(0, 201, 25):
                    t, x = 2 * column / 200, 3 - 4 * row / 200
                    wanted = min(max((value(t, x) - low) / (high - low), 0), 1) * 254
                    self.assertLessEqual(abs(shown[row][column] - wanted), 0.51, (title, t, x))

        # Network and reference share their colours: from the least, 2 x^2 - x at t = 0 (x = 3: -3), to the largest, 18.
        check("u, network", lambda t, x: t * x * x, -3, 18)
        check("u, reference", lambda t, x: t * x * x - x, -3, 18)
        check("u, network minus reference", lambda t, x: x, -3, 3)
        self.assertIn("Largest magnitude 3 at t = 0, x = 3.", text)
        # The colours of a residual end where 99.5 % of its magnitudes lie: here every column is the same.
        sizes = sorted(abs(x * x + x) for x in (-1 + 4 * i / 200 for i in range(201)) for _ in range(201))
        bound = sizes[int(0.995 * (len(sizes) - 1))]
        check("first", lambda t, x: x * x + x, -bound, bound)
        # A condition is drawn where it holds: sin(3 t) < 0.5 below t = 0.1745 and beyond 0.8727.
        paths = [path.get("d") for path in figures["wall, x = 3"].iter(f"{SVG}path") if path.get("class") == "s-0"]
        ends = [[76 + 350 * t / 2 for t in (i / 100 for i in range(201)) if low <= t <= high] for low, high in ((0, 0.1745), (0.8727, 2))]
        self.assertEqual(len(paths), 2)
        for path, places in zip(paths, ends):
            xs = [float(point.split()[0]) for point in re.split("[ML]", path)[1:]]
            self.assertEqual(len(xs), len(places))
            self.assertAlmostEqual(xs[0], places[0], delta=0.051)
            self.assertAlmostEqual(xs[-1], places[-1], delta=0.051)
        for title in ("Loss", "Each term, unweighted", "Training points", "u at five times"):
            self.assertIn(title, figures)
        # Pictures are files too.
        names = {path.name for path in (self.folder / "run/report").iterdir()}
        self.assertIn("field-u-network.svg", names)
        self.assertEqual(len(names), len(figures))
        for name in names:
            ElementTree.parse(self.folder / "run/report" / name)
        # Again: it writes over its own.
        self.report("run")
        if BROWSER:
            self.check_in_browser(self.folder / "run/report.html", SECTIONS)

    def test_holes_have_no_reference(self):
        """Its pole lies in the hole, where the field is not: colours and differences are of the plate alone."""
        self.train("""
[problem]
coordinates = ["x", "y"]
domain = { x = [-1, 1], y = [-1, 1] }
[geometry]
domain = "square - disk"
[geometry.shapes]
square = { box = [[-1, -1], [1, 1]] }
disk = { disk = { center = [0.2, 0], radius = 0.3 } }
[[problem.equations]]
name = "poisson"
residual = "laplacian(u) - 4*u^2"
[reference]
exact = { u = "1/((x - 0.2)^2 + y^2)" }
[[training.stages]]
optimizer = "adam"
steps = 1
""")
        text, root = self.report("run")
        self.assertIn("u, reference", self.figures(root))
        largest = float(re.search(r"Largest magnitude ([0-9.e+-]+) at", text).group(1))
        self.assertLess(largest, 15)   # 11 at the edge of the hole

    def test_curve(self):
        self.train(LINE)
        text, root = self.report("run")
        self.assertRegex(text, r"end at x = 0: residual -?[0-9.]+e-1\d\.")   # a condition at a point: a figure
        paths = [path.get("d") for path in self.figures(root)["u"].iter(f"{SVG}path") if path.get("class") == "s-0"]
        points = [tuple(map(float, point.split())) for point in re.split("[ML]", paths[0])[1:]]
        self.assertEqual(len(points), 201)
        # x from 76 to 426; y from 252 up to 32 with room for 6 % of the range on both sides.
        for i, (x, y) in enumerate(points):
            value = (2 * i / 200) ** 2
            self.assertAlmostEqual(x, 76 + 350 * i / 200, delta=0.051)
            self.assertAlmostEqual(y, 252 - 220 * (value + 0.24) / 4.48, delta=0.051)

    def test_ranks_find_the_same_bytes(self):
        self.heat()
        self.report("run")
        self.report("run", "--file", "three.html", page="three.html", ranks=3)
        self.assertEqual((self.folder / "run/report.html").read_bytes(), (self.folder / "three.html").read_bytes())
        self.assertFalse((self.folder / "report").exists())   # --file is one file

    def test_side_by_side(self):
        self.heat("heat")
        self.train(LINE, "line")
        text, root = self.report("heat", "line", page="report.html")
        self.assertIn("2 runs side by side", text)
        self.assertEqual({h.get("id") for h in root.iter(f"{HTML}h2")}, {"comparison"} | {f"run-{r}-{s}" for r in (1, 2) for s in SECTIONS})
        overlaid = self.figures(root)["Loss on the training points"]
        self.assertEqual({e.get("class") for e in overlaid.iter(f"{SVG}path")} & {"s-0", "s-1"}, {"s-0", "s-1"})
        if BROWSER:
            self.check_in_browser(self.folder / "report.html", {"comparison"}, schemes=1)

    def test_pieces_that_are_missing(self):
        self.heat()
        run = self.folder / "run"
        with open(run / "metrics.jsonl", "a") as log:
            log.write('{"step": 99, "lo')
        (run / "summary.json").unlink()
        shutil.rmtree(run / "profile")
        text, _ = self.report("run", "--file", "a.html", page="a.html")
        for words in ("No summary: the run still goes on, or was killed. Its log ends at step", "profile/summary.json is not there"):
            self.assertIn(words, text)
        self.assertIn("u, network", text)
        (run / "network.h5").unlink()
        shutil.rmtree(run / "checkpoints", ignore_errors=True)
        (run / "metrics.jsonl").unlink()
        text, _ = self.report("run", "--file", "b.html", page="b.html", ranks=2)
        for words in ("Fields, residuals and points are not shown:", "metrics.jsonl is not there"):
            self.assertIn(words, text)

    def test_warnings_are_shown(self):
        self.heat()
        path = self.folder / "run/summary.json"
        summary = json.loads(path.read_text())
        summary.update(warnings=["<i>a warning</i>"], loss=1e-6, loss_independent=1e-3, trainable={"k": {"value": 0.25}})
        path.write_text(json.dumps(summary))
        text, _ = self.report("run")
        for words in ("&lt;i&gt;a warning&lt;/i&gt;", "1e+03 times that on the training points", "k value 0.25"):
            self.assertIn(words, text)

    def test_refusals(self):
        self.heat()
        def refused(case):
            words, ranks, arguments = case
            self.assertIn(words, self.run_program("report", *arguments, status=2, ranks=ranks).output)
        program.side_by_side(refused, [("holds no run", 1, ("run", ".")), ("there is no run folder nothing", 2, ("nothing",)),
                                       ("name a file that ends in .html", 1, ("run", "--file", "a.png")), ("give one of them", 1, ("run", "--file", "a.html", "--output", "b")),
                                       ("cannot create the folder", 2, ("run", "--output", "heat.toml/x"))])
        mine = self.write("run/report.html", "<html>my own notes on jetpinn</html>")
        self.assertIn("was not written by jetpinn report", self.run_program("report", "run", status=2).output)
        self.assertEqual(mine.read_text(), "<html>my own notes on jetpinn</html>")

    def test_browser(self):
        if not BROWSER:
            self.skipTest("no browser (Debian's chromium; tests/run --all installs it)")

    def check_in_browser(self, page, sections, schemes=2):
        """The page in frames of two widths, in light and dark: a script in a copy of it looks when all is loaded, pictures included."""
        probe = """<script>
          const copies = [...document.querySelectorAll("image")].map(image => Object.assign(new Image(), {src: image.getAttribute("xlink:href")}));
          const shelf = document.body.appendChild(document.createElement("div"));
          copies.forEach(copy => shelf.appendChild(copy));   // the page is loaded when they are
          addEventListener("load", () => {
            const broken = copies.filter(copy => !(copy.naturalWidth > 0)).length;
            shelf.remove();
            const left_out = e => e.closest("details:not([open])") || e.closest(".scroll, pre");
            const wide = [...document.querySelectorAll("body *")].filter(e => !left_out(e) && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + " " + e.textContent.slice(0, 40));
            window.seen = {width: innerWidth, scroll: document.documentElement.scrollWidth, images: copies.length, broken, wide, errors: window.errors,
                           sections: [...document.querySelectorAll("h2")].map(h => h.id), loaded: performance.getEntriesByType("resource").filter(r => !r.name.startsWith("data:")).length,
                           paper: getComputedStyle(document.body).backgroundColor};
          });</script>"""
        watch = "<script>window.errors = []; addEventListener('error', e => errors.push(String(e.message || e.target.tagName)), true);</script>"
        copy = self.folder / "probed.html"
        copy.write_text(page.read_text().replace("<head>", "<head>" + watch).replace("</body>", probe + "</body>"))
        outer = self.folder / "outer.html"
        outer.write_text("""<html><body><iframe src="probed.html" width="360" height="640"></iframe><iframe src="probed.html" width="1200" height="800"></iframe><pre id="found"></pre><script>
          addEventListener("load", () => { document.getElementById("found").textContent = JSON.stringify([...frames].map(frame => frame.seen)); });
          var frames = [...document.querySelectorAll("iframe")].map(frame => frame.contentWindow);
          </script></body></html>""")
        for scheme, paper in (("1", "rgb(255, 255, 255)"), ("0", "rgb(22, 24, 28)"))[:schemes]:   # Chromium's setting: 0 is dark
            dom = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.folder}/profile", f"--blink-settings=preferredColorScheme={scheme}",
                                  "--allow-file-access-from-files", "--dump-dom", outer.as_uri()], capture_output=True, text=True, timeout=120).stdout
            found = json.loads(re.search(r'<pre id="found">(.*?)</pre>', dom, re.S).group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
            self.assertEqual({seen["width"] for seen in found}, {360, 1200})
            for seen in found:
                self.assertEqual((seen["broken"], seen["errors"], seen["loaded"], seen["wide"]), (0, [], 0, []), seen)
                self.assertGreater(seen["images"], 0)
                self.assertLessEqual(seen["scroll"], seen["width"])
                self.assertLessEqual(sections, set(seen["sections"]))
                self.assertEqual(seen["paper"], paper)


if __name__ == "__main__":
    program.main()
