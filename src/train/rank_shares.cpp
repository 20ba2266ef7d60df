#include "jetpinn/train/rank_shares.hpp"

#include <cstddef>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

// [ranks] of all terms, in the unit of dealt_by.
std::vector<double> work_of(const Assembly& assembly, const RankBlocks& blocks) {
  std::vector<double> work;
  for (const auto& of_rank : blocks) {
    work.push_back(0);
    for (std::size_t t = 0; t < of_rank.size(); ++t)
      work.back() += assembly.dealt_by[t] * static_cast<double>(rows_of(of_rank[t]));
  }
  return work;
}

}  // namespace

RankShares::RankShares(Communicator& communicator, const Assembly& assembly, const RunOptions& run, Times times)
    : communicator_(communicator),
      assembly_(assembly),
      active_(run.dealing_measured && communicator.size() > 1),
      every_(run.dealing_every),
      times_(std::move(times)) {}

// The memory plan has room for so much more than the planned share, in every stage.
bool RankShares::fits(const std::vector<double>& speeds) const {
  const std::vector<double> alike(speeds.size(), 1.0);
  const auto fits_in = [&](const std::vector<std::int64_t>& counts) {
    const RankBlocks planned = deal_by_speed(counts, assembly_.dealt_by, alike),
                     then = deal_by_speed(counts, assembly_.dealt_by, speeds);
    for (std::size_t r = 0; r < then.size(); ++r)
      for (std::size_t t = 0; t < counts.size(); ++t)
        if (rows_of(then[r][t]) > most_after_dealing(rows_of(planned[r][t]), block_points)) return false;
    return true;
  };
  for (const StagePoints& points : assembly_.choices)
    if (!fits_in(points.counts)) return false;
  return fits_in(assembly_.counts);
}

// Speeds that differ half as much, until the dealing fits: in the end it is the planned one.
std::vector<double> RankShares::look(double computed_s) {
  const std::vector<double> work = work_of(assembly_, assembly_.blocks);
  double seconds = computed_s - std::exchange(looked_s_, computed_s);
  if (times_) seconds = times_(seconds, work[static_cast<std::size_t>(communicator_.rank())]);
  const std::vector<double> measured = measured_.look(communicator_.gather("dealing", seconds), work);
  std::vector<double> speeds = measured;
  if (speeds.empty()) return {};
  while (!fits(speeds))
    for (double& speed : speeds) speed = (speed + 1) / 2;
  const std::vector<double> then = work_of(assembly_, deal_by_speed(assembly_.counts, assembly_.dealt_by, speeds));
  return measured_.is_worth(measured, work, then) ? speeds : std::vector<double>();
}

DealtShares RankShares::record() const {
  DealtShares record{dealings_, work_of(assembly_, assembly_.blocks)};
  const double sum = std::accumulate(record.work.begin(), record.work.end(), 0.0);
  for (double& work : record.work) work /= sum;
  return record;
}

}  // namespace jetpinn
