#include "jetpinn/bench/target_rows.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace jetpinn {

// Of the time a row may take, as much is used as still lowers the error; half where the result is good by then. At 1k points
// a step is so short that 50 pairs would take a quarter of the time and leave the same loss.
const std::vector<TargetRow>& target_rows() {
  static const std::vector<TargetRow> rows{
      {"1k", 1000, 50, 5, 512, 0.80, 0, 4.1, 1500, 20},
      {"10k", 10000, 200, 30, 2000, 0.85, 0, 24, 600},
      {"50k", 50000, 500, 180, 8000, 0.90, 0, 120, 300},
      {"100k", 100000, 1000, 600, 16000, 0.90, 1e-3, 300, 300},
  };
  return rows;
}

std::vector<TargetRow> choose_rows(const std::string& list) {
  if (list.empty()) return target_rows();
  std::vector<std::string> known;
  for (const TargetRow& row : target_rows()) known.push_back(row.name);
  std::vector<TargetRow> chosen;
  std::istringstream names(list);
  for (std::string name; std::getline(names, name, ',');) {
    const auto found =
        std::find_if(target_rows().begin(), target_rows().end(), [&](const TargetRow& row) { return row.name == name; });
    if (found == target_rows().end()) {
      const std::string nearest = nearest_name(name, known);
      throw Error(Status::usage,
                  "--rows: there is no row '" + name + "'; " +
                      (nearest.empty() ? "there are 1k, 10k, 50k and 100k" : "did you mean '" + nearest + "'?"));
    }
    chosen.push_back(*found);
  }
  return chosen;
}

std::string target_config(const TargetRow& row, const std::string& reference) {
  return fmt::format(
      R"toml(# Burgers' equation on {points} points: a row of the table of targets, written by jetpinn bench targets.
name = "targets_{name}"

[problem]
coordinates = ["t", "x"]
fields      = ["u"]
constants   = {{ nu = "0.01/pi" }}
definitions = {{ flux = "nu*u_x" }}
domain      = {{ t = [0, 1], x = [-1, 1] }}

[[problem.equations]]
name     = "burgers"
residual = "u_t + u*u_x - d(flux, x)"

[[problem.conditions]]
name     = "initial"
on       = "t == 0"
residual = "u + sin(pi*x)"
weight   = 10

[[problem.conditions]]
name     = "walls"
on       = "x == -1 || x == 1"
residual = "u"

[reference]
file = "{reference}"

[network]
hidden     = [64, 64, 64, 64]
activation = "tanh"

[sampling]
method = "sobol"
points = {{ burgers = {inner}, initial = {conditions}, walls = {conditions} }}

[training]
precision = "fp32"
stop      = {{ time = {train} }}

[[training.stages]]
optimizer     = "adam"
steps         = {adam}
learning_rate = {{ schedule = "cosine", start = 3e-3, end = 1e-4, warmup = 50 }}

[[training.stages]]
optimizer = "lbfgs"
precision = "fp32"                          # half the time of fp64; above a loss of 1e-5 its line search sees enough digits
steps     = 1000000                         # until the time is up
history   = {history}

[output]
evaluate_every = 0                          # at the end only
)toml",
      fmt::arg("name", row.name), fmt::arg("points", row.points), fmt::arg("inner", row.points - 2 * row.conditions),
      fmt::arg("conditions", row.conditions), fmt::arg("reference", reference), fmt::arg("train", row.train_s),
      fmt::arg("adam", row.adam_steps), fmt::arg("history", row.history));
}

}  // namespace jetpinn
