#include "jetpinn/optim/vector_device.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/device_vectors.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/runtime/device.hpp"

#include <map>

namespace jetpinn {
namespace {

template <class Space>
class VectorsOf : public VectorDevice {
 public:
  Stream stream() override { return device_.stream({}); }
  CopiedBytes copied() const override { return queue_of(device_.stream({})).copied; }

  DeviceVector take(std::int64_t n) override {
    auto pool = std::make_unique<SpacePool<Space>>(*device_.device);
    const VectorOn<Space> place = pool->template allocate<double>(n);
    pool->seal();
    taken_[place.address()] = std::move(pool);
    return DeviceVector(place.address());
  }
  void give_back(DeviceVector vector) noexcept override { taken_.erase(vector.address()); }

  Event upload(const double* from, DeviceVector to, std::int64_t n) override {
    copy(stream(), from, here(to), n);
    return stream().record();
  }
  void download(ConstDeviceVector from, double* to, std::int64_t n) override {
    copy(stream(), here(from), to, n);
    stream().wait();
  }

  void combine(double a, ConstDeviceVector x, double b, ConstDeviceVector y, DeviceVector to, std::int64_t n) override {
    jetpinn::combine<Space>(stream(), n, a, here(x), b, here(y), here(to));
  }
  void update_adam(const AdamFactors& by, ConstDeviceVector gradient, DeviceVector first, DeviceVector second,
                   DeviceVector parameters, std::int64_t n) override {
    jetpinn::update_adam<Space>(stream(), n, by, here(gradient), here(first), here(second), here(parameters));
  }
  double dot(ConstDeviceVector x, ConstDeviceVector y, std::int64_t n) override {
    return reduced(n, [&](VectorOn<Space> scratch) { jetpinn::dot<Space>(stream(), n, here(x), here(y), scratch); });
  }
  double sum_of_magnitudes(ConstDeviceVector x, std::int64_t n) override {
    return reduced(n, [&](VectorOn<Space> scratch) { jetpinn::sum_of_magnitudes<Space>(stream(), n, here(x), scratch); });
  }
  double largest_magnitude(ConstDeviceVector x, std::int64_t n) override {
    return reduced(n, [&](VectorOn<Space> scratch) { jetpinn::largest_magnitude<Space>(stream(), n, here(x), scratch); });
  }
  bool all_finite(ConstDeviceVector x, std::int64_t n) override {
    return reduced(n, [&](VectorOn<Space> scratch) { count_not_finite<Space>(stream(), n, here(x), scratch); }) == 0;
  }

 private:
  static VectorOn<Space> here(DeviceVector vector) { return VectorOn<Space>(vector.address()); }
  static ConstVectorOn<Space> here(ConstDeviceVector vector) { return ConstVectorOn<Space>(vector.address()); }

  template <class Reduction>
  double reduced(std::int64_t n, const Reduction& reduction) {
    const std::int64_t needed = reduction_scratch(n);
    if (needed > scratch_size_) {
      if (scratch_) give_back(scratch_);
      scratch_ = take(needed);
      scratch_size_ = needed;
    }
    reduction(here(scratch_));
    double result = 0;
    download(scratch_ + (needed - 1), &result, 1);
    return result;
  }

  Device<Space> device_;
  std::map<double*, std::unique_ptr<SpacePool<Space>>> taken_;  // by where a vector begins
  DeviceVector scratch_ = nullptr;                              // of reductions
  std::int64_t scratch_size_ = 0;
};

}  // namespace

std::unique_ptr<VectorDevice> make_vector_device(const std::string& name) {
  if (name == HostSpace::name) return nullptr;
#define JETPINN_MAKE(Space) \
  if (name == Space::name) return std::make_unique<VectorsOf<Space>>();
  JETPINN_FOR_DEVICE_SPACES(JETPINN_MAKE)
#undef JETPINN_MAKE
  JETPINN_CHECK(false, "a device named " + name);
}

}  // namespace jetpinn
