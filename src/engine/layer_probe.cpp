#include "jetpinn/engine/layer_probe.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/engine/jet_layers.hpp"
#include "jetpinn/engine/jet_sweep.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

template <class T>
class Probe : public LayerProbe {
 public:
  Probe(const Network& network, const TermProgram& program, const double* parameters)
      : layers_(network, ProductChoice(), pool_), sweeper_(network, program, {1, 1}, layers_, pool_) {
    const int channels = program.channels();
    for (int l = 0; l < layers_.hidden(); ++l) buffers_.z.push_back(pool_.allocate<T>(channels * layers_[l].width));
    for (T** buffer : {&buffers_.h, &buffers_.a, &buffers_.b}) *buffer = pool_.allocate<T>(channels * layers_.max_width());
    layers_.load(parameters);
  }

  int first_not_finite(const double* place) override {
    sweeper_.forward(Stream{}, buffers_, place, 1, 1, sample_);
    const int channels = sweeper_.program().channels(), hidden = layers_.hidden(), none = hidden + 2;
    const auto finite = [](const T* values, std::int64_t count) {
      return std::all_of(values, values + count, [](T value) { return std::isfinite(value); });
    };
    bool outputs = true;
    for (std::size_t k = static_cast<std::size_t>(sweeper_.program().dimensions); k < sweeper_.inputs().size(); ++k)
      outputs = outputs && std::isfinite(sweeper_.inputs()[k].data[0]);
    if (outputs) return none;   // what saturates on its way, as tanh does, is no fault
    for (int l = 0; l < hidden; ++l)
      if (!finite(buffers_.z[static_cast<std::size_t>(l)], channels * layers_[l].width)) return l + 1;
    return hidden + 1;
  }

 private:
  Pool pool_;
  JetLayers<T> layers_;
  JetSweeper<T> sweeper_;
  typename JetSweeper<T>::Buffers buffers_;
  RegionSample sample_;
};

}  // namespace

std::unique_ptr<LayerProbe> make_layer_probe(const Network& network, const TermProgram& program, Precision precision,
                                             const double* parameters) {
  if (precision == Precision::fp32) return std::make_unique<Probe<float>>(network, program, parameters);
  return std::make_unique<Probe<double>>(network, program, parameters);
}

}  // namespace jetpinn
