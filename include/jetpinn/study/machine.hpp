// The machine that a measurement was taken on.
#pragma once

#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

struct MachineDescription {
  std::vector<std::string> hosts;             // of all ranks, each once
  std::string processor;                      // model name; "unknown" where the system does not tell
  int processors = 0, ranks = 1;              // processors: online on the first rank's host
  std::int64_t memory_bytes = 0;              // of the first rank's host
  double load_average = 0;                    // over one minute, at the start; below 0: unknown
  std::string version, date;                  // of jetpinn; date and time, UTC, ISO 8601
  std::vector<std::pair<std::string, std::string>> libraries;
};
MachineDescription describe_machine();                             // of this process, one rank; MPI need not run
MachineDescription describe_machine(Communicator& communicator);   // collective

std::string to_json(const MachineDescription& machine);

}  // namespace jetpinn
