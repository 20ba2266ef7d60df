#include "jetpinn/layer/whole_matrix.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/kernels/parameter_items.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// Where the numbers of the layer's blocks lie once the matrix has all its weights.
std::vector<std::int64_t> places_of(const SparsePattern& pattern, std::int64_t others) {
  std::vector<std::int64_t> places(pattern.kept.begin(), pattern.kept.end());
  for (std::int64_t i = 0; i < others; ++i) places.push_back(pattern.weights() + i);
  return places;
}

template <class A>
class WholeLayer : public JetLayer<A> {
 public:
  using Space = typename A::Space;
  using Own = typename JetLayer<A>::Own;
  using ConstOwn = typename JetLayer<A>::ConstOwn;

  WholeLayer(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain)
      : pattern_(*pattern_of(setting.layer)), stream_(setting.stream), plain_(std::move(plain)) {
    std::int64_t others = 0;  // numbers of the blocks behind the matrix
    for (std::size_t b = 1; b < setting.layer.blocks.size(); ++b) others += setting.layer.blocks[b].size();
    const std::vector<std::int64_t> places = places_of(pattern_, others);
    size_ = pattern_.weights() + others;
    if constexpr (Space::host) {
      places_ = places;
    } else {
      count_ = static_cast<std::int64_t>(places.size());
      table_ = upload<Space>(stream_, setting.pool, places);
      whole_ = setting.pool.template allocate<double>(size_);
      gathered_ = setting.pool.template allocate<double>(size_);
    }
  }

  void load(ConstOwn own) override { plain_->load(whole(own)); }
  void load_direction(ConstOwn own) override { plain_->load_direction(whole(own)); }
  void flush(Own own) override {
    if constexpr (Space::host) {
      here_.assign(static_cast<std::size_t>(size_), 0.0);
      plain_->flush(here_.data());
      for (std::size_t k = 0; k < places_.size(); ++k) own[k] += here_[static_cast<std::size_t>(places_[k])];
    } else {
      fill(stream_, gathered_, size_, 0.0);
      plain_->flush(gathered_);
      launch(Space{}, stream_, "jetpinn::gather_kept", count_,
             GatherItem{gathered_.address(), table_.address(), own.address()});
    }
  }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override { return plain_->module(setting); }

 private:
  // Weights that the pattern leaves out are zero.
  ConstOwn whole(ConstOwn own) {
    if constexpr (Space::host) {
      here_.assign(static_cast<std::size_t>(size_), 0.0);
      for (std::size_t k = 0; k < places_.size(); ++k) here_[static_cast<std::size_t>(places_[k])] = own[k];
      return here_.data();
    } else {
      launch(Space{}, stream_, "jetpinn::scatter_kept", count_,
             ScatterItem{own.address(), table_.address(), whole_.address()});
      return whole_;
    }
  }

  const SparsePattern& pattern_;
  const Stream stream_;
  std::int64_t size_ = 0;  // of the blocks with the whole matrix
  std::unique_ptr<JetLayer<A>> plain_;
  std::vector<std::int64_t> places_;                             // [own numbers], of a host
  std::vector<double> here_;                                     // [size], of a host
  std::int64_t count_ = 0;                                       // own numbers, of a device
  Pointer<std::int64_t, Space> table_ = nullptr;                 // [own numbers], of a device
  Pointer<double, Space> whole_ = nullptr, gathered_ = nullptr;  // [size], of a device
};

}  // namespace

const SparsePattern* pattern_of(const Layer& layer) {
  return layer.blocks.empty() ? nullptr : layer.blocks.front().pattern.get();
}

template <class A>
std::unique_ptr<JetLayer<A>> make_whole(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain) {
  return std::make_unique<WholeLayer<A>>(setting, std::move(plain));
}

#define JETPINN_INSTANTIATE(A) \
  template std::unique_ptr<JetLayer<A>> make_whole<A>(const LayerSetting<A>&, std::unique_ptr<JetLayer<A>>);
JETPINN_INSTANTIATE(HostFp32)
JETPINN_INSTANTIATE(HostFp64)
JETPINN_INSTANTIATE(HostBf16)
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
