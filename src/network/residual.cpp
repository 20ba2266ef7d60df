#include "jetpinn/network/builders.hpp"

#include <string>

namespace jetpinn {

// h = s(x W + b), then h + s(h W + b) for every further hidden layer (He and others, 2016).
void build_residual(const NetworkOptions& options, Network& network) {
  require_one_width(options);
  const std::string of = " of " + std::to_string(options.hidden.size() + 1);
  int at = network.append_embedding(options);
  for (std::size_t l = 0; l < options.hidden.size(); ++l) {
    network.begin_part("layer " + std::to_string(l + 1) + of);
    const int before = at;
    at = network.append_activation(network.append_linear(at, options.hidden[l]));
    if (l > 0) at = network.append_mix(at, before, false);
  }
  network.begin_part("the output layer");
  network.append_output(at);
}

}  // namespace jetpinn
