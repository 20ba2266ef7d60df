#include "jetpinn/network/builders.hpp"

#include <string>

namespace jetpinn {

// U = s(x W_u + b_u), V = s(x W_v + b_v); H = x, and for every hidden layer Z = s(H W + b), H = U + Z * (V - U)
// (Wang, Teng and Perdikaris, 2021: "Understanding and mitigating gradient flow pathologies in physics-informed neural
// networks"; the first hidden layer is gated too, as in the authors' later programs).
void build_modified_mlp(const NetworkOptions& options, Network& network) {
  require_one_width(options);
  const std::int64_t width = options.hidden[0];
  const int features = network.append_embedding(options);
  int encoder[2];
  for (int k = 0; k < 2; ++k) {
    network.begin_part("encoder " + std::to_string(k + 1) + " of 2");
    encoder[k] = network.append_activation(network.append_linear(features, width));
  }
  const std::string of = " of " + std::to_string(options.hidden.size() + 1);
  int at = features;
  for (std::size_t l = 0; l < options.hidden.size(); ++l) {
    network.begin_part("layer " + std::to_string(l + 1) + of);
    at = network.append_gate(network.append_activation(network.append_linear(at, width)), encoder[0], encoder[1]);
  }
  network.begin_part("the output layer");
  network.append_output(at);
}

}  // namespace jetpinn
