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

void EpochTotals::tell(EpochRecord& record, const RunSpent& spent) const {
  const double count = static_cast<double>(std::max<std::int64_t>(trained_, 1));
  record.loss = loss_ / count;
  record.accuracy = 1 - wrong_ / count;
  record.images = images_;
  record.trained = trained_;
  record.saved = 1 - static_cast<double>(trained_in_all_) / static_cast<double>(std::max<std::int64_t>(images_in_all_, 1));
  record.time_s = spent.time_s;
  record.epoch_s = spent.time_s - begin_.time_s;
  record.joules_modelled = spent.joules < 0;
  record.joules = record.joules_modelled ? spent.modelled_joules : spent.joules;
  const double begin = record.joules_modelled ? begin_.modelled_joules : begin_.joules;
  record.epoch_joules = begin < 0 ? -1 : record.joules - begin;
}

void EpochTotals::begin(const RunSpent& spent) {
  loss_ = wrong_ = 0;
  images_ = trained_ = 0;
  begin_ = spent;
}

State EpochTotals::state() {
  return {{"loss", &loss_},
          {"wrong", &wrong_},
          {"images", &images_},
          {"trained", &trained_},
          {"images_in_all", &images_in_all_},
          {"trained_in_all", &trained_in_all_},
          {"begin_s", &begin_.time_s},
          {"begin_joules", &begin_.joules},
          {"begin_modelled_joules", &begin_.modelled_joules}};
}

}  // namespace jetpinn
