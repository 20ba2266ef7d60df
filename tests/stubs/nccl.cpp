// NCCL, and in nccl/ CUDA's runtime, in one library for machines without a GPU. Ranks are processes of one machine, which
// meet in a file of /dev/shm that the unique id names. It is stricter than the originals:
// - streams do their work when somebody asks for an event, so that who does not ask reads what was there before;
// - memory of a device can be touched by work of a stream alone, and asynchronous copies take pinned memory alone;
// - a call puts its work on the stream a few looks later (JETPINN_STUB_NCCL_BUSY, 2), and another call until then is an
// error;
// - a communicator comes to its end when all ranks end theirs.
// Sums add in the order of ranks. JETPINN_STUB_NCCL_VERSION (22809) and JETPINN_STUB_GPUS (8; all say they are on bus 0
// where JETPINN_STUB_ONE_GPU is set) say what is there. JETPINN_STUB_TROUBLE: "error N" or "hang N", of the N-th collective
// of this process; "memory": the device has none; "abort": aborting never returns.
#include "jetpinn/comm/nccl.hpp"

#include "nccl/cuda_runtime.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cuda = jetpinn::cuda;
namespace nccl = jetpinn::nccl;
namespace stub = jetpinn::stub;

namespace {

constexpr int most_ranks = 8, most_splits = 16;
constexpr std::size_t slot_bytes = 1 << 18;
constexpr nccl::Result invalid_usage = 5, remote_error = 6;

// What the ranks of a communicator share.
struct Meeting {
  std::atomic<int> joined, ended;
  std::atomic<int> told[most_splits];  // ranks that called the k-th split
  int color[most_splits][most_ranks];
  std::atomic<std::uint64_t> written[most_ranks], taken[most_ranks];  // pieces of sums
  alignas(64) char slot[most_ranks][slot_bytes];
};

}  // namespace

namespace jetpinn::nccl {
struct CommHandle {
  std::string name;
  Meeting* meeting = nullptr;
  int rank = 0, size = 1, splits = 0;
  int busy = 0;                  // looks until what was called is on its way
  std::function<bool()> settle;  // then; false: it has to wait for other ranks
  std::function<void()> after;   // at the look behind that
  Result error = success;
  std::uint64_t pieces = 0;
  std::atomic<bool> aborted{false};
};
}  // namespace jetpinn::nccl

namespace {

// Never destroyed: a test program's own objects may end later.
struct Everything {
  int comms = 0, groups = 0, collectives = 0, depth = 0, named = 0;
  struct Call {
    nccl::Comm comm;
    cuda::Stream stream;
    std::function<bool()> work;
  };
  std::vector<Call> group;
};
Everything& all() {
  static Everything* const everything = new Everything;
  return *everything;
}

template <class T>
void add_slots(const nccl::CommHandle& comm, char* to, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes / sizeof(T); ++i) {
    T sum = reinterpret_cast<const T*>(comm.meeting->slot[0])[i];
    for (int r = 1; r < comm.size; ++r) sum += reinterpret_cast<const T*>(comm.meeting->slot[r])[i];
    reinterpret_cast<T*>(to)[i] = sum;
  }
}

enum class Way { all_reduce, reduce, broadcast };

struct Collective {
  nccl::Comm comm;
  Way way;
  int root;
  char* data;
  std::size_t bytes;
  nccl::NumberType type;
  std::size_t done = 0;
  bool wrote = false;

