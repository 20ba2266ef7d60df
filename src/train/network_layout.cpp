#include "jetpinn/train/network_layout.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

ParameterLayout parameter_layout(const Network& network) {
  std::vector<ParameterMatrix> matrices;
  for (const Layer& layer : network.layers)
    for (const ParameterBlock& block : layer.blocks) {
      const std::string& part = network.parts[static_cast<std::size_t>(layer.part)].name;
      const std::int64_t columns = block.shape.empty() ? 1 : block.shape.back();
      matrices.push_back({part + ", " + block.name, block.size() / columns, columns, block.offset, block.trained});
    }
  if (network.trainables.size() > 0)
    matrices.push_back({network.trainables.name, 1, network.trainables.size(), network.layer_parameters(), true, false});
  return ParameterLayout(std::move(matrices));
}

}  // namespace jetpinn
