// Numbers of a problem: its constants, and those that are trained.
#pragma once

#include "jetpinn/expr/trained_number.hpp"
#include "jetpinn/problem/scales.hpp"
#include "jetpinn/problem/source_text.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// A number that is trained, as constant expressions.
struct TrainedText {
  SourceText start;
  std::optional<SourceText> lower, upper;
  double learning_rate = 0;  // 0: the stage's
};

// Trained numbers with their bounds, in the order of their names. Throws Error (usage) pointing at a bound or a start that
// does not fit the others, or at a scale that cannot be one.
std::vector<TrainedNumber> read_trained(const std::map<std::string, TrainedText>& texts,
                                        const std::map<std::string, double>& constants, const ScalesText& scales = {});

// Values of constants that may refer to one another in any order. Throws Error (usage) pointing at the culprit.
// refused: names that mean something else in the config, and why they are no constants.
std::map<std::string, double> evaluate_constants(const std::map<std::string, SourceText>& texts,
                                                 const std::map<std::string, std::string>& refused = {});

}  // namespace jetpinn
