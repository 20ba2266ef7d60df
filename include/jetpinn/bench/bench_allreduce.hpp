// How long the kinds of gradient sums take, from short messages to long ones, and how much of an
// early one hides behind computing.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/comm/gradient_sync.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace jetpinn {

struct BenchAllreduceOptions {
  // of fp64, per rank
  std::vector<std::int64_t> bytes{1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26};
  BenchTiming timing{0.2, 5};
  double deadline_s = 120;
  GradientSyncOptions sync;  // the library that sums; each kind is measured
  std::function<std::unique_ptr<GradientSync>(Communicator&, const GradientSyncOptions&)> make_sync = make_gradient_sync;
};

// A result per kind and size. Plain and hierarchical: seconds of a sum; figures algorithm_gb_per_s (bytes of the buffer over
// time), bus_gb_per_s (times 2 (p - 1) / p: what every rank must send and receive at least, whatever the algorithm, as
// nccl-tests defines it) and copy_share (of what the ranks reach when all copy memory at once). Early: seconds of a
// computation as long as the plain sum together with a sum in pieces that start while it lasts; figures compute_s of the
// computation alone, exposed_s = seconds - compute_s, and overlap = 1 - exposed_s / seconds of the plain sum, within 0 .. 1.
// Verified: every entry of every sum. Collective.
BenchReport bench_allreduce(Communicator& communicator, const BenchAllreduceOptions& options = {});

}  // namespace jetpinn
