#include "jetpinn/chart/page.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/chart/svg_canvas.hpp"

#include <fmt/format.h>

#include <fstream>

namespace jetpinn {
namespace {

const char* const layout = R"(
:root { color-scheme: light dark; --ink: #222; --soft: #666; --paper: #fff; --panel: #f5f5f5; --rule: #ddd; )"
                            R"(--warn: #fff4d6; --bad: #fbe9e7; --bar: #0072b2; }
* { box-sizing: border-box; }
body { font-family: system-ui, "DejaVu Sans", sans-serif; max-width: 76rem; margin: 0 auto; padding: 1rem; )"
                            R"(color: var(--ink); background: var(--paper); line-height: 1.45; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; margin: 0.6rem 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 0.6rem; border-bottom: 1px solid var(--rule); padding-bottom: 0.2rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 0.4rem; }
a { color: inherit; }
nav { font-size: 0.9rem; color: var(--soft); }
nav a { display: inline-block; margin-right: 0.8rem; padding: 0.3rem 0; }
.scroll { overflow-x: auto; margin: 0.5rem 0 1rem; }
table { border-collapse: collapse; font-size: 0.9rem; }
td, th { padding: 0.25em 0.7em; border-bottom: 1px solid var(--rule); text-align: right; }
td:last-child, th:last-child, table.facts td { text-align: left; }
table.figures td, table.figures th { text-align: right; }
table.figures td:first-child, table.figures th:first-child { text-align: left; }
table.facts th { text-align: left; font-weight: normal; color: var(--soft); vertical-align: top; }
tr.hole td { background: var(--bad); }
.say { font-size: 1.1rem; font-weight: bold; }
.warning, .bad { background: var(--warn); padding: 0.4em 0.8em; border-radius: 0.3em; margin: 0.4rem 0; }
.bad { background: var(--bad); }
.note { color: var(--soft); font-size: 0.9rem; margin: 0.3rem 0; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 23rem), 1fr)); )"
                            R"(gap: 0.8rem; align-items: start; }
figure { margin: 0 0 0.5rem; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; }
.pictures figure svg { max-width: 36rem; }
figcaption { font-size: 0.85rem; color: var(--soft); }
pre { background: var(--panel); padding: 0.8em; overflow-x: auto; font-size: 0.85rem; }
summary { cursor: pointer; padding: 0.3rem 0; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 0.25rem 0.7rem; )"
                            R"(align-items: center; font-size: 0.9rem; max-width: 46rem; }
.bars i { display: block; height: 0.8rem; background: var(--bar); min-width: 1px; border-radius: 2px; }
.bars b { font-weight: normal; text-align: right; }
)";
const char* const dark_layout = R"(
:root { --ink: #e6e6e6; --soft: #a6a6a6; --paper: #16181c; --panel: #22252b; --rule: #34383f; )"
                            R"(--warn: #453a12; --bad: #4c2320; --bar: #5aaee6; }
)";
constexpr const char* generator = "jetpinn";

}  // namespace

std::string page_begin(const std::string& title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"generator\" content=\"{} {}\"/>\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"/>\n"
      "<title>{}</title>\n<style>{}{}@media (prefers-color-scheme: dark) {{{}{}}}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
      generator, version, escaped(title), layout, picture_rules(false), dark_layout, picture_rules(true), escaped(title));
}

std::string page_end() { return "</body>\n</html>\n"; }

bool written_by_jetpinn(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(1024, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head.find(fmt::format("<meta name=\"generator\" content=\"{} ", generator)) != std::string::npos ||
         head.find(fmt::format("<!-- {} ", generator)) != std::string::npos;
}

}  // namespace jetpinn