  bool all_reached(const std::atomic<std::uint64_t>* counts, std::uint64_t least) const {
    for (int r = 0; r < comm->size; ++r)
      if (counts[r].load() < least) return false;
    return true;
  }
  void take(std::size_t piece) {
    if (way == Way::reduce && comm->rank != root) return;
    char* to = data + done;
    if (way == Way::broadcast)
      std::memcpy(to, comm->meeting->slot[root], piece);
    else if (type == nccl::int64)
      add_slots<std::int64_t>(*comm, to, piece);
    else if (type == nccl::float32)
      add_slots<float>(*comm, to, piece);
    else
      add_slots<double>(*comm, to, piece);
  }
  bool operator()() {
    if (comm->aborted) return true;
    if (comm->error != nccl::success) return false;
    Meeting& meeting = *comm->meeting;
    stub::OpenPages open(data);
    while (done < bytes) {
      const std::size_t piece = std::min(slot_bytes, bytes - done);
      if (!wrote) {
        if (!all_reached(meeting.taken, comm->pieces)) return false;
        std::memcpy(meeting.slot[comm->rank], data + done, piece);
        meeting.written[comm->rank] = comm->pieces + 1;
        wrote = true;
      }
      if (!all_reached(meeting.written, comm->pieces + 1)) return false;
      take(piece);
      meeting.taken[comm->rank] = ++comm->pieces;
      done += piece, wrote = false;
    }
    return true;
  }
};

void begin_busy(nccl::Comm comm, std::function<bool()> settle) {
  comm->busy = std::atoi(stub::setting("JETPINN_STUB_NCCL_BUSY", "2"));
  comm->settle = std::move(settle);
}

nccl::Comm join(const std::string& name, int rank, int size) {
  const int file = open(("/dev/shm/" + name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(Meeting)) != 0 || size > most_ranks) std::abort();
  void* memory = mmap(nullptr, sizeof(Meeting), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) std::abort();
  auto* comm = new nccl::CommHandle;
  comm->name = name, comm->rank = rank, comm->size = size;
  comm->meeting = static_cast<Meeting*>(memory);
  ++comm->meeting->joined;
  ++all().comms;
  begin_busy(comm, [comm] {
    if (comm->meeting->joined < comm->size) return false;
    if (comm->rank == 0) unlink(("/dev/shm/" + comm->name).c_str());
    return true;
  });
  return comm;
}

nccl::Result give_group() {
  std::map<nccl::Comm, std::vector<Everything::Call>> calls;
  for (const Everything::Call& call : all().group) calls[call.comm].push_back(call);
  all().group.clear();
  for (auto& [comm, list] : calls) {
    if (comm->busy > 0) return invalid_usage;
    ++all().groups;
    begin_busy(comm, [list] {
      for (const Everything::Call& call : list) stub::give(call.stream, call.work);
      return true;
    });
  }
  return calls.empty() ? nccl::success : nccl::in_progress;
}

nccl::Result collective(Way way, const void* from, void* to, std::size_t count, nccl::NumberType type, int root,
                        nccl::Comm comm, cuda::Stream stream) {
  const std::lock_guard lock(stub::calls());
  if (from != to || comm->aborted) return invalid_usage;  // this stub sums in place
  const std::size_t bytes = count * (type == nccl::float32 ? 4 : 8);
  const int number = ++all().collectives;
  std::function<bool()> work = Collective{comm, way, root, static_cast<char*>(to), bytes, type};
  if (stub::trouble("hang", number)) work = [comm] { return comm->aborted.load(); };
  if (stub::trouble("error", number))
    work = [comm] {
      comm->error = remote_error;
      return comm->aborted.load();
    };
  all().group.push_back({comm, stream, work});
  return all().depth > 0 ? nccl::success : give_group();
}

void leave(nccl::Comm comm) {
  --all().comms;
  if (comm->busy > 0 && comm->meeting->joined < comm->size) unlink(("/dev/shm/" + comm->name).c_str());
}

}  // namespace

