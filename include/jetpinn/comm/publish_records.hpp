// The ranks agree on a place for their records that all machines of the job see.
#pragma once

#include "jetpinn/comm/communicator.hpp"

#include <string>

namespace jetpinn {

// From now on the ranks' records lie in folder/.ranks, where all machines of the job see them, unless $JETPINN_STATUS_FILE
// names such a place. Collective. A folder that cannot be written changes nothing.
void publish_rank_records(Communicator& communicator, const std::string& folder);

}  // namespace jetpinn
