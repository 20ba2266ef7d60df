#include "jetpinn/ablate/features.hpp"

#include "jetpinn/base/blocks.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/runtime/runtime.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace jetpinn {

// A file while it is written.
struct Features::Output {
  std::size_t set = 0;
  std::string temporary;  // rank 0 has made it, and removes it where it did not become a file
  std::unique_ptr<FeatureWriter> writer;
  double seconds = 0;
};

namespace {

constexpr std::int64_t piece_bytes = std::int64_t{64} << 20;  // of samples that are read at once

void remove_quietly(const std::string& path) {
  std::error_code trouble;
  if (!path.empty()) std::filesystem::remove(path, trouble);
}

// W = B A, for the plain path.
template <class T>
void form_whole(const WeightShape& shape, WeightBlock<T>& block, std::int64_t count) {
  const std::int64_t matrices = count * shape.layers;
  block.weight.assign(static_cast<std::size_t>(matrices * shape.rows * shape.columns), T(0));
  for (std::int64_t m = 0; m < matrices; ++m)
    for (std::int64_t i = 0; i < shape.rows; ++i)
      for (std::int64_t r = 0; r < shape.rank; ++r) {
        const T factor = block.b[static_cast<std::size_t>((m * shape.rows + i) * shape.rank + r)];
        const T* a = block.a.data() + (m * shape.rank + r) * shape.columns;
        T* row = block.weight.data() + (m * shape.rows + i) * shape.columns;
        for (std::int64_t j = 0; j < shape.columns; ++j) row[j] += factor * a[j];
      }
  block.a.clear();
  block.b.clear();
}

void compute(const Representation& representation, const SampleLayers<float>& sample, const LayerSpectra<float>& spectra,
             float* out) {
  representation.fp32(sample, spectra, out);
}
void compute(const Representation& representation, const SampleLayers<double>& sample, const LayerSpectra<double>& spectra,
             double* out) {
  representation.fp64(sample, spectra, out);
}

}  // namespace

Features::Features(Communicator& communicator, const WeightSource& source, const AblateOptions& options, std::string scratch,
                   Say say)
    : communicator_(communicator),
      source_(source),
      options_(options),
      scratch_(std::move(scratch)),
      say_(std::move(say)),
      cache_(options.cache, options.cache_limit),
      chosen_(jetpinn::chosen_layers(source.shape().layers, options.sample_layers)) {
  const double begin = wall_seconds();
  data_hash_ = source.content_hash(communicator);
  times_.hash = wall_seconds() - begin;
}

Features::~Features() {
  if (!communicator_.root()) return;
  std::error_code trouble;
  std::filesystem::remove_all(scratch_, trouble);
}

bool Features::make(const std::vector<const Representation*>& wanted) {
  const double begin = wall_seconds();
  const auto layers = static_cast<std::int64_t>(chosen_.size());
  const std::string how = fmt::format("layers {}, {}", fmt::join(chosen_, " "), options_.reference ? "full" : "low rank");
  for (const Representation* one : wanted) {
    FeatureSet set;
    set.representation = one;
    set.key = {one->name, data_hash_, how, {source_.shape().samples, one->length(source_.shape(), layers), options_.fp64()}};
    sets_.push_back(std::move(set));
  }
  paths_.resize(sets_.size());
  find();
  std::vector<Output> outputs;
  for (std::size_t s = 0; s < sets_.size(); ++s)
    if (!sets_[s].cached) outputs.push_back({s, "", nullptr, 0});
  try {
    reserve(outputs);
    options_.fp64() ? run_pass<double>(outputs) : run_pass<float>(outputs);
    if (!stopped_) finish(outputs);
  } catch (...) {
    for (const Output& output : outputs) remove_quietly(output.temporary);
    throw;
  }
  if (stopped_) {
    for (const Output& output : outputs) remove_quietly(output.temporary);
    return false;
  }
  open();
  times_.whole = wall_seconds() - begin + times_.hash;
  return true;
}

// Rank 0 looks, for all.
void Features::find() {
  std::vector<std::int64_t> there(sets_.size(), 0);
  const double begin = wall_seconds();
  communicator_.agree("cache", [&] {
    if (!communicator_.root()) return;
    for (std::size_t s = 0; s < sets_.size(); ++s) {
      const FeatureCache::Found found = cache_.look_up(sets_[s].key);
      there[s] = found.there ? 1 : 0;
      if (!found.remark.empty()) say_(found.remark);
    }
  });
  communicator_.broadcast("cache", there.data(), static_cast<std::int64_t>(there.size() * sizeof there[0]));
  for (std::size_t s = 0; s < sets_.size(); ++s) {
    sets_[s].cached = there[s] != 0;
    if (sets_[s].cached) paths_[s] = cache_.path_of(sets_[s].key);
  }
  times_.look_up = wall_seconds() - begin;
}

