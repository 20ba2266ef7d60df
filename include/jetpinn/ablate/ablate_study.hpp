// The study: for each representation a number of trainings on other divisions of the samples, dealt to the ranks.
#pragma once

#include "jetpinn/ablate/ablate_options.hpp"
#include "jetpinn/ablate/ablation.hpp"
#include "jetpinn/ablate/features.hpp"
#include "jetpinn/ablate/weight_source.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Numbers of samples for one run: 60 % for training, 20 % for validation, 20 % for the test, drawn by seed and run. The same
// for every representation.
struct SampleDivision {
  std::vector<std::int64_t> train, validation, test;
};
SampleDivision divide_samples(std::int64_t samples, std::uint64_t seed, std::int64_t run);

// The runs of one representation. Collective; the same numbers on every rank, and for any number of ranks. False: asked to
// stop. Throws Error (numerical) where a loss is no number.
bool train_representation(Communicator& communicator, const FeatureSet& features, const WeightLabels& labels,
                          const AblateOptions& options, RepresentationResult& result);

// A study of these data, without results.
Ablation describe_ablation(const WeightSource& source, const AblateOptions& options, std::int64_t chosen_layers,
                           std::uint64_t data_hash, int ranks);

// A result without scores.
RepresentationResult describe_result(const FeatureSet& features, const WeightShape& shape, std::int64_t chosen_layers);

}  // namespace jetpinn
