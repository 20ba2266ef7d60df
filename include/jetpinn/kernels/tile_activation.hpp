// An activation of many values in place: of a tile of points, or of whole rows.
#pragma once

#include "jetpinn/kernels/activation_kind.hpp"

#include <cstdint>

namespace jetpinn {

// values [count], whole packs.
template <class T>
using TileActivation = void (*)(T* values, std::int64_t count);

template <class T>
TileActivation<T> tile_activation(Activation activation);

}  // namespace jetpinn
