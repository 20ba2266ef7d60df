// The table of benchmarks: a row here is all that the command line, its help and its messages know of one.
#pragma once

#include "jetpinn/app/command_line.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct Benchmark {
  enum class Subject { none, optional, required };   // is there a CONFIG?

  const char* name;
  const char* doc;
  Subject subject;
  int (*run)(Communicator& communicator, const CommandLine& line);   // collective; null: a driver's (app/driver.hpp)
};

const std::vector<Benchmark>& benchmarks();
const Benchmark* find_benchmark(const std::string& name);   // null: there is none

}  // namespace jetpinn
