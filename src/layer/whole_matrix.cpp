#include "jetpinn/layer/whole_matrix.hpp"

#include "jetpinn/base/device_kinds.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

template <class A>
class WholeLayer : public JetLayer<A> {
 public:
  WholeLayer(const Layer& layer, std::unique_ptr<JetLayer<A>> plain)
      : pattern_(*pattern_of(layer)), kept_(layer.blocks.front().size()), plain_(std::move(plain)) {
    for (std::size_t b = 1; b < layer.blocks.size(); ++b) others_ += layer.blocks[b].size();
  }

  void load(const double* own) override { plain_->load(whole(own)); }
  void load_direction(const double* own) override { plain_->load_direction(whole(own)); }
  void flush(double* own) override {
    whole_.assign(static_cast<std::size_t>(pattern_.weights() + others_), 0.0);
    plain_->flush(whole_.data());
    for (std::size_t k = 0; k < pattern_.kept.size(); ++k) own[k] += whole_[static_cast<std::size_t>(pattern_.kept[k])];
    for (std::int64_t i = 0; i < others_; ++i) own[kept_ + i] += whole_[static_cast<std::size_t>(pattern_.weights() + i)];
  }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override { return plain_->module(setting); }

 private:
  const double* whole(const double* own) {
    whole_.resize(static_cast<std::size_t>(pattern_.weights() + others_));
    expand(pattern_, own, whole_.data());
    std::copy_n(own + kept_, others_, whole_.data() + pattern_.weights());
    return whole_.data();
  }

  const SparsePattern& pattern_;
  const std::int64_t kept_;
  std::int64_t others_ = 0;  // numbers of the blocks behind the matrix
  std::unique_ptr<JetLayer<A>> plain_;
  std::vector<double> whole_;
};

}  // namespace

const SparsePattern* pattern_of(const Layer& layer) {
  return layer.blocks.empty() ? nullptr : layer.blocks.front().pattern.get();
}

template <class A>
std::unique_ptr<JetLayer<A>> make_whole(const Layer& layer, std::unique_ptr<JetLayer<A>> plain) {
  return std::make_unique<WholeLayer<A>>(layer, std::move(plain));
}

template std::unique_ptr<JetLayer<HostFp32>> make_whole<HostFp32>(const Layer&, std::unique_ptr<JetLayer<HostFp32>>);
template std::unique_ptr<JetLayer<HostFp64>> make_whole<HostFp64>(const Layer&, std::unique_ptr<JetLayer<HostFp64>>);
template std::unique_ptr<JetLayer<HostBf16>> make_whole<HostBf16>(const Layer&, std::unique_ptr<JetLayer<HostBf16>>);
#define JETPINN_INSTANTIATE(A) \
  template std::unique_ptr<JetLayer<A>> make_whole<A>(const Layer&, std::unique_ptr<JetLayer<A>>);
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
