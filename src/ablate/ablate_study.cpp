#include "jetpinn/ablate/ablate_study.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/runtime/runtime.hpp"
#include "jetpinn/sampling/permutation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace jetpinn {
namespace {

// Of a run, whatever the representation.
std::uint64_t seed_of(std::uint64_t seed, std::int64_t run) {
  return random_words({seed, 0xab1a, 0}, Draw::permutation, static_cast<std::uint64_t>(run))[0];
}

// What one run leaves, as numbers that are summed over ranks: score, epochs, best epoch, seconds.
constexpr std::int64_t facts = 4;

double score_of(const SmallNetworkData& data, const std::vector<double>& predicted, std::int64_t* confusion) {
  const auto count = static_cast<double>(predicted.size());
  double right = 0, sum = 0, errors = 0, variance = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    const double target = data.targets[data.test[i]];
    right += predicted[i] == target ? 1 : 0;
    sum += target;
    errors += (predicted[i] - target) * (predicted[i] - target);
    if (data.classes > 0)
      ++confusion[static_cast<std::int64_t>(target) * data.classes + static_cast<std::int64_t>(predicted[i])];
  }
  if (data.classes > 0) return right / count;
  // From the mean: of values far from 0 the difference of their squares is rounding alone.
  for (const std::int64_t sample : data.test) {
    const double apart = data.targets[sample] - sum / count;
    variance += apart * apart;
  }
  return variance > 0 ? 1 - errors / variance : 0;
}

}  // namespace

SampleDivision divide_samples(std::int64_t samples, std::uint64_t seed, std::int64_t run) {
  const Permutation order(static_cast<std::uint64_t>(samples), seed_of(seed, run));
  const std::int64_t train = samples * 6 / 10, validation = samples * 2 / 10;
  SampleDivision division;
  for (std::int64_t i = 0; i < samples; ++i)
    (i < train                ? division.train
     : i < train + validation ? division.validation
                              : division.test)
        .push_back(static_cast<std::int64_t>(order(static_cast<std::uint64_t>(i))));
  return division;
}

bool train_representation(Communicator& communicator, const FeatureSet& features, const WeightLabels& labels,
                          const AblateOptions& options, RepresentationResult& result) {
  const auto classes = static_cast<std::int64_t>(labels.classes.size());
  const auto runs = static_cast<std::size_t>(options.runs);
  std::vector<double> found(runs * facts, 0);
  result.confusion.assign(static_cast<std::size_t>(classes * classes), 0);
  std::int64_t stopped = 0;
  communicator.agree("ablate", [&] {
    const FeatureShape& shape = features.key.shape;
    SmallNetworkData data{features.file.rows(), shape.fp64, shape.length, labels.values.data(), classes, 0, 0, {}, {}, {}};
    if (features.representation->image) {
      const PictureShape image = image_shape(result.layers);
      data.height = image.height;
      data.width = image.width;
    }
    for (std::int64_t run = communicator.rank(); run < options.runs && stopped == 0; run += communicator.size()) {
      const SampleDivision division = divide_samples(shape.samples, options.seed, run);
      data.train = division.train, data.validation = division.validation, data.test = division.test;
      SmallNetworkOptions network = options.network;
      network.seed = seed_of(options.seed + 1, run);
      const SmallNetworkResult trained = train_small_network(data, network);
      if (!trained.finite)
        throw Error(Status::numerical,
                    fmt::format("{}, run {}: the loss is no number; lower --learning-rate", result.name, run));
      double* own = found.data() + run * facts;
      own[0] = score_of(data, trained.predicted, result.confusion.data());
      own[1] = static_cast<double>(trained.epochs);
      own[2] = static_cast<double>(trained.best_epoch);
      own[3] = trained.seconds;
      if (stop_requested()) stopped = 1;
    }
  });
  communicator.sum("ablate", &stopped, 1);
  if (stopped != 0) return false;
  communicator.sum("ablate", found.data(), static_cast<std::int64_t>(found.size()));
  communicator.sum("ablate", result.confusion.data(), static_cast<std::int64_t>(result.confusion.size()));
  for (std::size_t run = 0; run < runs; ++run) {
    const double* own = found.data() + run * facts;
    result.scores.push_back(own[0]);
    result.epochs.push_back(own[1]);
    result.best_epochs.push_back(own[2]);
    result.seconds.push_back(own[3]);
  }
  return true;
}

Ablation describe_ablation(const WeightSource& source, const AblateOptions& options, std::int64_t chosen_layers,
                           std::uint64_t data_hash, int ranks) {
  const WeightShape& shape = source.shape();
  const SmallNetworkOptions& network = options.network;
  Ablation ablation;
  ablation.data = source.name();
  ablation.samples = shape.samples, ablation.layers = shape.layers, ablation.chosen_layers = chosen_layers;
  ablation.rows = shape.rows, ablation.columns = shape.columns, ablation.rank = shape.rank, ablation.runs = options.runs;
  ablation.classes = source.labels().classes;
  ablation.reference = options.reference, ablation.fp64 = options.fp64(), ablation.ranks = ranks;
  std::map<double, std::int64_t> counts;
  for (const double label : source.labels().values) ++counts[label];
  for (const auto& [label, count] : counts)
    ablation.chance = std::max(ablation.chance, static_cast<double>(count) / static_cast<double>(shape.samples));
  const std::string matters = fmt::format(
      "features {} of data {} layers {} {} fp{} seed {} runs {} hidden {} dropout {} decay {} rate {} epochs {} "
      "patience {} batch {}",
      feature_version, hex(data_hash), chosen_layers, options.reference ? "full" : "low rank", options.fp64() ? 64 : 32,
      options.seed, options.runs, fmt::join(network.hidden, " "), network.dropout, network.weight_decay,
      network.learning_rate, network.epochs, network.patience, network.batch);
  ablation.identity = hex(hash_of(matters));
  return ablation;
}

RepresentationResult describe_result(const FeatureSet& features, const WeightShape& shape, std::int64_t chosen_layers) {
  const Representation& one = *features.representation;
  RepresentationResult result;
  result.name = one.name, result.title = one.title, result.sees = one.sees;
  result.numbers = features.key.shape.length;
  result.layers = chosen_layers;
  result.flop = one.flop(shape, chosen_layers);
  result.spectra = one.spectra, result.cached = features.cached;
  result.feature_seconds = features.seconds;
  return result;
}

}  // namespace jetpinn
