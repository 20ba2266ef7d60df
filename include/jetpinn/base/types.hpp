// Names that every row of the ladder shares.
#pragma once

#include <array>
#include <cstdint>

namespace jetpinn {

enum class Precision { fp64, fp32, tf32, bf16, fp16 };
enum class Reproducibility { fast, run, ranks };
enum class EngineKind { jets, reference };

// The unit of ownership, shuffling and reproducibility: this many points of one term (the last block may be short).
inline constexpr std::int64_t block_points = 256;

// Derivatives are carried up to this order.
inline constexpr int max_order = 6;

const char* to_string(Precision);
const char* to_string(Reproducibility);
const char* to_string(EngineKind);

}  // namespace jetpinn
