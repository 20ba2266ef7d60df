// The heat equation on a network of two narrow layers and few points, for tests of what a run does rather than computes.
#pragma once

#include "jetpinn/train/assembly.hpp"
#include "support/problem_text.hpp"

#include <cstdint>

namespace jetpinn::test {

inline Assembly small_assembly(std::int64_t heat = 30, std::int64_t initial = 10) {
  NetworkOptions network;
  network.hidden = {6, 6};
  SamplingOptions sampling;
  sampling.points = {{"heat", heat}, {"initial", initial}};
  return assemble(testing::heat_problem(), network, sampling, 0, 1);
}

}  // namespace jetpinn::test
