// A kind of layer: what the sweep, the planner of buffers and the cost model know of it. One source file each.
#pragma once

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/layer/jet_module.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/runtime/device.hpp"
#include "jetpinn/runtime/product.hpp"

#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// A layer's parameters in an engine's type, shared by all terms. Rows of jets are padded to whole packs; padding holds zero
// weights, so that it stays finite and adds nothing.
template <class A>
class JetLayer {
 public:
  virtual ~JetLayer() = default;
  using Own = Pointer<double, typename A::Space>;
  using ConstOwn = Pointer<const double, typename A::Space>;

  // `own` points at the layer's blocks, one behind the other, in a flat buffer where the layer computes.
  virtual void load(ConstOwn /*own*/) {}
  virtual void flush(Own /*own*/) {}  // own += what modules gathered, which starts again from zero
  // The direction that tangents go along, laid out as `own`; after load, where a module was made for such sweeps.
  virtual void load_direction(ConstOwn /*own*/) {}
  // The layer outlives its modules.
  virtual std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) = 0;
};

template <class A>
struct LayerSetting {
  const Network& network;  // outlives the layer, as `layer` does
  const Layer& layer;
  const ProductChoice& products;
  PoolOf<A>& pool;
  Stream stream;   // of loads and flushes
};

// When a kind reads what, so that buffers can be planned.
struct LayerNeeds {
  bool heads_pass = false;         // its reverse begins another walk over the tiles: gather() comes at the end of it
  bool values_in_reverse = false;  // its reverse reads its inputs' values
  bool values_in_gather = false;   // gather() reads them
  bool restores = false;           // its reverse can compute its output again
  bool leaves_memo = false;        // forward writes into the value channel of its first input what the reverse reads there
  int in_place = -1;               // the input whose adjoint takes the place of its output's
};

class LayerKind {
 public:
  virtual ~LayerKind() = default;
  virtual std::string name() const = 0;
  virtual LayerNeeds needs(const Layer& layer) const = 0;
  virtual std::unique_ptr<JetLayer<HostFp32>> make(const LayerSetting<HostFp32>& setting) const = 0;
  virtual std::unique_ptr<JetLayer<HostFp64>> make(const LayerSetting<HostFp64>& setting) const = 0;
  virtual std::unique_ptr<JetLayer<EmulatedFp32>> make(const LayerSetting<EmulatedFp32>& setting) const = 0;
  virtual std::unique_ptr<JetLayer<EmulatedFp64>> make(const LayerSetting<EmulatedFp64>& setting) const = 0;
  // Computes in fp32 on tiles of rows that are kept in bf16 (src/layer/widened.cpp), unless a kind knows better.
  virtual std::unique_ptr<JetLayer<HostBf16>> make(const LayerSetting<HostBf16>& setting) const;
  // In builds with CUDA; a caller in another one is a defect.
  virtual std::unique_ptr<JetLayer<CudaFp32>> make(const LayerSetting<CudaFp32>&) const;
  virtual std::unique_ptr<JetLayer<CudaFp64>> make(const LayerSetting<CudaFp64>&) const;
  // Matrix products over rows of `lanes` padding that it needs, for choosing back ends.
  virtual std::vector<ProductShape> products(const Layer&, int /*lanes*/) const { return {}; }
  // Weights of matrices that see all channels: what a step's work is counted by.
  virtual double product_weights(const Layer&) const { return 0; }
};

// make() by the class template of a kind.
template <template <class> class Made>
class LayerKindOf : public LayerKind {
 public:
  using LayerKind::make;
  std::unique_ptr<JetLayer<HostFp32>> make(const LayerSetting<HostFp32>& setting) const override {
    return std::make_unique<Made<HostFp32>>(setting);
  }
  std::unique_ptr<JetLayer<HostFp64>> make(const LayerSetting<HostFp64>& setting) const override {
    return std::make_unique<Made<HostFp64>>(setting);
  }
  std::unique_ptr<JetLayer<EmulatedFp32>> make(const LayerSetting<EmulatedFp32>& setting) const override {
    return std::make_unique<Made<EmulatedFp32>>(setting);
  }
  std::unique_ptr<JetLayer<EmulatedFp64>> make(const LayerSetting<EmulatedFp64>& setting) const override {
    return std::make_unique<Made<EmulatedFp64>>(setting);
  }
#if defined(JETPINN_CUDA)
  std::unique_ptr<JetLayer<CudaFp32>> make(const LayerSetting<CudaFp32>& setting) const override {
    return std::make_unique<Made<CudaFp32>>(setting);
  }
  std::unique_ptr<JetLayer<CudaFp64>> make(const LayerSetting<CudaFp64>& setting) const override {
    return std::make_unique<Made<CudaFp64>>(setting);
  }
#endif
};

}  // namespace jetpinn
