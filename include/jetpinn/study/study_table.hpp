// A table of a study: what text and page share.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

struct StudyTable {
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;   // [rows, columns]
  std::vector<bool> holes;                      // of each row: not measured
};

// Cells to the right, below their heads; the last column begins at the left.
std::string table_text(const StudyTable& table);

// A field of a CSV file, quoted where it must be.
std::string csv_text(const std::string& text);

// Seconds in a unit that suits them.
std::string duration_text(double seconds);

}  // namespace jetpinn
