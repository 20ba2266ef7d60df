// Sum of one fused buffer over ranks: start after the compute stream, wait with a deadline, abort when a rank is lost.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <memory>

namespace jetpinn {

class GradientSync {
 public:
  virtual ~GradientSync() = default;
  // buffer [count], replicated result: the sum over ranks, the same bits everywhere. The buffer must stay alive until wait returns.
  // One sum at a time; every rank starts the same ones in the same order.
  virtual void start(Stream stream, double* buffer, std::int64_t count) = 0;
  virtual void start(Stream stream, std::int64_t* buffer, std::int64_t count) = 0;
  // Throws Error (communication) when the sum is not complete after deadline_s seconds.
  virtual void wait(Stream stream, double deadline_s) = 0;
  // Gives up a sum that will not complete: nothing waits for it any more. Its buffer may still be written to until the process ends.
  virtual void abort() noexcept = 0;
};

// Host buffers, MPI_Iallreduce. MPI counts in int: a longer buffer goes in pieces of `piece` entries.
std::unique_ptr<GradientSync> make_mpi_gradient_sync(Communicator& communicator, std::int64_t piece = std::int64_t{1} << 27);

}  // namespace jetpinn
