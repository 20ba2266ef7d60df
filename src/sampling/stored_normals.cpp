#include "jetpinn/sampling/stored_normals.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace jetpinn {
namespace {

double length_of(const std::vector<double>& normal) {
  return std::sqrt(std::inner_product(normal.begin(), normal.end(), normal.begin(), 0.0));
}

}  // namespace

std::vector<std::size_t> normal_components(const std::vector<TableColumn>& attributes) {
  std::vector<std::size_t> components;
  for (std::size_t k = 0; k < attributes.size(); ++k)
    if (attributes[k].name.rfind("n_", 0) == 0) components.push_back(k);
  return components;
}

bool make_unit(std::vector<double>& normal) {
  const double length = length_of(normal);
  if (!(std::abs(length - 1) <= normal_length_room)) return false;
  const double rounding = static_cast<double>(normal.size() + 2) * std::numeric_limits<double>::epsilon();
  if (std::abs(length - 1) <= rounding) return true;
  for (double& component : normal) component /= length;
  return true;
}

void fail_normal(const std::string& file, std::int64_t row, const std::vector<std::string>& names,
                 const std::vector<double>& normal) {
  std::string components, values;
  for (std::size_t k = 0; k < names.size(); ++k) {
    components += (k > 0 ? ", " : "") + names[k];
    values += fmt::format("{}{:.6g}", k > 0 ? ", " : "", normal[k]);
  }
  throw Error(
      Status::usage,
      fmt::format("row {} of {}: the normal ({}) = ({}) has length {:.6g}, and a normal in the space of this problem has "
                  "length 1, within {:.0f} %; mend it, or leave the row out",
                  row, file, components, values, length_of(normal), 100 * normal_length_room));
}

}  // namespace jetpinn
