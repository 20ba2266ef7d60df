// What became of a network that was made sparse: per layer and as a whole, as conversion.json and as a table.
#pragma once

#include "jetpinn/bench/sparse_speed.hpp"
#include "jetpinn/compress/format_choice.hpp"
#include "jetpinn/compress/weight_stack.hpp"
#include "jetpinn/study/machine.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct ConversionReport {
  std::string source;  // the file or run that the weights came from
  WeightStack stack;
  std::vector<FormatChoice> layers;
  SparseSpeed speed;
  MachineDescription machine;

  // The sparse network computes what its weights say: each of its sums is as near to the exact one as rounding in the
  // precision allows (compress/rounding_share.hpp), and no output is NaN.
  bool verified() const;
  std::string json() const;
  std::string text() const;
};

// Chooses the formats and measures, in the precision of the weights.
ConversionReport convert(const std::string& source, WeightStack stack, const SparseSpeedOptions& options);

}  // namespace jetpinn
