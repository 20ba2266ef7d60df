// The part of NVIDIA's collective communication library (NCCL) that sums over GPUs call: types and signatures as in its
// published interface, so that no header of it is needed to build. Names as there, without the prefix.
#pragma once

#include "jetpinn/comm/cuda_runtime.hpp"

#include <climits>
#include <cstddef>

namespace jetpinn::nccl {

using Result = int;  // 0: success
constexpr Result success = 0, in_progress = 7;

using Comm = struct CommHandle*;

struct UniqueId {
  char bytes[128];
};

enum NumberType : int { int64 = 4, float32 = 7, float64 = 8 };
enum Operation : int { sum = 0 };
constexpr int no_color = -1;  // of a split: this rank belongs to no part

// As of version 2.18, which later libraries read by its size and version and complete with their defaults.
struct Config {
  std::size_t size = sizeof(Config);
  unsigned magic = 0xcafebeef;
  unsigned version = 21800;
  int blocking = INT_MIN;  // INT_MIN, null: the library's choice, in all of these
  int cga_cluster_size = INT_MIN;
  int min_ctas = INT_MIN, max_ctas = INT_MIN;
  const char* net_name = nullptr;
  int split_share = INT_MIN;
  int next_member = INT_MIN;  // padding in 2.18, where later versions have a number: not left to chance
};

using GetVersion = Result(int*);
using GetUniqueId = Result(UniqueId*);
using GetErrorString = const char*(Result);
using GetLastError = const char*(Comm);
using CommInitRankConfig = Result(Comm*, int ranks, UniqueId, int rank, Config*);
using CommSplit = Result(Comm, int color, int key, Comm*, Config*);
using CommGetAsyncError = Result(Comm, Result* state);
using CommFinalize = Result(Comm);
using CommDestroy = Result(Comm);
using CommAbort = Result(Comm);
using AllReduce = Result(const void* from, void* to, std::size_t count, NumberType, Operation, Comm, cuda::Stream);
using Reduce = Result(const void* from, void* to, std::size_t count, NumberType, Operation, int root, Comm, cuda::Stream);
using Broadcast = Result(const void* from, void* to, std::size_t count, NumberType, int root, Comm, cuda::Stream);
using GroupStart = Result();
using GroupEnd = Result();

}  // namespace jetpinn::nccl
