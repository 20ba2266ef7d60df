#include "jetpinn/ablate/weight_source.hpp"

#include "jetpinn/ablate/weight_file.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hash.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

constexpr int generator_version = 1;  // rises when samples become others
constexpr std::int64_t fewest_samples = 10;

class GeneratedWeights : public WeightSource {
 public:
  GeneratedWeights(const WeightShape& shape, std::uint64_t seed, std::string name)
      : shape_(shape), generator_(shape, seed), seed_(seed), name_(std::move(name)) {
    for (int c = 0; c < planted_classes; ++c) labels_.classes.push_back(std::to_string(c));
    for (std::int64_t s = 0; s < shape.samples; ++s) labels_.values.push_back(generator_.label(s));
  }

  const WeightShape& shape() const override { return shape_; }
  const WeightLabels& labels() const override { return labels_; }
  std::string name() const override { return name_; }
  std::uint64_t content_hash(Communicator&) const override {
    return hash_of(fmt::format("generated {} seed {}: {} x {} of {} x {} rank {}", generator_version, seed_, shape_.samples,
                               shape_.layers, shape_.rows, shape_.columns, shape_.rank));
  }
  void read(std::int64_t first, std::int64_t count, WeightBlock<float>& block) const override {
    const std::int64_t of_a = shape_.layers * shape_.rank * shape_.columns, of_b = shape_.layers * shape_.rows * shape_.rank,
                       whole = shape_.rank > 0 ? 0 : shape_.layers * shape_.rows * shape_.columns;
    block.a.resize(static_cast<std::size_t>(count * of_a));
    block.b.resize(static_cast<std::size_t>(count * of_b));
    block.weight.resize(static_cast<std::size_t>(count * whole));
    for (std::int64_t i = 0; i < count; ++i)
      generator_.make(first + i, block.a.data() + i * of_a, block.b.data() + i * of_b, block.weight.data() + i * whole);
  }
  void read(std::int64_t first, std::int64_t count, WeightBlock<double>& block) const override {
    WeightBlock<float> narrow;
    read(first, count, narrow);
    block.a.assign(narrow.a.begin(), narrow.a.end());
    block.b.assign(narrow.b.begin(), narrow.b.end());
    block.weight.assign(narrow.weight.begin(), narrow.weight.end());
  }

 private:
  WeightShape shape_;
  WeightGenerator generator_;
  std::uint64_t seed_;
  std::string name_;
  WeightLabels labels_;
};

}  // namespace

template <class T>
SampleLayers<T> WeightBlock<T>::sample(const WeightShape& shape, const std::vector<std::int64_t>& chosen,
                                       std::int64_t index) const {
  const std::int64_t of_a = shape.layers * shape.rank * shape.columns, of_b = shape.layers * shape.rows * shape.rank,
                     whole = shape.layers * shape.rows * shape.columns;
  return {shape, chosen, a.empty() ? nullptr : a.data() + index * of_a, b.empty() ? nullptr : b.data() + index * of_b,
          weight.empty() ? nullptr : weight.data() + index * whole};
}
template struct WeightBlock<float>;
template struct WeightBlock<double>;

std::int64_t named_size(const std::string& name) {
  for (const std::int64_t thousands : {1, 10, 50, 100})
    if (name == std::to_string(thousands) + "k") return thousands * 1000;
  return 0;
}

WeightShape default_weight_shape(std::int64_t samples) { return {samples, 128, 32, 32, 4}; }

std::unique_ptr<WeightSource> generated_weights(const WeightShape& shape, std::uint64_t seed, const std::string& name) {
  return std::make_unique<GeneratedWeights>(shape, seed, name);
}

std::unique_ptr<WeightSource> open_weights(const std::string& data) {
  std::unique_ptr<WeightSource> source;
  if (const std::int64_t samples = named_size(data); samples > 0 && !is_file(data))
    source = generated_weights(default_weight_shape(samples), 0, data);
  else
    source = open_weight_file(data);
  check_labels(source->labels(), source->name());
  return source;
}

void check_labels(const WeightLabels& labels, const std::string& where) {
  const auto refuse = [&](const std::string& what) { throw Error(Status::usage, where + ": " + what); };
  const auto samples = static_cast<std::int64_t>(labels.values.size());
  if (samples < fewest_samples)
    refuse(fmt::format("it has {} samples, and training, validation and test need {} in all; collect more", samples,
                       fewest_samples));
  std::set<double> seen;
  for (std::int64_t s = 0; s < samples; ++s) {
    const double label = labels.values[static_cast<std::size_t>(s)];
    if (!std::isfinite(label)) refuse(fmt::format("the label of sample {} is not finite; write a number", s));
    const auto classes = static_cast<double>(labels.classes.size());
    if (labels.classification() && (label < 0 || label >= classes || label != std::floor(label)))
      refuse(
          fmt::format("the label of sample {} is {:g}, and the classes are 0 to {}; mend the label, or name more in the "
                      "attribute 'classes'",
                      s, label, labels.classes.size() - 1));
    if (seen.size() < 2) seen.insert(label);
  }
  if (seen.size() < 2)
    refuse(
        fmt::format("all {} samples have the label {:g}, so that there is nothing to tell apart; add samples of another "
                    "label",
                    samples, *seen.begin()));
}

template <class T>
void check_finite(const std::vector<T>& data, std::int64_t first, std::int64_t layers, std::int64_t of_layer,
                  const std::string& what, const std::string& where) {
  T sum = 0;  // 0 times what is not finite is NaN
  for (const T x : data) sum += x * 0;
  if (sum == 0) return;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (std::isfinite(data[i])) continue;
    const auto layer = static_cast<std::int64_t>(i) / of_layer;
    throw Error(Status::usage,
                fmt::format("{}, dataset '{}': sample {}, layer {}: a weight is {}; train that network again, or leave the "
                            "sample away",
                            where, what, first + layer / layers, layer % layers,
                            std::isnan(data[i])          ? "NaN"
                            : sizeof(T) < sizeof(double) ? "infinite, or too large for fp32 (--no-mixed takes fp64)"
                                                         : "infinite"));
  }
}
template void check_finite(const std::vector<float>&, std::int64_t, std::int64_t, std::int64_t, const std::string&,
                           const std::string&);
template void check_finite(const std::vector<double>&, std::int64_t, std::int64_t, std::int64_t, const std::string&,
                           const std::string&);

}  // namespace jetpinn
