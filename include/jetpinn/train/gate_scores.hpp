// A scoring pass of a gate: what this rank's points of a term matter by (gate/significance.hpp), from a forward sweep.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

struct PointLook {
  std::vector<double> residual;  // [points] s = sqrt(sum_k w_k r_k^2), weights of the config
  std::vector<double> gradient;  // [points] empty where it was not asked for
};

// With `gradients`, the norm of the last layers' part of the gradient of s^2/2, which bounds that of the whole one up to a
// factor that is alike for all points (Katharopoulos, Fleuret, ICML (2018), arXiv:1803.00942). It is
//   g^2 = E_v (sum_k w_k r_k (J v)_k)^2
// over directions v of signs in the parameters of the last layers, estimated from `gate_directions` of them, which are
// functions of (seed, step): g^2 is off by sqrt(2 / gate_directions) in the mean. Not collective. Throws Error (usage) where
// the engine offers no linearisation.
inline constexpr int gate_directions = 4;
PointLook look_at_points(const Assembly& assembly, Engine& engine, const std::vector<double>& parameters, std::size_t term,
                         const TermPoints& points, bool gradients, std::int64_t step);

// A direction of signs in the parameters of the layers that give fields, zero elsewhere. [parameters]
std::vector<double> last_layer_signs(const Network& network, std::uint64_t seed, std::int64_t step, int number);

}  // namespace jetpinn
