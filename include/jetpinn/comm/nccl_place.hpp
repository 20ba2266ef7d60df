// Which GPU a rank sums on, and whether the ranks of a job can sum by NCCL at all.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/comm/nccl_library.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct NcclPlace {
  NcclLibrary library;
  int device = 0;             // of the run; else the rank's number on its machine, modulo the GPUs that it sees there
  std::vector<int> machines;  // [ranks] the first rank of each rank's machine, replicated

  std::string own_failure;  // why this rank cannot take part; empty: it can
  std::string failure;      // of the first rank that cannot take part, or of all together: replicated
  std::string shared_gpu;   // which ranks share a GPU that NCCL does not share; empty: none, replicated
};

// Loads the libraries and looks at the GPUs. Collective; a rank that cannot take part is no error here. card: the one on
// which this rank's run computes already; -1: none.
NcclPlace find_nccl_place(Communicator& communicator, const NcclNames& names, int card = -1);

}  // namespace jetpinn
