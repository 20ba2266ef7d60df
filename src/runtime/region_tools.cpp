#include "jetpinn/runtime/region_tools.hpp"

#include <Kokkos_Core.hpp>

#if __has_include(<nvtx3/nvToolsExt.h>)
#include <nvtx3/nvToolsExt.h>
#define JETPINN_NVTX
#endif

namespace jetpinn {
namespace {

// What Kokkos 3.4 to 5.x share: later ones offer scoped regions too, which a begin and an end apart cannot use.
struct KokkosTool {
  bool attached() const { return Kokkos::Tools::profileLibraryLoaded(); }
  void push(const char* label) const { Kokkos::Tools::pushRegion(label); }
  void pop() const { Kokkos::Tools::popRegion(); }
};

struct Nvtx {
#if defined(JETPINN_NVTX)
  nvtxDomainHandle_t domain = nvtxDomainCreateA("jetpinn");   // null while no tool listens

  bool attached() const { return domain != nullptr; }
  void push(const char* label) const {
    nvtxEventAttributes_t event{};
    event.version = NVTX_VERSION;
    event.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
    event.messageType = NVTX_MESSAGE_TYPE_ASCII;
    event.message.ascii = label;
    nvtxDomainRangePushEx(domain, &event);
  }
  void pop() const { nvtxDomainRangePop(domain); }
#else
  bool attached() const { return false; }
  void push(const char*) const {}
  void pop() const {}
#endif
};

class RegionTools : public RegionListener {
 public:
  RegionTools() { listening_ = attached() && add_region_listener(*this); }
  ~RegionTools() override {
    if (listening_) remove_region_listener(*this);
    while (depth_ > 0) end();   // a tool is left as it was found, also by an error that ends the program inside of regions
  }
  bool listening() const { return listening_; }

  void push(const char* label) noexcept override {
    ++depth_;
    if (kokkos_) tool_.push(label);
    if (nvtx_.attached()) nvtx_.push(label);
  }
  void pop() noexcept override {
    if (depth_ > 0) end();   // the begin was before this listener
  }

 private:
  bool attached() const { return kokkos_ || nvtx_.attached(); }
  void end() noexcept {
    --depth_;
    if (nvtx_.attached()) nvtx_.pop();
    if (kokkos_) tool_.pop();
  }

  KokkosTool tool_;
  Nvtx nvtx_;
  const bool kokkos_ = tool_.attached();
  bool listening_ = false;
  int depth_ = 0;
};

}  // namespace

std::unique_ptr<RegionListener> attach_region_tools() {
  auto tools = std::make_unique<RegionTools>();
  if (!tools->listening()) return nullptr;
  return tools;
}

}  // namespace jetpinn
