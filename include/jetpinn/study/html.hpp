// Pieces of a study's HTML page. Well-formed XML, so that other programs can read it; a page needs no other file.
#pragma once

#include "jetpinn/chart/chart.hpp"
#include "jetpinn/study/study_table.hpp"

#include <string>
#include <vector>

namespace jetpinn {

std::string html_table(const StudyTable& table);  // with its title above it; "" where it has no rows
// A paragraph a line; `kind`: its class (say, warning), or none.
std::string html_paragraphs(const std::vector<std::string>& lines, const std::string& kind = "");
std::string html_figures(const std::vector<Picture>& pictures);   // and a sentence where this program has no
                                                                  // PNG files of them
std::string html_page(const std::string& title, const std::string& body);

}  // namespace jetpinn