extern "C" {

// For tests: communicators alive, groups and collectives so far.
int jetpinn_stub_comms() { return all().comms; }
int jetpinn_stub_collectives() { return all().collectives; }
int jetpinn_stub_groups() { return all().groups; }
nccl::Result ncclGetVersion(int* version) {
  *version = std::atoi(stub::setting("JETPINN_STUB_NCCL_VERSION", "22809"));
  return nccl::success;
}
nccl::Result ncclGetUniqueId(nccl::UniqueId* id) {
  const std::lock_guard lock(stub::calls());
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::snprintf(id->bytes, sizeof id->bytes, "jetpinn-stub-%d-%d-%ld", static_cast<int>(getpid()), ++all().named,
                now.tv_nsec);
  return nccl::success;
}
const char* ncclGetErrorString(nccl::Result result) {
  return result == remote_error ? "remote process exited or there was a network error" : "invalid usage";
}
const char* ncclGetLastError(nccl::Comm) { return ""; }
nccl::Result ncclCommInitRankConfig(nccl::Comm* comm, int ranks, nccl::UniqueId id, int rank, nccl::Config* config) {
  const std::lock_guard lock(stub::calls());
  if (config->size != sizeof(nccl::Config) || config->magic != 0xcafebeef || config->blocking != 0) return invalid_usage;
  *comm = join(id.bytes, rank, ranks);
  return nccl::in_progress;
}
nccl::Result ncclCommSplit(nccl::Comm comm, int color, int key, nccl::Comm* part, nccl::Config* config) {
  const std::lock_guard lock(stub::calls());
  if (comm->busy > 0 || key != comm->rank || config->blocking != 0 || comm->splits == most_splits) return invalid_usage;
  const int split = comm->splits++;
  comm->meeting->color[split][comm->rank] = color;
  ++comm->meeting->told[split];
  *part = nullptr;
  begin_busy(comm, [=] {
    if (comm->meeting->told[split] < comm->size) return false;
    if (color == nccl::no_color) return true;
    const int* colors = comm->meeting->color[split];
    const auto size = static_cast<int>(std::count(colors, colors + comm->size, color));
    const auto rank = static_cast<int>(std::count(colors, colors + comm->rank, color));
    const std::string name = comm->name + "-" + std::to_string(split) + "-" + std::to_string(color);
    comm->after = [=] { *part = join(name, rank, size); };  // NCCL, too, may fill in the handle later
    return true;
  });
  return nccl::in_progress;
}
nccl::Result ncclCommGetAsyncError(nccl::Comm comm, nccl::Result* state) {
  const std::lock_guard lock(stub::calls());
  if (comm->after) std::exchange(comm->after, nullptr)();
  if (comm->busy > 0 && --comm->busy == 0 && comm->settle && !comm->settle()) comm->busy = 1;
  *state = comm->error != nccl::success ? comm->error : comm->busy > 0 ? nccl::in_progress : nccl::success;
  return nccl::success;
}
nccl::Result ncclCommFinalize(nccl::Comm comm) {
  const std::lock_guard lock(stub::calls());
  if (comm->busy > 0) return invalid_usage;
  ++comm->meeting->ended;
  begin_busy(comm, [comm] { return comm->meeting->ended >= comm->size; });
  return nccl::in_progress;
}
nccl::Result ncclCommDestroy(nccl::Comm comm) {
  const std::lock_guard lock(stub::calls());
  leave(comm);
  return nccl::success;
}
nccl::Result ncclCommAbort(nccl::Comm comm) {
  if (stub::trouble("abort"))
    for (;;) usleep(100000);
  const std::lock_guard lock(stub::calls());
  comm->aborted = true;
  leave(comm);
  return nccl::success;
}
nccl::Result ncclGroupStart() {
  const std::lock_guard lock(stub::calls());
  ++all().depth;
  return nccl::success;
}
nccl::Result ncclGroupEnd() {
  const std::lock_guard lock(stub::calls());
  return --all().depth == 0 ? give_group() : nccl::success;
}
nccl::Result ncclAllReduce(const void* from, void* to, std::size_t count, nccl::NumberType type, nccl::Operation,
                           nccl::Comm comm, cuda::Stream stream) {
  return collective(Way::all_reduce, from, to, count, type, 0, comm, stream);
}
nccl::Result ncclReduce(const void* from, void* to, std::size_t count, nccl::NumberType type, nccl::Operation, int root,
                        nccl::Comm comm, cuda::Stream stream) {
  return collective(Way::reduce, from, to, count, type, root, comm, stream);
}
nccl::Result ncclBroadcast(const void* from, void* to, std::size_t count, nccl::NumberType type, int root, nccl::Comm comm,
                           cuda::Stream stream) {
  return collective(Way::broadcast, from, to, count, type, root, comm, stream);
}

}  // extern "C"
