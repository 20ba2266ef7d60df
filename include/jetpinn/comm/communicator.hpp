// MPI as the rest of the program sees it: rank, size, a few collectives inside labelled scopes, agreement on errors.
// The time of a collective is accounted to Region::idle.
#pragma once

#include "jetpinn/base/error.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

struct NodeRoutes;   // comm/hierarchical_sync.cpp
class NcclRoutes;    // comm/nccl_routes.hpp

class Communicator {
 public:
  // All ranks; MPI must be initialised (runtime does). Collective: it duplicates MPI_COMM_WORLD. MPI frees the duplicate at
  // its end, for freeing it is collective, which a destructor cannot be.
  Communicator();
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  // From now on a collective that lasts longer throws Error (communication), or ends the process where it cannot. 0, the
  // state at the start, leaves it to the watchdog's own rule.
  void set_deadline(double seconds);
  double deadline() const { return deadline_s_; }

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool root() const { return rank_ == 0; }

  void barrier(const char* phase);
  void broadcast(const char* phase, void* data, std::int64_t bytes, int root = 0);
  std::string broadcast(const char* phase, const std::string& text, int root = 0);
  void sum(const char* phase, double* data, std::int64_t count);          // in place, same bits on every rank
  void sum(const char* phase, std::int64_t* data, std::int64_t count);
  void max(const char* phase, double* data, std::int64_t count);
  std::vector<double> gather(const char* phase, double value);            // every rank's value on every rank
  std::vector<std::string> gather(const char* phase, const std::string& text);   // on every rank
  // Every rank's rows on every rank, in place: rank r has filled rows begin[r] to begin[r + 1] - 1 of `width` numbers each.
  void gather_shares(const char* phase, double* data, const std::vector<std::int64_t>& begin, std::int64_t width);
  // Variable-length rows to root, in the order of ranks: counts differ by rank. Result on root only.
  std::vector<double> gather_rows(const char* phase, const std::vector<double>& local);

  // Numbers for each rank [ranks], of any lengths; returns what each rank had for this one [ranks].
  std::vector<std::vector<double>> exchange(const char* phase, const std::vector<std::vector<double>>& to);

  // Runs `work` on this rank; if any rank threw, all throw: the lowest failing rank its own error, others FailedElsewhere.
  // Collective. Out of memory becomes an Error of status usage, any other foreign exception one of status numerical. An
  // error of status communication is rethrown at once: whoever lost the others cannot agree with them.
  void agree(const char* phase, const std::function<void()>& work);

  void* native() const { return native_.get(); }   // MPI_Comm*

  // What hierarchical sums derive from this communicator, by how many ranks count as a node: made once and freed with MPI.
  std::map<int, std::shared_ptr<const NodeRoutes>>& node_routes() { return node_routes_; }

  // Communicators of NCCL that no sum uses now, by how many ranks count as a node (-1: no nodes), for the next sum: making
  // them takes seconds.
  std::map<int, std::shared_ptr<NcclRoutes>>& idle_nccl_routes() { return idle_nccl_routes_; }

 private:
  template <class T>
  void all_sum(const char* phase, T* data, std::int64_t count);

  int rank_ = 0, size_ = 1;
  double deadline_s_ = 0;
  std::shared_ptr<void> native_;   // MPI_Comm
  std::map<int, std::shared_ptr<const NodeRoutes>> node_routes_;
  std::map<int, std::shared_ptr<NcclRoutes>> idle_nccl_routes_;
};

}  // namespace jetpinn
