// What a term's tapes read besides channels: columns of its points, and numbers that are the same for all of them.
#pragma once

#include "jetpinn/plan/term_inputs.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

struct RunNumbers {
  std::vector<double> trainables;  // of the run: parameters behind those of the layers
  std::vector<double> constants;   // of the stage
  // Of a trainable or constant input. Throws Error (usage) for a constant that the stage has not set.
  double value(const TermInput& input) const;
};

// One of a stage's constants; throws Error (usage) beyond them.
double constant_at(const std::vector<double>& constants, int index);

// Points first .. first + count - 1 of a term.
struct TermRange {
  const TermPoints* points = nullptr;
  std::int64_t first = 0, count = 0;

  // [count] values of a coordinate, data column or attribute of a term with so many sites. Throws Error (internal) where the
  // points lack the column.
  const double* column(const TermInput& input, int sites) const;
};

}  // namespace jetpinn
