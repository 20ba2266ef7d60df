#pragma once

namespace jetpinn {

enum class Activation { tanh, sin, silu, gelu, softplus };

}  // namespace jetpinn
