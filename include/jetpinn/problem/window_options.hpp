// training.windows: a long domain that is trained slice by slice along one coordinate, each slice with a network of its own.
#pragma once

#include "jetpinn/problem/source_text.hpp"

#include <vector>

namespace jetpinn {

struct WindowOptions {
  SourceText coordinate;  // along which the domain is cut; empty: the time of the problem
  int count = 1;          // windows of equal length; 1: the domain is not cut
  SourceText count_place;
  std::vector<SourceText> edges;  // constant expressions, instead of a count; empty: none
  SourceText edges_place;         // of the whole list
  bool from_previous = true;      // a window begins with the parameters of the one before it

  bool cut() const { return count > 1 || !edges.empty(); }
};

}  // namespace jetpinn
