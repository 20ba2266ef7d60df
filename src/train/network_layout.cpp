#include "jetpinn/train/network_layout.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

ParameterLayout parameter_layout(const Network& network, const std::vector<TrainedNumber>& trained) {
  std::vector<ParameterMatrix> matrices;
  for (const Layer& layer : network.layers)
    for (const ParameterBlock& block : layer.blocks) {
      const std::string& part = network.parts[static_cast<std::size_t>(layer.part)].name;
      const std::int64_t columns = block.shape.empty() ? 1 : block.shape.back();
      matrices.push_back({part + ", " + block.name, block.size() / columns, columns, block.offset, block.trained});
    }
  if (trained.empty() && network.trainables.size() > 0)
    matrices.push_back({network.trainables.name, 1, network.trainables.size(), network.layer_parameters(), true, false});
  for (const TrainedNumber& number : trained) {
    const std::int64_t begin = matrices.back().begin + matrices.back().size();
    matrices.push_back({"trained number " + number.name, 1, 1, begin, true, false, number.learning_rate});
  }
  return ParameterLayout(std::move(matrices));
}

}  // namespace jetpinn
