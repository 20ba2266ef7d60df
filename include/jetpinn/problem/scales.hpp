// Scales of a problem: the sizes that its coordinates, fields and trained numbers have, so that what is trained is of
// size 1.
//
// With U the scale of a field, the network gives u/U, and output transforms stand between the two. With X that of a
// coordinate, a derivative by it has the size U/X. Each residual is divided by the size of its largest summand
// (train/scales.hpp), so that the loss compares equations with conditions. A trained number without bounds is its scale
// times what is trained.
#pragma once

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/expr/trained_number.hpp"
#include "jetpinn/problem/source_text.hpp"

#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct ScalesText {
  bool automatic = false;                    // "auto"
  std::map<std::string, SourceText> values;  // by the names of coordinates, fields and trained numbers
  bool given() const { return automatic || !values.empty(); }
};

struct Scale {
  double value = 0;    // 0: still to be chosen
  std::string reason;  // "given", or what it follows from
};

struct Scales {
  bool on = false;
  std::vector<Scale> coordinates, fields;  // [differentiable coordinates], [fields]
};

// What the text gives; the others are to be chosen. Throws Error (usage) for a scale that is no finite number above zero.
Scales read_scales(const ScalesText& text, const SymbolTable& symbols);

// The scale of a trained number: given, or the size of its start; 1 where that is 0. Bounds set one themselves: 1 then.
// Throws Error (usage) as above, and for a scale that is given beside bounds.
double scale_of(const ScalesText& text, const TrainedNumber& number, const SymbolTable& constants);

}  // namespace jetpinn
