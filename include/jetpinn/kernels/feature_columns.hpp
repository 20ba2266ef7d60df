// Columns over points that feed the first layer.
#pragma once

#include "jetpinn/base/stream.hpp"

#include <cstdint>

namespace jetpinn {

// sine[i] = sin(scale * x[i] + shift), cosine[i] likewise. x: [points]; the outputs hold whole packs,
// padded<double>(points) values.
void sincos_columns(Stream stream, std::int64_t points, const double* x, double scale, double shift, double* sine,
                    double* cosine);

}  // namespace jetpinn
