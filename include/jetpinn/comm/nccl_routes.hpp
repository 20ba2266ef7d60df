// One rank's NCCL communicators and the streams of its GPU on which sums run. All calls of NCCL are non-blocking: whoever
// makes one asks ready() before the next call on the same communicator, and no wait is without a deadline.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/comm/nccl_place.hpp"

#include <memory>
#include <vector>

namespace jetpinn {

class NcclRoutes {
 public:
  // A sum goes through these one after the other: all ranks at once; or, by way of nodes, to the first rank of the node,
  // over the first ranks, and back.
  struct Leg {
    enum Way { all_reduce, reduce, broadcast };  // the latter two to and from rank 0 of the communicator
    Way way;
    nccl::Comm comm;
  };

  // Collective. by_nodes: node_ranks ranks in their order count as a node, at 0 those of a machine. Throws Error
  // (communication) where a rank does not come within the communicator's deadline, or NCCL fails.
  static std::shared_ptr<NcclRoutes> make(Communicator& communicator, const NcclPlace& place, bool by_nodes, int node_ranks);
  // Waits a few seconds at most, whatever the other ranks do: what has not ended by then is left to the end of the process.
  ~NcclRoutes();
  NcclRoutes(const NcclRoutes&) = delete;
  NcclRoutes& operator=(const NcclRoutes&) = delete;

  const NcclLibrary& library() const { return library_; }
  const std::vector<Leg>& legs() const { return legs_; }
  cuda::Stream in() const { return streams_[0]; }    // copies to the GPU
  cuda::Stream sums() const { return streams_[1]; }  // NCCL
  cuda::Stream out() const { return streams_[2]; }   // copies from the GPU

  // Throw Error (communication) naming the phase, this rank and the library's own words.
  void check(nccl::Result result, nccl::Comm comm) const;  // in_progress is no failure
  void check_cuda(cuda::Status status) const;
  // What was called on `comm` is on its stream, and the next call may follow. Throws as check() where an error came
  // meanwhile.
  bool ready(nccl::Comm comm) const;
  void check_errors() const;  // of all communicators

  // Ends what is on its way; afterwards the routes are of no use.
  void abort() noexcept;
  bool aborted() const { return aborted_; }

 private:
  NcclRoutes(const NcclLibrary& library, int rank) : library_(library), rank_(rank) {}
  void connect(Communicator& communicator);
  void connect_nodes(Communicator& communicator, const std::vector<int>& first_of_node);
  nccl::Comm split(Communicator& communicator, int color);
  bool close() noexcept;

  const NcclLibrary library_;
  int rank_;
  std::vector<nccl::Comm> comms_;  // the one of all ranks first
  std::vector<Leg> legs_;
  cuda::Stream streams_[3] = {};
  bool aborted_ = false;
};

}  // namespace jetpinn
