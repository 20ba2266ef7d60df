#include "jetpinn/kernels/coefficient_adjoint.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/kernel_flop.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <iterator>
#include <string>

namespace jetpinn {
namespace {

constexpr int group = 8;  // monomials whose sums over units are held at once

// slots += coefficient * sum over units of product(p, place of a pack, monomials of a group, their sums), point by point.
template <class T, class Products>
struct CoefficientSums {
  CoefficientSweep<T> sweep;
  const JetMonomial* monomials;
  int count;
  Products products;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    for (int first = 0; first < count; first += group) {
      const int end = first + group < count ? first + group : count;
      Pack<T> sums[group]{};
      for (std::int64_t j = 0; j < sweep.tile.width; j += pack_lanes<T>)
        products(sweep, p * sweep.tile.width + j, monomials + first, end - first, sums);
      for (int m = first; m < end; ++m)
        sweep.slots[monomials[m].slot * sweep.stride + p] +=
            monomials[m].coefficient * static_cast<double>(sum_lanes(sums[m - first]));
    }
  }
};

template <class T, class Function>
struct ActivationProducts {
  int degree;  // the highest of the monomials

  KOKKOS_FUNCTION void operator()(const CoefficientSweep<T>& sweep, std::int64_t at, const JetMonomial* monomials, int count,
                                  Pack<T>* sums) const {
    const std::int64_t stride = sweep.tile.points * sweep.tile.width;
    Pack<T> s[slope_count];
    if (degree <= 4)
      Function::template derivatives<T, 4>(load(sweep.z + at), s);
    else
      Function::template derivatives<T, 6>(load(sweep.z + at), s);
    for (int m = 0; m < count; ++m) {
      Pack<T> product = s[monomials[m].degree] * load(sweep.adjoint + at + monomials[m].target * stride);
      for (int f = 0; f < monomials[m].degree; ++f) product = product * load(sweep.z + at + monomials[m].factor[f] * stride);
      sums[m] += product;
    }
  }
};

template <class T>
struct GateProducts {
  KOKKOS_FUNCTION void operator()(const CoefficientSweep<T>& sweep, std::int64_t at, const JetMonomial* monomials, int count,
                                  Pack<T>* sums) const {
    const std::int64_t stride = sweep.tile.points * sweep.tile.width;
    for (int m = 0; m < count; ++m) {
      const std::int64_t a = at + monomials[m].factor[0] * stride, b = at + monomials[m].factor[1] * stride;
      const Pack<T> da = load(sweep.v + a) - load(sweep.u + a), db = load(sweep.v + b) - load(sweep.u + b);
      sums[m] += load(sweep.adjoint + at + monomials[m].target * stride) * (load(sweep.z + a) * db + load(sweep.z + b) * da);
    }
  }
};

int highest_degree(const std::vector<JetMonomial>& monomials) {
  int degree = 0;
  for (const JetMonomial& m : monomials) degree = std::max(degree, m.degree);
  return degree;
}

template <class T, class Products>
void run(const std::string& label, const std::vector<JetMonomial>& monomials, const CoefficientSweep<T>& sweep,
         Products products) {
  Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, sweep.tile.points),
                       CoefficientSums<T, Products>{sweep, monomials.data(), static_cast<int>(monomials.size()), products});
}

}  // namespace

std::vector<JetMonomial> monomials_of_degree_two(const std::vector<JetMonomial>& monomials) {
  std::vector<JetMonomial> pairs;
  std::copy_if(monomials.begin(), monomials.end(), std::back_inserter(pairs),
               [](const JetMonomial& m) { return m.degree == 2; });
  return pairs;
}

template <class T>
void activation_coefficients_reverse(Stream, Activation activation, const std::vector<JetMonomial>& monomials,
                                     const CoefficientSweep<T>& sweep) {
  static const std::string label = "jetpinn::activation_coefficients_reverse";
  with_activation(activation, [&](auto function) {
    run(label, monomials, sweep, ActivationProducts<T, decltype(function)>{highest_degree(monomials)});
    return true;
  });
}

template <class T>
void gate_coefficients_reverse(Stream, const std::vector<JetMonomial>& monomials, const CoefficientSweep<T>& sweep) {
  static const std::string label = "jetpinn::gate_coefficients_reverse";
  run(label, monomials, sweep, GateProducts<T>{});
}

template <class T>
void features_reverse(Stream, JetTile tile, const std::vector<int>& channel, const std::vector<int>& feature,
                      const T* weights, const T* adjoint, T* xbar, std::int64_t stride) {
  static const std::string label = "jetpinn::features_reverse";
  const auto pairs = static_cast<std::int64_t>(channel.size());
  const int *channels = channel.data(), *features = feature.data();
  Kokkos::parallel_for(
      label, Kokkos::RangePolicy<std::int64_t>(0, pairs * tile.points), KOKKOS_LAMBDA(std::int64_t i) {
        const std::int64_t e = i / tile.points, p = i % tile.points;
        const T* row = adjoint + (channels[e] * tile.points + p) * tile.width;
        Pack<T> sum{};
        for (std::int64_t j = 0; j < tile.width; j += pack_lanes<T>)
          sum += load(row + j) * load(weights + features[e] * tile.width + j);
        xbar[e * stride + p] = sum_lanes(sum);
      });
}

template <class T>
double activation_coefficients_flop(Activation activation, const std::vector<JetMonomial>& monomials) {
  if (monomials.empty()) return 0;
  double flop = activation_derivatives_flop<T>(activation, highest_degree(monomials) <= 4 ? 4 : 6);
  for (const JetMonomial& m : monomials) flop += m.degree + 2;
  return flop;
}

double gate_coefficients_flop(const std::vector<JetMonomial>& monomials) {
  return 7.0 * static_cast<double>(monomials.size());
}

#define JETPINN_INSTANTIATE(T)                                                                                             \
  template void activation_coefficients_reverse<T>(Stream, Activation, const std::vector<JetMonomial>&,                    \
                                                   const CoefficientSweep<T>&);                                            \
  template void gate_coefficients_reverse<T>(Stream, const std::vector<JetMonomial>&, const CoefficientSweep<T>&);         \
  template void features_reverse<T>(Stream, JetTile, const std::vector<int>&, const std::vector<int>&, const T*, const T*, \
                                    T*, std::int64_t);                                                                     \
  template double activation_coefficients_flop<T>(Activation, const std::vector<JetMonomial>&);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
