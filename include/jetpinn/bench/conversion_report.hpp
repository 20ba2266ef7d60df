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

  // The sparse network computes what the whole matrices do, to rounding: in fp32 it differs by 1e-4 of the largest output at
  // most and 1e-5 of it on average, in fp64 by 1e-8 times as much.
  bool verified() const;
  std::string json() const;
  std::string text() const;
};

// Chooses the formats and measures, in the precision of the weights.
ConversionReport convert(const std::string& source, WeightStack stack, const SparseSpeedOptions& options);

}  // namespace jetpinn
