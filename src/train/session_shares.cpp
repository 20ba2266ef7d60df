// What changes hands when the ranks' shares of the points are dealt anew between two steps.
#include "jetpinn/train/session.hpp"

#include "jetpinn/base/region.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

namespace jetpinn {

// At level `ranks` no bit changes with it. What is drawn is made by whoever has it now; what is kept is sent; what is
// streamed is read.
void Session::deal_anew_if_due() {
  if (!shares.due(step)) return;
  const std::vector<double> speeds = shares.look(objective->computed_s());
  if (speeds.empty()) return;
  const ScopedRegion region(Region::sampling, "jetpinn::dealing");
  const RankBlocks next = deal_by_speed(assembly.counts, assembly.dealt_by, speeds);
  streams.leave_blocks();
  points.exchange(communicator_, next);
  assembly.speeds = speeds;
  adaptive.deal_anew();
  if (balance) balance->exchange_points(communicator_, next);
  assembly.deal_anew();
  communicator_.agree("dealing", [&] { points.draw(); });
  streams.follow(points.set_to_write());
  if (balance) balance->weigh(points.set_to_write());
  use_engine();  // whose profile counts points
  shares.count_dealing();
  std::vector<std::string> parts;
  for (const double work : shares.record().work) parts.push_back(fmt::format("{:.1f} %", 100 * work));
  reports_.note(fmt::format("points are dealt anew before step {}, by the times of the ranks, which now have {} of the work",
                            step, fmt::join(parts, ", ")));
}

}  // namespace jetpinn
