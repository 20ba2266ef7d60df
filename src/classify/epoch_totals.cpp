#include "jetpinn/classify/epoch_totals.hpp"

#include "jetpinn/classify/image_engine.hpp"

#include <algorithm>

namespace jetpinn {

void EpochTotals::account(const Agreed& agreed, std::int64_t images, std::int64_t trained) {
  const auto count = static_cast<double>(trained);
  loss_ += count * agreed.terms[cross_entropy];
  wrong_ += count * agreed.terms[wrong];
  images_ += images, trained_ += trained;
  images_in_all_ += images, trained_in_all_ += trained;
}

void EpochTotals::tell(EpochRecord& record, double time_s, double joules) const {
  const double count = static_cast<double>(std::max<std::int64_t>(trained_, 1));
  record.loss = loss_ / count;
  record.accuracy = 1 - wrong_ / count;
  record.images = images_;
  record.trained = trained_;
  record.time_s = time_s;
  record.epoch_s = time_s - begin_s_;
  record.joules = joules;
  record.epoch_joules = joules < 0 || begin_joules_ < 0 ? -1 : joules - begin_joules_;
}

void EpochTotals::begin(double time_s, double joules) {
  loss_ = wrong_ = 0;
  images_ = trained_ = 0;
  begin_s_ = time_s;
  begin_joules_ = joules;
}

State EpochTotals::state() {
  return {{"loss", &loss_},
          {"wrong", &wrong_},
          {"images", &images_},
          {"trained", &trained_},
          {"images_in_all", &images_in_all_},
          {"trained_in_all", &trained_in_all_},
          {"begin_s", &begin_s_},
          {"begin_joules", &begin_joules_}};
}

}  // namespace jetpinn
