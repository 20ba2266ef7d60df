#include "jetpinn/kernels/tile_activation.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/pack.hpp"

namespace jetpinn {
namespace {

template <class T, class Function>
void apply(T* values, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += pack_lanes<T>) {
    Pack<T> s[slope_count];
    Function::template derivatives<T, 0>(Function::template memo<T>(load<T>(values + i)), s);
    store<T>(values + i, s[0]);
  }
}

}  // namespace

template <class T>
TileActivation<T> tile_activation(Activation activation) {
  return with_activation(activation, [](auto function) -> TileActivation<T> { return apply<T, decltype(function)>; });
}

template TileActivation<float> tile_activation<float>(Activation);
template TileActivation<double> tile_activation<double>(Activation);

}  // namespace jetpinn
