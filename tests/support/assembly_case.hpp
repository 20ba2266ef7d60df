// Assemblies of terms that differ in their points.
#pragma once

#include "jetpinn/io/point_table.hpp"
#include "jetpinn/train/assembly.hpp"
#include "support/problem_text.hpp"
#include "support/stored_case.hpp"

#include <string>

namespace jetpinn::testing {

// Terms of several blocks, of less than one, and of a single point; with one weight per point, and with one per residual.
inline Assembly shared_assembly(int ranks) {
  TermText heat = term("heat", "u_t - u_xx"), walls = term("walls", "u", "x == -1 || x == 1");
  heat.weight = {source("1 + t")};
  walls.residuals.push_back(source("u_t"));
  walls.weight = {source("2 + x"), source("3")};
  SamplingOptions sampling;
  sampling.points = {{"heat", 5 * block_points + 17}, {"walls", 2 * block_points}};
  return assemble(problem_of({heat, walls, term("start", "u - 1", "t == 0"), term("corner", "u", "t == 0 && x == 1")}),
                  NetworkOptions{}, sampling, 3, ranks);
}

inline constexpr int rank_counts[] = {1, 2, 3, 7, 20};  // of the last some hold nothing

// A term with stored points: 2 coordinates, the columns of the table, and a weight that the term has of its own as well.
inline Assembly stored_assembly(const std::string& file, int ranks, const std::string& weight = "") {
  write_point_table(file, stored_table());
  TermText initial = term("initial", "u - sin(pi*x)", "t == 0 || x == 1");
  if (!weight.empty()) initial.weight = {source(weight)};
  return assemble(problem_of({term("heat", "u_t - u_xx"), initial}), NetworkOptions{}, stored_sampling(file), 3, ranks);
}

}  // namespace jetpinn::testing
