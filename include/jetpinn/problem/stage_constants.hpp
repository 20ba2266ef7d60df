// Constants that have another value in a stage: which ones, those that follow from them included, and where none may stand.
#pragma once

#include "jetpinn/problem/problem.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace jetpinn {

// The constants of `text` whose values differ under the overrides of a stage. Throws Error (usage) with the place.
std::map<std::string, double> changed_constants(const ProblemText& text, std::size_t stage);

// Throws Error (usage) where the domain, a set, a weight, a scale or an output transform reads one of them: what follows
// from those is made once for the whole run. A weight of the stage itself may read them.
void require_fixed_places(const ProblemText& text, const std::map<std::string, double>& changed, std::size_t stage);

}  // namespace jetpinn
