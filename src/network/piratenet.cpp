#include "jetpinn/network/builders.hpp"

#include <string>

namespace jetpinn {

// x = s(features W + b), U = s(x W_u + b_u), V = s(x W_v + b_v); for every block
//   f = s(x W_1 + b_1),  z = U + f * (V - U),  g = s(z W_2 + b_2),  z = U + g * (V - U),  h = s(z W_3 + b_3),
//   x = alpha h + (1 - alpha) x,  alpha = 0 at the beginning
// (Wang, Li, Chen and Perdikaris, 2024: "PirateNets: physics-informed deep learning with residual adaptive networks").
void build_piratenet(const NetworkOptions& options, Network& network) {
  require_one_width(options);
  const std::int64_t width = options.hidden[0];
  const auto dense = [&](int input) { return network.append_activation(network.append_linear(input, width)); };
  const int features = network.append_embedding(options);
  network.begin_part("the embedding");
  int x = dense(features);
  int encoder[2];
  for (int k = 0; k < 2; ++k) {
    network.begin_part("encoder " + std::to_string(k + 1) + " of 2");
    encoder[k] = dense(x);
  }
  for (std::size_t block = 0; block < options.hidden.size(); ++block) {
    const std::string in = " of block " + std::to_string(block + 1);
    int z = x;
    for (int l = 1; l <= 2; ++l) {
      network.begin_part("layer " + std::to_string(l) + in);
      z = network.append_gate(dense(z), encoder[0], encoder[1]);
    }
    network.begin_part("layer 3" + in);
    x = network.append_mix(dense(z), x, true);
  }
  network.begin_part("the output layer");
  network.append_output(x);
}

}  // namespace jetpinn
