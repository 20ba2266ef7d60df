// Pieces of the page. Every text that is given is escaped here, and nowhere else.
#pragma once

#include "jetpinn/chart/chart.hpp"
#include "jetpinn/chart/heat_map.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

// A picture for the page and for a file of its own; svg of a page and of a file are empty where there was nothing to draw.
struct ReportPicture {
  std::string name;      // of its file
  std::string caption;
  std::string inlined, file;
};
ReportPicture picture_of(const std::string& name, const Chart& chart, const std::string& caption = "");
ReportPicture picture_of(const std::string& name, const HeatMap& picture, const std::string& caption = "");

// A part of the page that is made of pictures.
struct Gallery {
  std::vector<std::string> notes;
  std::vector<ReportPicture> pictures;
};

std::string paragraph(const std::string& words, const std::string& kind = "");
std::string heading(const std::string& id, const std::string& words);
std::string figures(const std::vector<ReportPicture>& pictures);
std::string facts_table(const std::vector<std::pair<std::string, std::string>>& facts);
// The first column is names, the others are figures.
std::string table_of(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows);

struct Bar {
  std::string name, value;
  double share = 0;   // of the whole width, 0 .. 1
};
std::string bars(const std::vector<Bar>& bars);

// Letters, digits and '-' of a text, for names of files and anchors.
std::string plain_name(const std::string& text);

}  // namespace jetpinn
