#include "jetpinn/network/run_networks.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <numeric>

namespace jetpinn {
namespace {

std::vector<int> field_numbers(const NetworkOptions& options, const std::vector<std::string>& fields) {
  std::vector<int> numbers(fields.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  if (options.fields.empty()) return numbers;
  numbers.clear();
  for (const std::string& name : options.fields) {
    const auto found = std::find(fields.begin(), fields.end(), name);
    if (found == fields.end()) throw Error(Status::usage, "a network gives '" + name + "', which is no field");
    numbers.push_back(static_cast<int>(found - fields.begin()));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string name_of(const std::vector<int>& numbers, const std::vector<std::string>& fields) {
  std::string name;
  for (const int number : numbers) name += (name.empty() ? "" : ", ") + fields[static_cast<std::size_t>(number)];
  return name;
}

}  // namespace

std::vector<NetworkOptions> networks_of(const NetworkOptions& options) {
  return options.members.empty() ? std::vector<NetworkOptions>{options} : options.members;
}

std::vector<std::string> periodic_in_all(const NetworkOptions& options) {
  const std::vector<NetworkOptions> networks = networks_of(options);
  std::vector<std::string> names = networks[0].periodic;
  std::erase_if(names, [&](const std::string& name) {
    return std::any_of(networks.begin(), networks.end(), [&](const NetworkOptions& network) {
      return std::find(network.periodic.begin(), network.periodic.end(), name) == network.periodic.end();
    });
  });
  return names;
}

std::vector<MemberOptions> members_of(const NetworkOptions& options, const std::vector<std::string>& fields) {
  std::vector<MemberOptions> members;
  const std::vector<NetworkOptions> networks = networks_of(options);
  for (const NetworkOptions& network : networks) {
    const std::vector<int> numbers = field_numbers(network, fields);
    members.push_back({network, networks.size() > 1 ? name_of(numbers, fields) : "", numbers});
  }
  return members;
}

Network make_network(const NetworkOptions& options, const std::vector<std::string>& coordinates,
                     const std::vector<std::string>& fields, const std::vector<double>& lower,
                     const std::vector<double>& upper) {
  return make_networks(members_of(options, fields), coordinates, lower, upper);
}

}  // namespace jetpinn
