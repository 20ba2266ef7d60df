// How fast checkpoints, point tables and network files are written to the disk and read back from it.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct BenchIoOptions {
  std::string folder = ".";                                  // of the file system to measure; a folder
                                                             // in it is made and removed
  std::vector<std::int64_t> bytes{1000000, 10000000, 100000000};
  BenchTiming timing{0.5, 3};
};

// A "write" and a "read" result per kind of file and size; figures: bytes on the disk, mb_per_s. Written as a run writes:
// flushed to the disk and renamed, a checkpoint verified by another rank. Before a read the system is asked to forget the
// file, which it need not do. Verified: every bit read is the one that was written. Ranks: all hold a checkpoint's state;
// each reads its share of a table; rank 0 writes tables and networks. Collective. Throws Error (usage) where the folder
// cannot be written, Error (storage) later.
BenchReport bench_io(Communicator& communicator, const BenchIoOptions& options = {});

}  // namespace jetpinn
