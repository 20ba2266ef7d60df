#include "jetpinn/comm/communicator.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/comm/requests.hpp"
#include "jetpinn/fault/watchdog.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <new>
#include <numeric>
#include <optional>

namespace jetpinn {
namespace {

// MPI counts in int: longer data go in pieces of this many bytes.
constexpr std::int64_t piece_bytes = std::int64_t{1} << 30;

MPI_Comm handle(void* native) { return *static_cast<MPI_Comm*>(native); }

MPI_Datatype type_of(const double*) { return MPI_DOUBLE; }
MPI_Datatype type_of(const std::int64_t*) { return MPI_INT64_T; }

// Starts one request per piece by begin(offset, count, request), all at once, and waits for them.
template <class Begin>
void in_pieces(std::int64_t count, std::int64_t item_bytes, const char* phase, double deadline_s, const Begin& begin) {
  std::vector<MPI_Request> requests;
  const std::int64_t piece = piece_bytes / item_bytes;
  for (std::int64_t offset = 0; offset < count; offset += piece) {
    requests.push_back(MPI_REQUEST_NULL);
    check_mpi(begin(offset, static_cast<int>(std::min(piece, count - offset)), &requests.back()), phase);
  }
  wait_all(requests, phase, deadline_s);
}

// Numbers from rank to rank, in pieces. Messages between two ranks keep their order, so one tag serves all pieces.
class Messages {
 public:
  Messages(MPI_Comm communicator, const char* phase) : communicator_(communicator), phase_(phase) {}

  void send(const double* numbers, std::int64_t count, int to) {
    each_piece(count, [&](std::int64_t offset, int piece, MPI_Request* request) {
      return MPI_Isend(numbers + offset, piece, MPI_DOUBLE, to, 0, communicator_, request);
    });
  }
  void receive(double* numbers, std::int64_t count, int from) {
    each_piece(count, [&](std::int64_t offset, int piece, MPI_Request* request) {
      return MPI_Irecv(numbers + offset, piece, MPI_DOUBLE, from, 0, communicator_, request);
    });
  }
  void wait(double deadline_s) { wait_all(requests_, phase_, deadline_s); }

 private:
  template <class Begin>
  void each_piece(std::int64_t count, const Begin& begin) {
    const std::int64_t most = piece_bytes / static_cast<std::int64_t>(sizeof(double));
    for (std::int64_t offset = 0; offset < count; offset += most) {
      requests_.push_back(MPI_REQUEST_NULL);
      check_mpi(begin(offset, static_cast<int>(std::min(most, count - offset)), &requests_.back()), phase_);
    }
  }

  MPI_Comm communicator_;
  const char* phase_;
  std::vector<MPI_Request> requests_;
};

// Named for the watchdog; what it takes is waiting for the others.
class Collective {
 public:
  Collective(const char* phase, int size) : scope_(phase) {
    if (size > 1) idle_.emplace(Region::idle);
  }

 private:
  CollectiveScope scope_;
  std::optional<ScopedRegion> idle_;
};

struct Failure {
  std::exception_ptr error;
  Status status = Status::done;
  bool own = true;  // false: the work itself passed on another rank's failure
};

std::optional<Failure> attempt(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const FailedElsewhere& error) {
    return Failure{std::current_exception(), error.status(), false};
  } catch (const Error& error) {
    return Failure{std::current_exception(), error.status()};
  } catch (const std::bad_alloc&) {
    return Failure{std::make_exception_ptr(
                       Error(Status::usage, "not enough memory: use fewer points, a smaller network or more ranks")),
                   Status::usage};
  } catch (const std::exception& error) {
    return Failure{std::make_exception_ptr(Error(Status::numerical, error.what())), Status::numerical};
  } catch (...) {
    return Failure{std::make_exception_ptr(Error(Status::numerical, "an unknown error")), Status::numerical};
  }
}

}  // namespace

Communicator::Communicator() {
  int initialized = 0;
  MPI_Initialized(&initialized);
  JETPINN_CHECK(initialized, "MPI is not initialised");
  const auto communicator = std::make_shared<MPI_Comm>(MPI_COMM_NULL);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
  set_watchdog_rank(rank_, size_);
  CollectiveScope scope("start");
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, communicator.get()), "start");
  MPI_Comm_set_errhandler(*communicator, MPI_ERRORS_RETURN);
  native_ = communicator;
}

