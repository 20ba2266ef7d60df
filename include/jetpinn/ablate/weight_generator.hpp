// Networks' weights with planted structure, so that it is known which view of them tells most.
//
// A sample has a class c of four, drawn evenly. Four latent numbers tell of it, each with a scatter of its own:
//   s = m (c - 1.5) + N(0, 1),   and of layer l:   s_l = s + τ N(0, 1),   τ = 3.
// A layer is W = size * (Σ over k = 1, 2, 3 of sqrt(λ_k) u_k v_kᵀ  +  a weak fourth part), with orthonormal u_k, v_k that
// are drawn anew in each layer of each sample, and is stored as LoRA factors turned into each other.
//
//   latent       m    what it sets, in layer l
//   spectrum    2.3   λ = 1/3 + ρ (cos φ, cos(φ - 2π/3), cos(φ + 2π/3)), ρ = 0.3, φ = π/6 (1 + tanh(0.13 s_l)): the sums of
//   λ_k
//                     and of λ_k² are 1 and 1/3 + 3ρ²/2 for every φ, so that neither norm nor fourth moment tells φ
//   size        1.6   size = exp(0.1 s_l)
//   smoothness  0.9   u_k and v_k are x_j + θ x_(j-1) of Gaussian x before they are made orthonormal, θ = 0.4 + 0.08 s, cut
//   to
//                     [0, 0.95]: power of frequency f is 1 + θ² + 2 θ cos(2πf/n)
//   alignment   1.0   v_1 of layer l + 1 is a v_1 of layer l + sqrt(1 - a²) x, x drawn anew, a = 0.5 + 0.07 s, cut to [0,
//   0.95]
//
// A view that sees latents of m_1, m_2, ... cannot do better than to cut their best sum: planted_accuracy(M), M² = Σ m_i²
// (docs/ablate.md has what each view sees, and what it came to).
#pragma once

#include "jetpinn/ablate/weight_shape.hpp"

#include <cstdint>

namespace jetpinn {

struct PlantedSignals {
  double spectrum = 2.3, size = 1.6, smoothness = 0.9, alignment = 1.0;  // m
  double layer_scatter = 3;                                              // τ
};
constexpr int planted_classes = 4;
constexpr std::int64_t planted_parts = 3;  // k; the rank is at least one more

// The best accuracy that a view can have of all that sets four equal classes apart by `signal` deviations from one to the
// next: the mean of Φ(M/2), twice for the outer classes, and 2 Φ(M/2) - 1, twice for the inner ones.
double planted_accuracy(double signal);

class WeightGenerator {
 public:
  // shape.samples is not looked at: a sample is a pure function of seed and index. shape.rank >= planted_parts + 1, or 0 for
  // whole matrices; sides of at least planted_parts + 1. Throws Error (usage).
  WeightGenerator(const WeightShape& shape, std::uint64_t seed, PlantedSignals signals = {});

  const WeightShape& shape() const { return shape_; }
  int label(std::int64_t sample) const;
  // a [layers, rank, columns] and b [layers, rows, rank], or weight [layers, rows, columns].
  void make(std::int64_t sample, float* a, float* b, float* weight) const;

 private:
  struct Latents {
    double spectrum, size, smoothness, alignment;
  };
  Latents latents(std::int64_t sample) const;

  WeightShape shape_;
  std::uint64_t seed_;
  PlantedSignals signals_;
};

}  // namespace jetpinn