// In the cache, or where it has no room beside the results.
void Features::reserve(std::vector<Output>& outputs) {
  communicator_.agree("features", [&] {
    if (!communicator_.root()) return;
    bool keep = cache_.on();
    for (Output& output : outputs) {
      const FeatureKey& key = sets_[output.set].key;
      std::string trouble;
      if (keep) {
        paths_[output.set] = cache_.path_of(key);
        output.temporary = reserve_feature_file(paths_[output.set], key.shape, trouble);
        if (!output.temporary.empty()) continue;
        keep = false;
        say_(fmt::format("the cache {} cannot keep the features ({}); the study goes on without it", cache_.folder(),
                         trouble));
      }
      make_folder(scratch_);
      paths_[output.set] = scratch_ + "/" + key.file_name();
      output.temporary = reserve_feature_file(paths_[output.set], key.shape, trouble);
      if (output.temporary.empty())
        throw Error(Status::storage,
                    fmt::format("no room for the features of {} in {}: {}; free {:.1f} MB, or name another --output",
                                key.representation, scratch_, trouble,
                                static_cast<double>(key.shape.samples * key.shape.row_bytes()) / 1e6));
    }
  });
  for (Output& output : outputs) {
    output.temporary = communicator_.broadcast("features", output.temporary);
    paths_[output.set] = communicator_.broadcast("features", paths_[output.set]);
  }
}

// This rank's samples on their way into files, of one pass over the data.
template <class T>
class Features::Pass {
 public:
  Pass(const Features& features, std::vector<Output>& outputs)
      : features_(features),
        options_(features.options_),
        shape_(features.source_.shape()),
        seen_(shape_),
        outputs_(outputs),
        maker_(options_.reference ? Decomposition::full : Decomposition::low_rank) {
    if (options_.reference) seen_.rank = 0;
    for (const Output& output : outputs)
      rows_.emplace_back(static_cast<std::size_t>(feature_block * set(output).key.shape.length));
    const std::int64_t numbers =
        options_.reference ? shape_.layers * shape_.rows * shape_.columns : shape_.numbers_of_sample();
    piece_ = std::clamp<std::int64_t>(piece_bytes / (static_cast<std::int64_t>(sizeof(T)) * numbers), 1, feature_block);
  }

  // Each sample once for all representations; on the plain path once for each of them. False: asked to stop.
  bool run() {
    if (!options_.reference) return run(0, outputs_.size());
    bool going = true;
    for (std::size_t o = 0; o < outputs_.size() && going; ++o) going = run(o, o + 1);
    return going;
  }
  double read_s = 0, spectra_s = 0;

 private:
  const FeatureSet& set(const Output& output) const { return features_.sets_[output.set]; }

  // For outputs from .. to - 1.
  bool run(std::size_t from, std::size_t to) {
    with_spectra_ = false;
    for (std::size_t o = from; o < to; ++o) with_spectra_ |= set(outputs_[o]).representation->spectra;
    const Communicator& ranks = features_.communicator_;
    const RowRange own = share_rows(set(outputs_[from]).key.shape.blocks(), ranks.rank(), ranks.size());
    double told = wall_seconds();
    for (std::int64_t b = own.begin; b < own.end; ++b) {
      const std::int64_t begin = b * feature_block, count = std::min(feature_block, shape_.samples - begin);
      for (std::int64_t first = 0; first < count; first += piece_)
        take(begin + first, std::min(piece_, count - first), first, from, to);
      for (std::size_t o = from; o < to; ++o) outputs_[o].writer->write(b, rows_[o].data(), count);
      if (stop_requested()) return false;
      if (constexpr double interval = 5; ranks.root() && wall_seconds() - told > interval) {
        told = wall_seconds();
        features_.say_(fmt::format("features: {} of {} blocks of rank 0", b + 1 - own.begin, own.count()));
      }
    }
    return true;
  }

