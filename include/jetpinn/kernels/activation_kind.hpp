// The activations by name. Each has its file activation_<name>.hpp, and CMake makes a source of its kernels from this line.
#pragma once

#include <cstddef>

namespace jetpinn {

enum class Activation { tanh, sin, silu, gelu, softplus };
inline constexpr const char* activation_names[] = {"tanh", "sin", "silu", "gelu", "softplus"};

inline constexpr std::size_t activation_count = sizeof(activation_names) / sizeof(activation_names[0]);

}  // namespace jetpinn
