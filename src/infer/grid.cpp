#include "jetpinn/infer/grid.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace jetpinn {
namespace {

constexpr double largest_grid = 1e14;   // 800 TB per column

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\n"), last = text.find_last_not_of(" \t\n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

[[noreturn]] void refuse(const std::string& part, const std::string& reason) {
  throw Error(Status::usage, "--grid '" + part + "': " + reason + "; write for example t=0:1:101,x=-1:1:201");
}

double number_from(const std::string& text, const std::string& part, const std::map<std::string, double>& constants) {
  double value = 0;
  try {
    value = parse_constant(text, constants);
  } catch (const ExpressionError& error) {
    refuse(part, "'" + text + "' is not a number (" + error.what() + ")");
  }
  if (!std::isfinite(value)) refuse(part, "'" + text + "' is not a finite number");
  return value;
}

GridAxis parse_axis(const std::string& part, const std::string& values, const std::map<std::string, double>& constants) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin <= values.size();) {
    const std::size_t end = std::min(values.find(':', begin), values.size());
    items.push_back(trimmed(values.substr(begin, end - begin)));
    begin = end + 1;
  }
  GridAxis axis;
  if (items.size() != 1 && items.size() != 3) refuse(part, "first:last:count is needed, or one value");
  axis.first = axis.last = number_from(items[0], part, constants);
  if (items.size() == 1) return axis;
  axis.last = number_from(items[1], part, constants);
  const auto [end, trouble] = std::from_chars(items[2].data(), items[2].data() + items[2].size(), axis.count);
  if (trouble != std::errc() || end != items[2].data() + items[2].size() || axis.count < 1)
    refuse(part, "'" + items[2] + "' is not a number of points");
  if (axis.count == 1 && axis.first != axis.last) refuse(part, "one point cannot include both ends");
  return axis;
}

}  // namespace

double GridAxis::at(std::int64_t i) const {
  if (i == count - 1) return last;   // without rounding
  return first + (last - first) * (static_cast<double>(i) / static_cast<double>(count - 1));
}

std::int64_t PointGrid::rows() const {
  std::int64_t product = 1;
  for (const GridAxis& axis : axes) product *= axis.count;
  return product;
}

void PointGrid::generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t rest = first + i;
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
      out[axis->coordinate * stride + i] = axis->at(rest % axis->count);
      rest /= axis->count;
    }
  }
}

PointGrid parse_grid(const std::string& text, const std::vector<std::string>& coordinates,
                     const std::map<std::string, double>& constants, const std::vector<GridAxis>& held, int parameters) {
  PointGrid grid;
  double rows = 1;
  std::vector<bool> given(coordinates.size(), false);
  for (const GridAxis& axis : held) given[static_cast<std::size_t>(axis.coordinate)] = true;
  for (const std::string& part : split_list(text, "--grid")) {
    const std::size_t sign = part.find('=');
    if (sign == std::string::npos) refuse(part, "no '=' in it");
    const std::string name = trimmed(part.substr(0, sign));
    const auto found = std::find(coordinates.begin(), coordinates.end(), name);
    if (found == coordinates.end()) {
      const std::string near = nearest_name(name, coordinates);
      refuse(part, "unknown coordinate '" + name + "'" + (near.empty() ? "" : ", did you mean '" + near + "'?"));
    }
    const auto coordinate = static_cast<std::size_t>(found - coordinates.begin());
    if (given[coordinate] && coordinate + static_cast<std::size_t>(parameters) >= coordinates.size())
      refuse(part, "the parameter '" + name + "' is given twice, by --at or in the grid");
    if (given[coordinate]) refuse(part, "the coordinate '" + name + "' is given twice");
    given[coordinate] = true;
    grid.axes.push_back(parse_axis(part, part.substr(sign + 1), constants));
    grid.axes.back().coordinate = static_cast<int>(coordinate);
    rows *= static_cast<double>(grid.axes.back().count);   // a whole number could overflow
    if (rows > largest_grid) refuse(part, "too many points");
  }
  for (std::size_t d = 0; d < coordinates.size(); ++d) {
    if (given[d]) continue;
    if (d + static_cast<std::size_t>(parameters) < coordinates.size())
      refuse(text, "the coordinate '" + coordinates[d] + "' is missing");
    throw Error(Status::usage, "--grid '" + text + "': the parameter '" + coordinates[d] +
                                   "' has no value; give it by --at " + coordinates[d] + "=VALUE, or an axis in the grid");
  }
  grid.axes.insert(grid.axes.end(), held.begin(), held.end());
  return grid;
}

std::vector<std::string> split_list(const std::string& text, const std::string& option) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (char c : text) {
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (depth < 0) break;
    if (c == ',' && depth == 0) parts.emplace_back();
    else parts.back() += c;
  }
  if (depth != 0) throw Error(Status::usage, option + " '" + text + "': brackets do not match");
  for (std::string& part : parts) {
    part = trimmed(part);
    if (part.empty())
      throw Error(Status::usage, option + " '" + text + "': an entry is empty; separate entries by one comma");
  }
  return parts;
}

}  // namespace jetpinn