  // Samples first .. first + count - 1 as rows from `row` on of the block at hand.
  void take(std::int64_t first, std::int64_t count, std::int64_t row, std::size_t from, std::size_t to) {
    double clock = wall_seconds();
    const auto lap = [&clock] {
      const double before = clock;
      clock = wall_seconds();
      return clock - before;
    };
    features_.source_.read(first, count, block_);
    if (options_.reference && shape_.rank > 0) form_whole(shape_, block_, count);
    read_s += lap();
    for (std::int64_t i = 0; i < count; ++i) {
      const SampleLayers<T> sample = block_.sample(seen_, features_.chosen_, i);
      if (with_spectra_) {
        maker_.make(sample, spectra_);
        require_finite(first + i, "the norm of a layer", spectra_.squared_norm.data(), sample.count());
      }
      spectra_s += lap();
      for (std::size_t o = from; o < to; ++o) {
        const FeatureKey& key = set(outputs_[o]).key;
        T* numbers = rows_[o].data() + (row + i) * key.shape.length;
        compute(*set(outputs_[o]).representation, sample, spectra_, numbers);
        require_finite(first + i, key.representation, numbers, key.shape.length);
        outputs_[o].seconds += lap();
      }
    }
  }

  // Weights that are finite may have squares that are not.
  void require_finite(std::int64_t sample, const std::string& what, const T* numbers, std::int64_t count) const {
    if (std::all_of(numbers, numbers + count, [](T x) { return std::isfinite(x); })) return;
    throw Error(Status::usage,
                fmt::format("{}: sample {}: {} is beyond what fp{} holds, for its weights are too large; scale them{}",
                            features_.source_.name(), sample, what, 8 * sizeof(T),
                            options_.fp64() ? ", or leave the sample away" : ", or take --no-mixed"));
  }

  const Features& features_;
  const AblateOptions& options_;
  const WeightShape& shape_;
  WeightShape seen_;  // as representations see it
  std::vector<Output>& outputs_;
  SpectraMaker<T> maker_;
  LayerSpectra<T> spectra_;
  WeightBlock<T> block_;
  std::vector<std::vector<T>> rows_;  // [outputs][feature_block, length]
  std::int64_t piece_ = 1;
  bool with_spectra_ = false;
};

template <class T>
void Features::run_pass(std::vector<Output>& outputs) {
  if (outputs.empty()) return;
  std::int64_t stopped = 0;
  std::vector<double> slowest{0, 0};
  communicator_.agree("features", [&] {
    for (Output& output : outputs)
      output.writer = std::make_unique<FeatureWriter>(output.temporary, sets_[output.set].key.shape);
    Pass<T> pass(*this, outputs);
    stopped = pass.run() ? 0 : 1;
    for (Output& output : outputs) output.writer->flush();
    slowest = {pass.read_s, pass.spectra_s};
  });
  communicator_.sum("features", &stopped, 1);
  stopped_ = stopped != 0;
  for (const Output& output : outputs) slowest.push_back(output.seconds);
  communicator_.max("features", slowest.data(), static_cast<std::int64_t>(slowest.size()));
  times_.read = slowest[0];
  times_.spectra = slowest[1];
  for (std::size_t o = 0; o < outputs.size(); ++o) sets_[outputs[o].set].seconds = slowest[o + 2];
}

void Features::finish(std::vector<Output>& outputs) {
  if (outputs.empty()) return;
  std::vector<std::int64_t> hashes;
  for (const Output& output : outputs) hashes.push_back(static_cast<std::int64_t>(output.writer->hash()));
  communicator_.sum("features", hashes.data(), static_cast<std::int64_t>(hashes.size()));
  communicator_.agree("features", [&] {
    if (!communicator_.root()) return;
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const FeatureKey& key = sets_[outputs[o].set].key;
      finish_feature_file(outputs[o].temporary, paths_[outputs[o].set], key.shape, key.identity(),
                          static_cast<std::uint64_t>(hashes[o]));
      outputs[o].temporary.clear();
    }
  });
}

// Every rank, before anybody may remove what others keep there.
void Features::open() {
  communicator_.agree("features", [&] {
    for (std::size_t s = 0; s < sets_.size(); ++s) {
      std::string trouble;
      sets_[s].file = FeatureFile(paths_[s], sets_[s].key.shape, sets_[s].key.identity(), trouble);
      if (!sets_[s].file.valid())
        throw Error(Status::storage,
                    paths_[s] + " cannot be read again: " + trouble + "; is its folder seen by every node?");
    }
  });
  if (const std::int64_t gone = communicator_.root() ? cache_.evict(paths_) : 0; gone > 0)
    say_(fmt::format("{} file{} that were used longest ago went from the cache {}", gone, gone == 1 ? "" : "s",
                     cache_.folder()));
}

}  // namespace jetpinn
