#include "jetpinn/report/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace jetpinn {

ReportPicture picture_of(const std::string& name, const Chart& chart, const std::string& caption) {
  return {plain_name(name), caption, chart_svg(chart, SvgUse::page), chart_svg(chart, SvgUse::file)};
}

ReportPicture picture_of(const std::string& name, const HeatMap& picture, const std::string& caption) {
  return {plain_name(name), caption, heat_map_svg(picture, SvgUse::page), heat_map_svg(picture, SvgUse::file)};
}

std::string paragraph(const std::string& words, const std::string& kind) {
  return fmt::format("<p{}>{}</p>\n", kind.empty() ? "" : " class=\"" + kind + "\"", escaped(words));
}

std::string heading(const std::string& id, const std::string& words) {
  return fmt::format("<h2 id=\"{}\">{}</h2>\n", escaped(id), escaped(words));
}

std::string figures(const std::vector<ReportPicture>& pictures) {
  std::string html;
  for (const ReportPicture& picture : pictures) {
    if (picture.inlined.empty()) continue;
    html += "<figure>\n" + picture.inlined +
            (picture.caption.empty() ? "" : "<figcaption>" + escaped(picture.caption) + "</figcaption>\n") + "</figure>\n";
  }
  return html.empty() ? "" : "<div class=\"pictures\">\n" + html + "</div>\n";
}

std::string facts_table(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string html = "<div class=\"scroll\"><table class=\"facts\">\n";
  for (const auto& [name, value] : facts) html += "<tr><th>" + escaped(name) + "</th><td>" + escaped(value) + "</td></tr>\n";
  return html + "</table></div>\n";
}

std::string table_of(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<div class=\"scroll\"><table class=\"figures\">\n<tr>";
  for (const std::string& column : columns) html += "<th>" + escaped(column) + "</th>";
  html += "</tr>\n";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const std::string& cell : row) html += "<td>" + escaped(cell) + "</td>";
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string bars(const std::vector<Bar>& bars) {
  std::string html = "<div class=\"bars\">\n";
  for (const Bar& bar : bars)
    html += fmt::format("<span>{}</span><i style=\"width:{:.1f}%\"></i><b>{}</b>\n", escaped(bar.name),
                        100 * std::clamp(bar.share, 0.0, 1.0), escaped(bar.value));
  return html + "</div>\n";
}

std::string plain_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80) name += c;
    else if (!name.empty() && name.back() != '-') name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "x" : name.substr(0, 80);
}

}  // namespace jetpinn
