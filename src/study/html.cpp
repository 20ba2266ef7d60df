#include "jetpinn/study/html.hpp"

#include "jetpinn/chart/cairo_canvas.hpp"
#include "jetpinn/chart/page.hpp"

#include <fmt/format.h>

namespace jetpinn {
std::string html_table(const StudyTable& table) {
  if (table.rows.empty()) return "";
  std::string html = "<h2>" + escaped(table.title) + "</h2>\n<div class=\"scroll\"><table>\n<tr>";
  for (const std::string& column : table.columns) html += "<th>" + escaped(column) + "</th>";
  html += "</tr>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    html += table.holes[r] ? "<tr class=\"hole\">" : "<tr>";
    for (const std::string& cell : table.rows[r]) html += "<td>" + escaped(cell) + "</td>";
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string html_paragraphs(const std::vector<std::string>& lines, const std::string& kind) {
  std::string html;
  for (const std::string& line : lines)
    html += fmt::format("<p{}>{}</p>\n", kind.empty() ? "" : " class=\"" + kind + "\"", escaped(line));
  return html;
}

std::string html_figures(const std::vector<Picture>& pictures) {
  std::string html;
  if (!png_available())
    html = html_paragraphs({"no PNG files of the charts: this jetpinn was built without Cairo (libcairo2-dev)"}, "warning");
  for (const Picture& picture : pictures) html += "<figure>\n" + picture.inlined + "</figure>\n";
  return html;
}

std::string html_page(const std::string& title, const std::string& body) { return page_begin(title) + body + page_end(); }

}  // namespace jetpinn