void Communicator::set_deadline(double seconds) {
  deadline_s_ = seconds;
  set_watchdog_deadline(seconds);
}

void Communicator::barrier(const char* phase) {
  Collective scope(phase, size_);
  std::vector<MPI_Request> requests(1, MPI_REQUEST_NULL);
  check_mpi(MPI_Ibarrier(handle(native()), requests.data()), phase);
  wait_all(requests, phase, deadline_s_);
}

void Communicator::broadcast(const char* phase, void* data, std::int64_t bytes, int root) {
  Collective scope(phase, size_);
  in_pieces(bytes, 1, phase, deadline_s_, [&](std::int64_t offset, int count, MPI_Request* request) {
    return MPI_Ibcast(static_cast<char*>(data) + offset, count, MPI_BYTE, root, handle(native()), request);
  });
}

std::string Communicator::broadcast(const char* phase, const std::string& text, int root) {
  std::int64_t length = static_cast<std::int64_t>(text.size());
  broadcast(phase, &length, sizeof length, root);
  std::string result = rank_ == root ? text : std::string(static_cast<std::size_t>(length), '\0');
  broadcast(phase, result.data(), length, root);
  return result;
}

// To rank 0 and back: every rank holds the bits that rank 0 computed, which an all-reduce need not promise.
template <class T>
void Communicator::all_sum(const char* phase, T* data, std::int64_t count) {
  Collective scope(phase, size_);
  in_pieces(count, sizeof(T), phase, deadline_s_, [&](std::int64_t offset, int piece, MPI_Request* request) {
    const void* send = root() ? MPI_IN_PLACE : static_cast<const void*>(data + offset);
    return MPI_Ireduce(send, data + offset, piece, type_of(data), MPI_SUM, 0, handle(native()), request);
  });
  broadcast(phase, data, count * static_cast<std::int64_t>(sizeof(T)));
}

void Communicator::sum(const char* phase, double* data, std::int64_t count) { all_sum(phase, data, count); }
void Communicator::sum(const char* phase, std::int64_t* data, std::int64_t count) { all_sum(phase, data, count); }

void Communicator::max(const char* phase, double* data, std::int64_t count) {
  Collective scope(phase, size_);
  in_pieces(count, sizeof(double), phase, deadline_s_, [&](std::int64_t offset, int piece, MPI_Request* request) {
    return MPI_Iallreduce(MPI_IN_PLACE, data + offset, piece, MPI_DOUBLE, MPI_MAX, handle(native()), request);
  });
}

std::vector<double> Communicator::gather(const char* phase, double value) {
  Collective scope(phase, size_);
  std::vector<double> values(static_cast<std::size_t>(size_));
  std::vector<MPI_Request> requests(1, MPI_REQUEST_NULL);
  check_mpi(MPI_Iallgather(&value, 1, MPI_DOUBLE, values.data(), 1, MPI_DOUBLE, handle(native()), requests.data()), phase);
  wait_all(requests, phase, deadline_s_);
  return values;
}

std::vector<std::string> Communicator::gather(const char* phase, const std::string& text) {
  const std::vector<double> lengths = gather(phase, static_cast<double>(text.size()));
  std::vector<std::string> texts(lengths.size());
  Collective scope(phase, size_);
  for (int rank = 0; rank < size_; ++rank) {
    std::string& slot = texts[static_cast<std::size_t>(rank)];
    slot = rank == rank_ ? text : std::string(static_cast<std::size_t>(lengths[static_cast<std::size_t>(rank)]), '\0');
    broadcast(phase, slot.data(), static_cast<std::int64_t>(slot.size()), rank);
  }
  return texts;
}

void Communicator::gather_shares(const char* phase, double* data, const std::vector<std::int64_t>& begin,
                                 std::int64_t width) {
  JETPINN_CHECK(begin.size() == static_cast<std::size_t>(size_) + 1 && begin.back() * width <= piece_bytes / 8, phase);
  if (size_ == 1) return;
  Collective scope(phase, size_);
  std::vector<int> counts, places;
  for (std::size_t r = 0; r + 1 < begin.size(); ++r) {
    places.push_back(static_cast<int>(begin[r] * width));
    counts.push_back(static_cast<int>((begin[r + 1] - begin[r]) * width));
  }
  std::vector<MPI_Request> requests(1, MPI_REQUEST_NULL);
  check_mpi(MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DOUBLE, data, counts.data(), places.data(), MPI_DOUBLE, handle(native()),
                            requests.data()),
            phase);
  wait_all(requests, phase, deadline_s_);
}

