#include "jetpinn/kernels/attention_pattern.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

// A tenth of thirty tiles is three, whatever the rounding of the product.
constexpr double rounding_of_ratio = 1e-9;

}  // namespace

AttentionPattern attention_pattern(std::int64_t tokens, std::int64_t width, const AttentionOptions& options) {
  JETPINN_CHECK(tokens >= 1 && width >= 1, "attention without tokens or without width");
  JETPINN_CHECK(options.global >= 0 && options.window >= 0, "attention with a negative count of tokens");
  JETPINN_CHECK(options.ratio >= 0 && options.ratio <= 1, "attention to a share of the tiles outside of [0, 1]");
  JETPINN_CHECK(options.tile >= 1 && options.tile <= largest_tile, "attention by tiles of no possible size");
  AttentionPattern pattern{tokens, width, options.tile, std::min(options.global, tokens), 0, 0};
  const std::int64_t to_either_side = std::min((options.window + 1) / 2, tokens);
  pattern.reach = (to_either_side + options.tile - 1) / options.tile;
  pattern.chosen =
      static_cast<std::int64_t>(std::ceil(options.ratio * static_cast<double>(pattern.tiles()) - rounding_of_ratio));
  pattern.chosen = std::max<std::int64_t>(pattern.chosen, 0);
  return pattern;
}

AttentionPattern dense_pattern(std::int64_t tokens, std::int64_t width) {
  return attention_pattern(tokens, width, {0, 2 * tokens, 0});
}

}  // namespace jetpinn
