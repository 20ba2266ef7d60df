#include "jetpinn/bench/burgers_solution.hpp"

#include "jetpinn/io/point_table.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {
const double pi = std::acos(-1.0);
}

// u = -∫ sin(π(x - η)) e^E dη / ∫ e^E dη, E = -cos(π(x - η)) / (2πν) - η² / (4νt). With η = z √(4νt) the second part of E is
// -z², and the first varies by 1/(πν), at most 100: beyond |z| = 12 nothing is left of the largest part.
double burgers_solution(double t, double x, double nu) {
  if (t == 0) return -std::sin(pi * x);
  constexpr double step = 0.02, reach = 12;
  const double length = std::sqrt(4 * nu * t);
  const auto exponent = [&](double z) { return -std::cos(pi * (x - z * length)) / (2 * pi * nu) - z * z; };
  double largest = -std::numeric_limits<double>::infinity();
  for (double z = -reach; z <= reach; z += step) largest = std::fmax(largest, exponent(z));
  double above = 0, below = 0;
  for (double z = -reach; z <= reach; z += step) {
    const double weight = std::exp(exponent(z) - largest);
    above += std::sin(pi * (x - z * length)) * weight;
    below += weight;
  }
  return -above / below;
}

void write_burgers_table(const std::string& path, double nu, int times, int places) {
  PointTable table;
  table.names = {"t", "x", "u"};
  table.columns.resize(3);
  for (int i = 0; i < times; ++i) {
    for (int j = 0; j < places; ++j) {
      const double t = static_cast<double>(i) / (times - 1), x = -1 + 2 * static_cast<double>(j) / (places - 1);
      table.columns[0].push_back(t);
      table.columns[1].push_back(x);
      table.columns[2].push_back(burgers_solution(t, x, nu));
    }
  }
  write_point_table(path, table);
}

}  // namespace jetpinn
