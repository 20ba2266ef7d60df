// A problem on [0, 1] whose condition has its points from a table, and such a table.
#pragma once

#include "jetpinn/io/csv_table.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/problem/problem.hpp"
#include "support/problem_text.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

namespace jetpinn::testing {

// u = sin(pi*x) at places in no order, with a standard deviation that differs from row to row.
inline PointTable wave_table(std::int64_t rows = 700) {
  PointTable table;
  table.names = {"su", "u", "x"};
  table.columns.resize(3);
  for (std::int64_t row = 0; row < rows; ++row) {
    const double x = std::fmod(0.618 * static_cast<double>(row), 1.0);
    table.columns[0].push_back(0.5 + 0.25 * static_cast<double>(row % 3));
    table.columns[1].push_back(std::sin(std::numbers::pi * x));
    table.columns[2].push_back(x);
  }
  return table;
}

inline void write_csv(const std::string& path, const PointTable& table) {
  CsvTableWriter csv(path, table.names);
  std::vector<double> values;
  for (const auto& column : table.columns) values.insert(values.end(), column.begin(), column.end());
  csv.write(0, table.rows(), values.data(), table.rows());
  csv.finish();
}

struct WaveText {
  std::string residual = "u - data.u", sigma = "data.su", weight{};
  double holdout = 0;
  std::string holdout_by{};
};

// "wave" is an equation whose points are drawn, "measured" has those of the file.
inline Problem wave_problem(const std::string& file, const WaveText& text = {}) {
  ProblemText problem;
  problem.coordinates = {"x"};
  problem.fields = {"u"};
  problem.domain["x"] = {source("0"), source("1")};
  TermText measured = term("measured", text.residual);
  measured.equation = false;
  measured.points = source(file);
  if (!text.sigma.empty()) measured.sigma = {source(text.sigma)};
  if (!text.weight.empty()) measured.weight = {source(text.weight)};
  measured.holdout = text.holdout;
  if (!text.holdout_by.empty()) measured.holdout_by = source(text.holdout_by);
  problem.terms = {term("wave", "u_xx + pi^2*u"), measured};
  return build_problem(problem);
}

}  // namespace jetpinn::testing
