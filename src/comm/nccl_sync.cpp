#include "jetpinn/comm/nccl_sync.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/comm/nccl_sums.hpp"
#include "jetpinn/comm/requests.hpp"
#include "jetpinn/fault/watchdog.hpp"
#include "jetpinn/kernels/device_queue.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr const char* nccl_phase = "gradient all-reduce";
constexpr std::int64_t alignment = 256;  // of parts on the GPU, bytes

std::int64_t padded(std::int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

nccl::NumberType nccl_type(SumPart::Type type) {
  if (type == SumPart::Type::int64) return nccl::int64;
  return type == SumPart::Type::fp32 ? nccl::float32 : nccl::float64;
}

// Room for one message, here and on the GPU, and the events of its way.
struct Slab {
  std::int64_t bytes = 0;
  void *host = nullptr, *device = nullptr;
  cuda::Event computed = nullptr, ready = nullptr, summed = nullptr, back = nullptr;
};

// Slabs that are taken and given back; the memory stays until the end. Allocating may wait for the GPU, so only the first
// steps do it.
class Slabs {
 public:
  explicit Slabs(const NcclRoutes& routes) : routes_(routes) {}
  // To be called with nothing on its way, for giving memory of a GPU back waits for all its work.
  void release() noexcept {
    const NcclLibrary& library = routes_.library();
    for (const Slab& slab : free_) {
      for (const cuda::Event event : {slab.computed, slab.ready, slab.summed, slab.back}) library.event_destroy(event);
      library.device_free(slab.device);
      library.host_free(slab.host);
    }
    free_.clear();
  }

  Slab take(std::int64_t bytes) {
    const auto fits = std::find_if(free_.begin(), free_.end(), [&](const Slab& slab) { return slab.bytes >= bytes; });
    if (fits == free_.end()) return make(bytes);
    const Slab slab = *fits;
    free_.erase(fits);
    return slab;
  }
  // The shortest first, so that long ones are there for long messages.
  void give_back(const Slab& slab) {
    free_.insert(std::find_if(free_.begin(), free_.end(), [&](const Slab& other) { return other.bytes >= slab.bytes; }),
                 slab);
  }

 private:
  Slab make(std::int64_t bytes) const {
    const NcclLibrary& library = routes_.library();
    Slab slab;
    slab.bytes = bytes;
    routes_.check_cuda(library.host_malloc(&slab.host, static_cast<std::size_t>(bytes)));
    routes_.check_cuda(library.device_malloc(&slab.device, static_cast<std::size_t>(bytes)));
    for (cuda::Event* event : {&slab.computed, &slab.ready, &slab.summed, &slab.back})
      routes_.check_cuda(library.event_create(event, cuda::event_disable_timing));
    return slab;
  }

  const NcclRoutes& routes_;
  std::vector<Slab> free_;  // by their length
};

class NcclSync : public GradientSync {
 public:
  NcclSync(Communicator& communicator, std::shared_ptr<NcclRoutes> routes, int node_ranks)
      : communicator_(communicator), routes_(std::move(routes)), node_ranks_(node_ranks) {}
  ~NcclSync() override {
    if (!sound_ || !transfers_.empty() || loss_known()) abort();
    if (routes_->aborted()) return;  // whose memory is left to the end of the process
    slabs_.release();
    communicator_.idle_nccl_routes()[node_ranks_] = std::move(routes_);
  }

  // NCCL sums on the card of the run (GradientSyncOptions::card).
  bool takes_card(Stream stream) const override { return dynamic_cast<CudaQueue*>(stream.queue) != nullptr; }

  void start_together(Stream stream, std::span<const SumPart> parts) override {
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(nccl_phase);
    if (routes_->aborted()) throw_loss("sums over ranks were given up; no other can be started");
    std::int64_t bytes = 0, all = 0;
    for (const SumPart& part : parts) {
      all += part.count;
      if (!part.on_card) bytes += padded(part.bytes());
    }
    if (all == 0) return;
    sound_ = false;
    send(stream, parts, slabs_.take(std::max(bytes, alignment)));
    sound_ = true;
    advance();
  }

  void progress() override {
    if (transfers_.empty()) return;
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(nccl_phase);
    advance();
  }

  void wait(Stream, double deadline_s) override {
    if (transfers_.empty()) return;
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(nccl_phase);
    std::int64_t bytes = 0;
    for (const Transfer& transfer : transfers_) bytes += transfer.bytes;
    wait_until([this] { return advance(); }, nccl_phase, deadline_s, patience_for(bytes));
  }

  void abort() noexcept override {
    routes_->abort();
    sums_.forget();
    transfers_.clear();
    returning_ = 0;
  }

 private:
  struct Transfer {
    std::vector<SumPart> parts;  // in the caller's memory; those of the host side by side in the slab
    Slab slab;
    std::int64_t bytes = 0;  // used of the slab, which may be one of a longer message
  };

  // NCCL begins when what is here has come to the slab and what is on the card has been computed.
  void send(Stream stream, std::span<const SumPart> parts, const Slab& slab) {
    const NcclLibrary& library = routes_->library();
    if (std::any_of(parts.begin(), parts.end(), [](const SumPart& part) { return part.on_card; })) {
      const auto native = reinterpret_cast<cuda::Stream>(cuda_queue_of(stream).native());
      routes_->check_cuda(library.event_record(slab.computed, native));
      routes_->check_cuda(library.stream_wait_event(routes_->in(), slab.computed, 0));
    }
    std::vector<DevicePart> on_device;
    std::int64_t place = 0;
    for (const SumPart& part : parts) {
      if (part.count == 0) continue;
      if (part.on_card) {
        on_device.push_back({part.data, part.count, nccl_type(part.type)});
        continue;
      }
      std::memcpy(static_cast<char*>(slab.host) + place, part.data, static_cast<std::size_t>(part.bytes()));
      on_device.push_back({static_cast<char*>(slab.device) + place, part.count, nccl_type(part.type)});
      place += padded(part.bytes());
    }
    transfers_.push_back({{parts.begin(), parts.end()}, slab, place});
    if (place > 0)
      routes_->check_cuda(
          library.copy(slab.device, slab.host, static_cast<std::size_t>(place), cuda::host_to_device, routes_->in()));
    routes_->check_cuda(library.event_record(slab.ready, routes_->in()));
    sums_.start(std::move(on_device), slab.ready, slab.summed);
  }

  // Takes every transfer as far as it comes; true: none is left.
  bool advance() {
    const NcclLibrary& library = routes_->library();
    sums_.launch();
    for (; completed_ + returning_ < sums_.launched(); ++returning_) {
      const Transfer& transfer = transfers_[static_cast<std::size_t>(returning_)];
      const Slab& slab = transfer.slab;
      routes_->check_cuda(library.stream_wait_event(routes_->out(), slab.summed, 0));
      if (transfer.bytes > 0)
        routes_->check_cuda(library.copy(slab.host, slab.device, static_cast<std::size_t>(transfer.bytes),
                                         cuda::device_to_host, routes_->out()));
      routes_->check_cuda(library.event_record(slab.back, routes_->out()));
    }
    while (returning_ > 0 && is_back(transfers_.front())) {
      receive(transfers_.front());
      transfers_.pop_front();
      --returning_, ++completed_;
    }
    if (!transfers_.empty()) routes_->check_errors();
    return transfers_.empty();
  }

  bool is_back(const Transfer& transfer) const {
    const cuda::Status status = routes_->library().event_query(transfer.slab.back);
    if (status != cuda::not_ready) routes_->check_cuda(status);
    return status == cuda::success;
  }

  void receive(const Transfer& transfer) {
    std::int64_t place = 0;
    for (const SumPart& part : transfer.parts) {
      if (part.count == 0 || part.on_card) continue;  // of none data may be null, which memcpy must not be given
      std::memcpy(part.data, static_cast<const char*>(transfer.slab.host) + place, static_cast<std::size_t>(part.bytes()));
      place += padded(part.bytes());
    }
    slabs_.give_back(transfer.slab);
  }

  Communicator& communicator_;
  std::shared_ptr<NcclRoutes> routes_;
  int node_ranks_;  // the key of the routes in the communicator
  NcclSums sums_{*routes_};
  Slabs slabs_{*routes_};
  std::deque<Transfer> transfers_;  // in the order of their start
  std::int64_t returning_ = 0;      // of the first transfers, whose copies back are on their way
  std::int64_t completed_ = 0;
  bool sound_ = true;  // no start has failed, after which the ranks stand at different sums
};

// Those that an earlier sync left, where every rank has them.
std::shared_ptr<NcclRoutes> routes_for(Communicator& communicator, const GradientSyncOptions& options,
                                       const NcclPlace& place, int node_ranks) {
  std::shared_ptr<NcclRoutes> routes = std::move(communicator.idle_nccl_routes()[node_ranks]);
  const std::vector<double> idle = communicator.gather("start of NCCL", routes ? 1.0 : 0.0);
  if (std::find(idle.begin(), idle.end(), 0.0) == idle.end()) return routes;
  if (routes) routes->abort();  // they have no counterparts to end with
  routes.reset();
  return NcclRoutes::make(communicator, place, node_ranks >= 0, options.node_ranks);
}

}  // namespace

std::unique_ptr<GradientSync> make_nccl_sync(Communicator& communicator, const GradientSyncOptions& options,
                                             const NcclPlace& place) {
  JETPINN_CHECK(options.node_ranks >= 0, "node_ranks " + std::to_string(options.node_ranks));
  const int node_ranks = options.kind == GradientSyncKind::hierarchical ? options.node_ranks : -1;
  auto sync = std::make_unique<NcclSync>(communicator, routes_for(communicator, options, place, node_ranks), node_ranks);
  sync->set_summed_by(GradientLibrary::nccl, "NCCL " + nccl_version_text(place.library.version));
  return sync;
}

}  // namespace jetpinn
