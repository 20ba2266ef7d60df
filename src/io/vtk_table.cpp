#include "jetpinn/io/vtk_table.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/utf8.hpp"
#include "jetpinn/io/vtk_bytes.hpp"
#include "jetpinn/io/vtk_values.hpp"
#include "jetpinn/io/whole_file.hpp"
#include "jetpinn/profile/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <utility>

namespace jetpinn {
namespace {

constexpr const char* place_array = "";  // the name of the array of places
constexpr const char* vtk_axes[] = {"x", "y", "z"};

// Files of one dataset, and of several.
constexpr const char* vtk_endings[] = {".vtu", ".vtp",  ".vti",  ".vts",  ".vtr", ".vtm",
                                       ".vtk", ".pvtu", ".pvtp", ".pvti", ".pvd"};

bool is_normals(const VtkArray& array, const VtkPiece& piece) {
  if (array.components != 2 && array.components != 3) return false;
  if (!piece.normals.empty()) return array.name == piece.normals;
  return array.name == "Normals" || array.name == "normals";
}

}  // namespace

bool is_vtk(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(std::begin(vtk_endings), std::end(vtk_endings), ending) != std::end(vtk_endings);
}

VtkTableReader::VtkTableReader(const std::string& path)
    : VtkTableReader(read_whole_file(path, "points for VTK (.vtu, .vtp)", 4,  // as bytes and as numbers
                                     "store it as an HDF5 point table, which is read in pieces"),
                     path) {}

VtkTableReader::VtkTableReader(std::string bytes, const std::string& path)
    : path_(path), bytes_(std::move(bytes)), points_(parse_vtk_points(bytes_, path_)), rows_(points_.points()) {
  if (rows_ == 0) throw Error(Status::usage, path_ + ": it holds no points; write at least one");
  add_columns(points_.pieces[0]);
}

void VtkTableReader::add(const std::string& name, const std::string& array, std::size_t component) {
  if (columns_.emplace(name, Column{array, component}).second) names_.push_back(name);
}

void VtkTableReader::add_parts(const std::string& name, const VtkArray& array) {
  const auto count = static_cast<std::size_t>(array.components);
  for (std::size_t k = 0; k < count; ++k) add(name + "_" + (count <= 3 ? vtk_axes[k] : std::to_string(k)), array.name, k);
}

// The first one that asks has the name.
void VtkTableReader::add_columns(const VtkPiece& piece) {
  for (const VtkArray& array : piece.arrays)
    if (array.components == 1 && !array.name.empty()) add(array.name, array.name, 0);
  for (std::size_t k = 0; k < 3; ++k) add(vtk_axes[k], place_array, k);
  for (const VtkArray& array : piece.arrays)
    if (is_normals(array, piece)) add_parts("n", array);
  for (const VtkArray& array : piece.arrays)
    if (array.components > 1 && !array.name.empty()) add_parts(array.name, array);
}

// Every piece has the arrays of the first one.
const VtkArray& VtkTableReader::array_of(std::size_t piece, const std::string& array) const {
  const VtkPiece& of = points_.pieces[piece];
  if (array == place_array) return of.places;
  const auto named = [&](const VtkArray& other) { return other.name == array; };
  const auto found = std::find_if(of.arrays.begin(), of.arrays.end(), named);
  if (found == of.arrays.end() || found->components != static_cast<std::int64_t>(components(array)))
    throw Error(Status::usage, fmt::format("{}: piece {} has no array '{}' such as the first one has; write the file again",
                                           path_, piece + 1, array.substr(0, 80)));
  if (std::find_if(found + 1, of.arrays.end(), named) != of.arrays.end())
    throw Error(Status::usage,
                fmt::format("{}: two arrays are called '{}'; give each a name of its own", path_, array.substr(0, 80)));
  return *found;
}

std::size_t VtkTableReader::components(const std::string& array) const {
  const VtkPiece& first = points_.pieces[0];
  if (array == place_array) return static_cast<std::size_t>(first.places.components);
  for (const VtkArray& other : first.arrays)
    if (other.name == array) return static_cast<std::size_t>(other.components);
  return 0;
}

// Compressed bytes hold many more numbers, and several pieces may name the same bytes.
void VtkTableReader::require_room(const std::string& array) const {
  const auto refuse = [&](const std::string& reason, const std::string& mend) {
    throw Error(Status::usage,
                fmt::format("{}, array '{}': {}; {}", path_, shortened(array_of(0, array).name, 80), reason, mend));
  };
  if (static_cast<std::uint64_t>(rows_) > most_per_byte * bytes_.size())
    refuse(fmt::format("the file names {} points, and its {} bytes cannot hold so many", rows_, bytes_.size()),
           "write the file again");
  // All its numbers, and of a piece the bytes and the numbers.
  const double numbers = static_cast<double>(rows_) * static_cast<double>(components(array));
  if (3 * sizeof(double) * numbers > static_cast<double>(available_memory_bytes()))
    refuse(fmt::format("its {:.0f} numbers take more memory than is at hand", numbers),
           "store it as an HDF5 point table, which is read in pieces");
}

const std::vector<double>& VtkTableReader::values(const std::string& array) {
  const auto known = values_.find(array);
  if (known != values_.end()) return known->second;
  require_room(array);
  std::vector<double> all;
  all.reserve(static_cast<std::size_t>(rows_) * components(array));
  for (std::size_t p = 0; p < points_.pieces.size(); ++p) {
    const std::vector<double> own = vtk_values(points_, array_of(p, array), points_.pieces[p].points, path_);
    all.insert(all.end(), own.begin(), own.end());
  }
  return values_.emplace(array, std::move(all)).first->second;
}

void VtkTableReader::check_column(const std::string& column) {
  const auto found = columns_.find(column);
  if (found == columns_.end())
    throw Error(Status::usage, path_ + ": it has no column '" + column + "'; give its points an array of this name");
  values(found->second.array);
}

bool VtkTableReader::single(const std::string& column) const {
  const std::string& array = columns_.at(column).array;
  for (std::size_t p = 0; p < points_.pieces.size(); ++p)
    if (array_of(p, array).type == "Float32") return true;
  return false;
}

std::int64_t VtkTableReader::held_bytes() const {
  std::size_t bytes = bytes_.size();
  for (const auto& [array, values] : values_) bytes += values.size() * sizeof(double);
  return static_cast<std::int64_t>(bytes);
}

void VtkTableReader::read(const std::string& column, std::int64_t first, std::int64_t count, double* out) const {
  const Column& from = columns_.at(column);
  const std::vector<double>& values = values_.at(from.array);
  const std::size_t stride = components(from.array);
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = values[static_cast<std::size_t>(first + i) * stride + from.component];
    if (!std::isfinite(out[i]))
      throw Error(Status::usage, fmt::format("{}, column '{}': row {} is not a finite number; leave such points out", path_,
                                             column, first + i));
  }
}

}  // namespace jetpinn
