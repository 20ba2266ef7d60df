// What balances the losses of a run, as the config says of its terms; what that takes, and how `check` says it.
#pragma once

#include "jetpinn/balance/loss_balance.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"
#include "jetpinn/train/point_streams.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace jetpinn {

// Null: nothing is balanced. The assembly outlives it, as do the streams, which keep weights of points that are streamed.
std::unique_ptr<LossBalance> make_balance(const Assembly& assembly, const TrainingOptions& training, int rank,
                                          PointStreams* streams = nullptr);

// Whether the points of a term have weights of their own.
bool weighs_points(const Assembly& assembly, const TrainingOptions& training, std::size_t term);
// Whether these are remembered from step to step.
bool remembers_points(const Assembly& assembly, const TrainingOptions& training, std::size_t term);

// Whether a run remembers the network of its lowest loss: where keeps_best() of its options says so, and unless told, where
// weights follow the training. A search lowers the weighted loss then, and that of the config may rise.
bool keeps_best(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output);

std::int64_t balance_sums(const Assembly& assembly, const TrainingOptions& training);  // LossBalance::sums()
// Of one rank in a stage.
std::int64_t balance_bytes(const Assembly& assembly, const TrainingOptions& training, std::size_t stage, int rank);

// Lines for `check`; empty: nothing is balanced.
std::string balance_text(const Assembly& assembly, const TrainingOptions& training);

}  // namespace jetpinn
