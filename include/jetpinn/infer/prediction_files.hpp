// Which files a prediction writes, and which of those that are there already it may replace: only
// what the same prediction wrote.
#pragma once

#include "jetpinn/infer/vtk_export.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct PredictionFile {
  enum class Kind : char { table, csv, vtk, xdmf } kind = Kind::table;
  VtkKind vtk = VtkKind::image;
  std::string path;
};

// One file, whose ending says what it is. Throws Error (usage): an unknown ending, or points that such a file cannot hold.
PredictionFile file_for(const std::string& path, const VtkSource& source);

// The same; a text of XDMF comes behind the table that it shows, which lies beside it as .h5.
std::vector<PredictionFile> files_for(const std::string& path, const VtkSource& source);

// The table at `path`, and beside it what shows the points in VTK.
std::vector<PredictionFile> files_beside(const std::string& path, const VtkSource& source);

// Why no VTK file, or no text of XDMF, stands beside the table at `path`; empty: they do.
std::string missing_files_sentence(const std::string& path, const VtkSource& source);

// A row of coordinates of the prediction at hand, for the comparison with a file that carries no mark.
struct MarkRow {
  std::int64_t row = 0;
  std::vector<double> coordinates;
};

// Throws Error (usage) where a file is in the way that this prediction did not write: its mark is another one or, in .csv,
// which has none, its names, its number of rows or one of the given rows. A text of XDMF is nothing without its table, which
// is looked at itself: any that a prediction wrote may be replaced.
void require_own(const PredictionFile& file, const VtkSource& source, const std::vector<MarkRow>& rows);

}  // namespace jetpinn
