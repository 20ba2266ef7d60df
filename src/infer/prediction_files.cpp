#include "jetpinn/infer/prediction_files.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/xdmf_export.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/csv_table.hpp"
#include "jetpinn/io/table_mark.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

const char* const endings =
    ".h5 (HDF5), .csv, .vti (an image of a grid), .pvd (a film in time) and .vtp (points), or .xdmf (an .h5 and a text that "
    "shows it)";
const char* const ways = "; name another file with --file, or move that one away";

std::vector<std::string> columns_of(const VtkSource& source) {
  std::vector<std::string> columns = source.coordinates;
  columns.insert(columns.end(), source.quantities.begin(), source.quantities.end());
  return columns;
}

// The mark of a file; empty: it has none.
std::optional<std::string> mark_in(const PredictionFile::Kind kind, const std::string& path) {
  if (kind == PredictionFile::Kind::table) return table_mark(path, "prediction");
  std::ifstream in(path, std::ios::binary);
  std::string declaration, line;
  if (!std::getline(in, declaration) || declaration != vtk_declaration || !std::getline(in, line)) return {};
  return mark_of_vtk_line(line);
}

std::string xdmf_obstacle_at(const std::string& table, const VtkSource& source) {
  return xdmf_obstacle(source, fs::path(table).filename().string());
}

[[noreturn]] void refuse_ending(const std::string& path, const std::string& obstacle, const VtkSource& source) {
  std::string instead;
  for (VtkKind other : vtk_kinds(source)) instead += std::string(instead.empty() ? "" : " or ") + ending_of(other);
  throw Error(Status::usage, path + ": these points make no " + fs::path(path).extension().string() + ": " + obstacle +
                                 "; name a file that ends in " + (instead.empty() ? "" : instead + ", ") + ".h5 or .csv");
}

// A table without a mark is ours when its names, its number of rows and some of its rows are.
bool is_same_csv(const std::string& path, const VtkSource& source, const std::vector<MarkRow>& rows) {
  std::ifstream in(path, std::ios::binary);
  std::string line;
  if (!std::getline(in, line) || line != csv_header(columns_of(source))) return false;
  std::int64_t row = 0;
  for (; std::getline(in, line); ++row) {
    if (row >= source.rows) return false;
    const auto wanted = std::find_if(rows.begin(), rows.end(), [&](const MarkRow& mark) { return mark.row == row; });
    if (wanted == rows.end()) continue;
    const std::string begin =
        csv_row(wanted->coordinates.data(), wanted->coordinates.size()) + (source.quantities.empty() ? "" : ",");
    if (line.compare(0, begin.size(), begin) != 0) return false;
  }
  return row == source.rows;
}

}  // namespace

PredictionFile file_for(const std::string& path, const VtkSource& source) {
  const std::string ending = fs::path(path).extension().string();
  PredictionFile file;
  file.path = path;
  if (ending == ".h5") return file;
  if (ending == ".csv") {
    file.kind = PredictionFile::Kind::csv;
    return file;
  }
  file.kind = PredictionFile::Kind::vtk;
  for (VtkKind kind : {VtkKind::image, VtkKind::film, VtkKind::cloud}) {
    if (ending != ending_of(kind)) continue;
    file.vtk = kind;
    const std::string obstacle = vtk_obstacle(source, kind);
    if (obstacle.empty()) return file;
    refuse_ending(path, obstacle, source);
  }
  throw Error(Status::usage, path + ": " + (ending.empty() ? "it has no ending" : "the ending '" + ending + "' is unknown") +
                                 "; the ending says what is written: " + endings);
}

std::vector<PredictionFile> files_for(const std::string& path, const VtkSource& source) {
  if (fs::path(path).extension() != ".xdmf") return {file_for(path, source)};
  const std::string table = fs::path(path).replace_extension(".h5").string();
  if (const std::string obstacle = xdmf_obstacle_at(table, source); !obstacle.empty()) refuse_ending(path, obstacle, source);
  return {{PredictionFile::Kind::table, {}, table}, {PredictionFile::Kind::xdmf, {}, path}};
}

std::vector<PredictionFile> files_beside(const std::string& path, const VtkSource& source) {
  std::vector<PredictionFile> files{{PredictionFile::Kind::table, {}, path}};
  for (VtkKind kind : vtk_kinds(source))
    files.push_back({PredictionFile::Kind::vtk, kind, fs::path(path).replace_extension(ending_of(kind)).string()});
  if (xdmf_obstacle_at(path, source).empty())
    files.push_back({PredictionFile::Kind::xdmf, {}, fs::path(path).replace_extension(".xdmf").string()});
  return files;
}

std::string missing_files_sentence(const std::string& path, const VtkSource& source) {
  const std::string obstacle = xdmf_obstacle_at(path, source);
  if (obstacle.empty()) return {};
  return vtk_kinds(source).empty() ? "no file for VTK is written: of these points, " + obstacle
                                   : "no file of XDMF is written: " + obstacle;
}

void require_own(const PredictionFile& file, const VtkSource& source, const std::vector<MarkRow>& rows) {
  require_file_place(file.path);
  const auto refuse = [](const std::string& path, const std::optional<std::string>& mark) {
    throw Error(Status::usage, path + " is there already and is " +
                                   (mark ? "of another prediction (" + *mark + ")" : "not of this prediction") + ways);
  };
  std::error_code trouble;
  if (fs::exists(file.path, trouble)) {
    if (file.kind == PredictionFile::Kind::csv) {
      if (!is_same_csv(file.path, source, rows)) refuse(file.path, {});
    } else if (const auto mark = mark_in(file.kind, file.path); mark != source.mark) {
      if (!mark || file.kind != PredictionFile::Kind::xdmf) refuse(file.path, mark);
    }
  } else if (file.kind == PredictionFile::Kind::vtk && file.vtk == VtkKind::film) {
    // Images without their collection: left by a process that died, or somebody else's.
    const std::string folder = film_folder(file.path);
    if (!fs::exists(folder, trouble) || fs::is_empty(folder, trouble)) return;
    if (const auto mark = mark_in(file.kind, film_image(folder, 0)); mark != source.mark) refuse(folder, mark);
  }
}

}  // namespace jetpinn
