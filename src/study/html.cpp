#include "jetpinn/study/html.hpp"

#include <fmt/format.h>

namespace jetpinn {
namespace {

const char* const style = R"(
body { font-family: "DejaVu Sans", sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; line-height: 1.45; }
table { border-collapse: collapse; margin: 0.5em 0 1.5em; font-size: 0.9em; }
td, th { padding: 0.25em 0.7em; border-bottom: 1px solid #ddd; text-align: right; }
td:last-child, th:last-child { text-align: left; }
tr.hole td { background: #fbe9e7; color: #8a1c1c; }
.say { font-size: 1.15em; font-weight: bold; }
.warning { background: #fff4d6; padding: 0.4em 0.8em; }
svg { width: 100%; height: auto; }
pre { background: #f5f5f5; padding: 0.8em; overflow-x: auto; }
)";

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

// Without its declaration, and with names of its own: the pictures of a page would otherwise take each other's glyphs.
std::string inlined(const Picture& picture) {
  std::string svg = picture.svg.substr(picture.svg.find("<svg"));
  replace_all(svg, "id=\"", "id=\"" + picture.name + "-");
  replace_all(svg, "href=\"#", "href=\"#" + picture.name + "-");
  replace_all(svg, "url(#", "url(#" + picture.name + "-");
  return svg;
}

}  // namespace

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
  }
  return out;
}

std::string html_table(const StudyTable& table) {
  if (table.rows.empty()) return "";
  std::string html = "<h2>" + html_text(table.title) + "</h2>\n<table>\n<tr>";
  for (const std::string& column : table.columns) html += "<th>" + html_text(column) + "</th>";
  html += "</tr>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    html += table.holes[r] ? "<tr class=\"hole\">" : "<tr>";
    for (const std::string& cell : table.rows[r]) html += "<td>" + html_text(cell) + "</td>";
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

std::string html_paragraphs(const std::vector<std::string>& lines, const std::string& kind) {
  std::string html;
  for (const std::string& line : lines) html += fmt::format("<p{}>{}</p>\n", kind.empty() ? "" : " class=\"" + kind + "\"", html_text(line));
  return html;
}

std::string html_figures(const std::vector<Picture>& pictures) {
  std::string html;
  if (!charts_available()) html = html_paragraphs({"no charts: this jetpinn was built without Cairo (libcairo2-dev)"}, "warning");
  for (const Picture& picture : pictures) html += "<figure>\n" + inlined(picture) + "</figure>\n";
  return html;
}

std::string html_page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>" + html_text(title) +
         "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" + html_text(title) + "</h1>\n" + body + "</body>\n</html>\n";
}

}  // namespace jetpinn
