#include "jetpinn/ablate/ablate_options.hpp"

#include "jetpinn/ablate/representation.hpp"
#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

namespace jetpinn {

void check_ablate_options(const AblateOptions& options, int ranks) {
  const auto refuse = [](const std::string& what) { throw Error(Status::usage, what); };
  if (!(options.sample_layers > 0 && options.sample_layers <= 1))
    refuse(fmt::format("--sample-layers {:g}: it is the share of the layers that is looked at, above 0 and at most 1",
                       options.sample_layers));
  if (!(options.network.dropout >= 0 && options.network.dropout < 1))
    refuse(fmt::format("--dropout {:g}: it is the share of units that is left out, from 0 to below 1",
                       options.network.dropout));
  if (constexpr double most = 1e6; options.network.learning_rate > most)
    refuse(fmt::format("--learning-rate {:g}: it must be at most {:g}", options.network.learning_rate, most));
  if (options.reference && ranks > 1) refuse("--reference is the plain path on one rank; start it without mpirun or srun");
  if (options.reference && !options.cache.empty()) refuse("--reference computes everything anew; leave --cache away");
  named_representations(options.representations);
}

}  // namespace jetpinn
