// Where samples come from: a collection in a file, or the generator. Samples are read a few at a time.
#pragma once

#include "jetpinn/ablate/weight_generator.hpp"
#include "jetpinn/ablate/weight_shape.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// What the samples are labelled with.
struct WeightLabels {
  std::vector<double> values;        // [samples]
  std::vector<std::string> classes;  // names by number; empty: a number is to be predicted
  bool classification() const { return !classes.empty(); }
};

// Numbers of consecutive samples as the source has them.
template <class T>
struct WeightBlock {
  std::vector<T> a, b, weight;
  SampleLayers<T> sample(const WeightShape& shape, const std::vector<std::int64_t>& chosen, std::int64_t index) const;
};

class WeightSource {
 public:
  virtual ~WeightSource() = default;
  virtual const WeightShape& shape() const = 0;
  virtual const WeightLabels& labels() const = 0;
  virtual std::string name() const = 0;
  // The same for equal contents, whatever the file is called. Collective.
  virtual std::uint64_t content_hash(Communicator& communicator) const = 0;
  // Throws Error (usage) that names sample and layer where a number is not finite.
  virtual void read(std::int64_t first, std::int64_t count, WeightBlock<float>& block) const = 0;
  virtual void read(std::int64_t first, std::int64_t count, WeightBlock<double>& block) const = 0;
};

// data: the path of a collection, or one of 1k, 10k, 50k, 100k, which are generated as they are read, 128 layers each.
// Throws Error (usage): no such file, no collection, labels out of range, one class only.
std::unique_ptr<WeightSource> open_weights(const std::string& data);

// Samples of the generator, without a file.
std::unique_ptr<WeightSource> generated_weights(const WeightShape& shape, std::uint64_t seed, const std::string& name);

// 1k: 1000. 0: none of the sizes that have a name.
std::int64_t named_size(const std::string& name);
WeightShape default_weight_shape(std::int64_t samples);

// Throws Error (usage) naming the sample: labels that are no class's number, one class alone, too few samples.
void check_labels(const WeightLabels& labels, const std::string& where);

// Throws Error (usage) naming sample, layer and `what` (A, B or weight) of the first number that is not finite, of `count`
// samples from `first` on in data [count, layers, of_layer].
template <class T>
void check_finite(const std::vector<T>& data, std::int64_t first, std::int64_t layers, std::int64_t of_layer,
                  const std::string& what, const std::string& where);

}  // namespace jetpinn
