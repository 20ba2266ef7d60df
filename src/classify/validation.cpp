#include "jetpinn/classify/validation.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/classify/image_batches.hpp"

#include <limits>
#include <numeric>

namespace jetpinn {

Validation validate_images(ImageEngine& engine, const RankSumSetting& sums, const double* parameters, const ImageSet& set) {
  const ScopedRegion region(Region::evaluation, "jetpinn::validation");
  constexpr std::int64_t block = ImageEngine::images_of_pass;
  const std::int64_t classes = set.classes;
  RankSum sum(sums, 1 + 2 * classes, 1 + 2 * classes);  // loss | images of each class | right ones of each class
  sum.begin();
  sum.attempt([&] {
    const std::vector<Block> blocks = blocks_of_rank(set.count(), block, sums.communicator.rank(), sums.communicator.size());
    engine.visit(parameters, set, blocks,
                 [&](std::int64_t first, std::int64_t count, const double* losses, const double* logits) {
                   sum.put(0, std::accumulate(losses, losses + count, 0.0));
                   for (std::int64_t i = 0; i < count; ++i) {
                     const std::int64_t label = set.labels[static_cast<std::size_t>(first + i)];
                     sum.put(1 + label, 1);
                     if (names_class(logits + i * classes, classes, label)) sum.put(1 + classes + label, 1);
                   }
                 });
  });
  sum.exchange();
  sum.throw_if_failed();
  const double* total = sum.values();
  Validation result;
  result.loss = total[0] / static_cast<double>(set.count());
  result.accuracy = std::accumulate(total + 1 + classes, total + 1 + 2 * classes, 0.0) / static_cast<double>(set.count());
  for (std::int64_t c = 0; c < classes; ++c)
    result.accuracy_of_class.push_back(total[1 + c] > 0 ? total[1 + classes + c] / total[1 + c]
                                                        : std::numeric_limits<double>::quiet_NaN());
  return result;
}

}  // namespace jetpinn
