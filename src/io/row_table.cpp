#include "jetpinn/io/row_table.hpp"

#include "jetpinn/io/csv_table.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/io/vtk_table.hpp"

#include <filesystem>

namespace jetpinn {

bool is_csv(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  return ending == ".csv" || ending == ".CSV";
}

std::unique_ptr<RowTable> open_row_table(const std::string& path) {
  if (is_csv(path)) return std::make_unique<CsvTableReader>(path);
  if (is_vtk(path)) return std::make_unique<VtkTableReader>(path);
  return std::make_unique<PointTableReader>(path, std::vector<std::string>{});
}

}  // namespace jetpinn
