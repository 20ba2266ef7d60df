// All activations, each in a file of its own (activation_function.hpp: what is in it).
#pragma once

#include "jetpinn/kernels/activation_gelu.hpp"
#include "jetpinn/kernels/activation_silu.hpp"
#include "jetpinn/kernels/activation_sin.hpp"
#include "jetpinn/kernels/activation_softplus.hpp"
#include "jetpinn/kernels/activation_tanh.hpp"

#include <cstddef>
#include <utility>

namespace jetpinn {

template <class F, std::size_t... I>
auto with_activation(Activation activation, const F& f, std::index_sequence<I...>) {
  decltype(f(ActivationFunction<Activation{}>{})) result{};
  const auto number = static_cast<std::size_t>(activation);
  ((number == I && (result = f(ActivationFunction<static_cast<Activation>(I)>{}), true)) || ...);
  return result;
}
// The A of an ActivationFunction<A>.
template <Activation A>
constexpr Activation kind_of(ActivationFunction<A>) {
  return A;
}
// f(ActivationFunction<A>{}) for an activation A that is known at run time.
template <class F>
auto with_activation(Activation activation, const F& f) {
  return with_activation(activation, f, std::make_index_sequence<activation_count>{});
}

}  // namespace jetpinn
