// Cores of this machine that this process may use.
#pragma once

namespace jetpinn {

// Cores, not hardware threads; a container's share of processor time counts too. At least 1.
int available_cores();

}  // namespace jetpinn