std::vector<double> Communicator::gather_rows(const char* phase, const std::vector<double>& local) {
  const std::vector<double> counts = gather(phase, static_cast<double>(local.size()));
  Collective scope(phase, size_);
  Messages messages(handle(native()), phase);
  std::vector<double> rows;
  if (root()) {
    rows.resize(static_cast<std::size_t>(std::accumulate(counts.begin(), counts.end(), 0.0)));
    std::copy(local.begin(), local.end(), rows.begin());
    double* slot = rows.data() + local.size();
    for (int rank = 1; rank < size_; ++rank) {
      const auto count = static_cast<std::int64_t>(counts[static_cast<std::size_t>(rank)]);
      messages.receive(slot, count, rank);
      slot += count;
    }
  } else {
    messages.send(local.data(), static_cast<std::int64_t>(local.size()), 0);
  }
  messages.wait(deadline_s_);
  return rows;
}

std::vector<std::vector<double>> Communicator::exchange(const char* phase, const std::vector<std::vector<double>>& to) {
  JETPINN_CHECK(to.size() == static_cast<std::size_t>(size_), phase);
  Collective scope(phase, size_);
  std::vector<std::int64_t> sent, received(to.size());
  for (const std::vector<double>& numbers : to) sent.push_back(static_cast<std::int64_t>(numbers.size()));
  std::vector<MPI_Request> requests(1, MPI_REQUEST_NULL);
  check_mpi(MPI_Ialltoall(sent.data(), 1, MPI_INT64_T, received.data(), 1, MPI_INT64_T, handle(native()), requests.data()),
            phase);
  wait_all(requests, phase, deadline_s_);
  Messages messages(handle(native()), phase);
  std::vector<std::vector<double>> from(to.size());
  agree(phase, [&] {  // room for all, before any is on its way
    for (std::size_t r = 0; r < from.size(); ++r) from[r].resize(static_cast<std::size_t>(received[r]));
  });
  for (int rank = 0; rank < size_; ++rank) {
    const auto r = static_cast<std::size_t>(rank);
    if (rank == rank_) {
      from[r] = to[r];
      continue;
    }
    messages.receive(from[r].data(), received[r], rank);
    messages.send(to[r].data(), sent[r], rank);
  }
  messages.wait(deadline_s_);
  return from;
}

void Communicator::agree(const char* phase, const std::function<void()>& work) {
  const std::optional<Failure> failure = [&] {
    WorkScope scope(phase);   // others may be waiting for it already
    return attempt(work);
  }();
  if (failure && failure->status == Status::communication) std::rethrow_exception(failure->error);
  if (size_ == 1) {
    if (failure) std::rethrow_exception(failure->error);
    return;
  }

  // The smallest vote wins: [passed on from elsewhere | rank | status], so one reduction tells all ranks
  // who speaks and with which status.
  constexpr std::int64_t status_range = 256, passed_on = std::int64_t{1} << 48;
  constexpr std::int64_t sound = std::numeric_limits<std::int64_t>::max();
  std::int64_t vote = sound;
  if (failure) vote = (failure->own ? 0 : passed_on) + rank_ * status_range + static_cast<int>(failure->status);
  {
    Collective scope(phase, size_);
    std::vector<MPI_Request> requests(1, MPI_REQUEST_NULL);
    check_mpi(MPI_Iallreduce(MPI_IN_PLACE, &vote, 1, MPI_INT64_T, MPI_MIN, handle(native()), requests.data()), phase);
    wait_all(requests, phase, deadline_s_);
  }
  if (vote == sound) return;
  const int speaker = static_cast<int>(vote % passed_on / status_range);
  if (speaker == rank_) std::rethrow_exception(failure->error);
  throw FailedElsewhere(static_cast<Status>(vote % status_range), speaker);
}

}  // namespace jetpinn
