#include "jetpinn/runtime/small_network.hpp"

#include "jetpinn/runtime/libtorch.hpp"

namespace jetpinn {
namespace {

const LibtorchNetworks& networks() {
  return libtorch_table<LibtorchNetworks>("jetpinn_libtorch_networks", "a study of representations (ablate)");
}

}  // namespace

SmallNetworkResult train_small_network(const SmallNetworkData& data, const SmallNetworkOptions& options) {
  return networks().train(data, options);
}

void full_svd(const double* weight, std::int64_t rows, std::int64_t columns, double* values, double* left, double* right) {
  networks().full_svd(weight, rows, columns, values, left, right);
}

}  // namespace jetpinn
