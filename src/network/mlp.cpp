#include "jetpinn/network/builders.hpp"

#include <string>

namespace jetpinn {

// features -> hidden[0] -> ... -> fields: h = s(x W + b) for every hidden layer, u = h V + c.
void build_mlp(const NetworkOptions& options, Network& network) {
  const std::string of = " of " + std::to_string(options.hidden.size() + 1);
  int at = network.append_embedding(options);
  for (std::size_t l = 0; l < options.hidden.size(); ++l) {
    network.begin_part("layer " + std::to_string(l + 1) + of);
    at = network.append_activation(network.append_linear(at, options.hidden[l]));
  }
  network.begin_part("the output layer");
  network.append_output(at);
}

}  // namespace jetpinn
