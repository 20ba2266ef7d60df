// What evaluates a trained network without this program, as names and numbers: what files of networks hold (network.h5,
// .jpn).
#pragma once

#include "jetpinn/network/network.hpp"
#include "jetpinn/problem/problem.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// A step of the program that makes the fields from the last layers' raw outputs. "multiply" 0 2 is NumPy's function of two
// earlier steps; "constant", "coordinate" and "field" begin.
struct OutputStep {
  std::string name;
  double value = 0;                    // of "constant"
  std::vector<std::int64_t> operands;  // numbers of earlier steps; of a coordinate or field, its own
};

struct OutputProgram {
  std::vector<OutputStep> steps;
  std::vector<std::int64_t> result;  // [fields] each field's step
};

// trainables: what the leaves of trained numbers are.
OutputProgram output_program(const Problem& problem, const double* trainables);

// 0: scale x + shift, 1: its cosine, 2: its sine
int number_of(Feature::Kind kind);

// "tanh" of an activation; "-" of a layer that has no function
std::string function_of(const Layer& layer);

// How many features and layers each of several networks has, one network after the other, and the numbers of the fields in
// the order in which they give them.
struct MemberExtents {
  std::vector<std::int64_t> features, layers;  // [members]
  std::vector<std::int64_t> fields;
};
MemberExtents member_extents(const Network& network);

}  // namespace jetpinn
