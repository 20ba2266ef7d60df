#include "jetpinn/train/energy.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace jetpinn {

Energy::Energy(Communicator& communicator) {
  const std::vector<std::string> hosts = communicator.gather("setup", host_name());
  first_on_host_ = std::find(hosts.begin(), hosts.end(), host_name()) == hosts.begin() + communicator.rank();
}

double Energy::gather(Communicator& communicator) {
  const double mine = first_on_host_ ? meter_.joules().value_or(-1) : 0;
  double total = 0;
  for (double joules : communicator.gather("summary", mine)) total = joules < 0 || total < 0 ? -1 : total + joules;
  return joules_ = total < 0 || before_ < 0 ? -1 : before_ + total;
}

}  // namespace jetpinn
