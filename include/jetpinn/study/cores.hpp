// Cores of this machine that this process may use.
#pragma once

#include <string>

namespace jetpinn {

// Cores, not hardware threads; a container's share of processor time counts too. At least 1.
int available_cores();

// The model of the processor as the system names it, as in "AMD EPYC 9355"; "unknown processor" where it does not.
std::string processor_name();

}  // namespace jetpinn
