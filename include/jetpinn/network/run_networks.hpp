// The networks of a run from its options: one with all fields, or several, each with some of them.
#pragma once

#include "jetpinn/network/network.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// The options of each network: those of the members, or the options themselves where there are none.
std::vector<NetworkOptions> networks_of(const NetworkOptions& options);

// Coordinates in which every network is periodic, so that all fields are.
std::vector<std::string> periodic_in_all(const NetworkOptions& options);

// Each network with its fields by their numbers, in the order of the problem whatever the order of the options. One of
// several is called by the names of its fields. Throws Error (usage) for a name that is no field.
std::vector<MemberOptions> members_of(const NetworkOptions& options, const std::vector<std::string>& fields);

// All of them over one buffer, as make_networks does it.
Network make_network(const NetworkOptions& options, const std::vector<std::string>& coordinates,
                     const std::vector<std::string>& fields, const std::vector<double>& lower,
                     const std::vector<double>& upper);

}  // namespace jetpinn
