#include "jetpinn/engine/engine_products.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/jet_sweepers.hpp"
#include "jetpinn/layer/layer_kinds.hpp"
#include "jetpinn/runtime/bf16_kernels.hpp"
#include "jetpinn/runtime/cuda_product.hpp"

#include <algorithm>
#include <string>
#include <type_traits>

namespace jetpinn {
namespace {

// The widest term's chunk decides how many rows a product sees; a device's large ones are measured by a part.
constexpr std::int64_t most_rows = std::int64_t{1} << 14;

}  // namespace

template <class A>
ProductChoice choose_engine_products(const EngineOptions& options, const Network& network,
                                     const std::vector<EngineTerm>& terms) {
  using T = typename A::Storage;
  const auto shapes = product_shapes<A>(network);
  const auto& known = product_backends();
  ProductChoice choice;
  if (std::is_same_v<typename A::Space, CudaSpace>) {
    for (const ProductShape& shape : shapes) choice.set<T>(shape, cuda_backend);
    return choice;
  }
  if (std::find(known.begin(), known.end(), options.product_backend) != known.end()) {
    for (const ProductShape& shape : shapes) choice.set<T>(shape, options.product_backend);
    return choice;
  }
  // A run that goes on from a card's checkpoint measures anew.
  if (options.product_backend != "auto" && options.product_backend.find(cuda_backend) == std::string::npos) {
    choice = ProductChoice(options.product_backend);
    choice.best_rate = options.product_rate;
    return choice;
  }
  if (options.reproducibility == Reproducibility::ranks) {
    for (const ProductShape& shape : shapes) choice.set<T>(shape, known.front());
    return choice;
  }
  std::int64_t rows = 64;
  const BufferPlan plan = plan_buffers(network, BufferUse::training, trained_coefficients(programs_of(terms)));
  for (const EngineTerm& term : terms) {
    const int channels = term.program.channels();
    rows = std::max(rows, std::min(channels * chunk_of<A>(plan, channels).chunk, most_rows));
  }
  Communicator* ranks = options.ranks;
  const auto measure = [&] {
    if (!ranks || ranks->root()) choice = choose_products<T>(shapes, rows);
  };
  ranks ? ranks->agree("product choice", measure) : measure();
  if (!ranks || ranks->size() == 1) return choice;
  double rate = choice.best_rate;
  choice = ProductChoice(ranks->broadcast("product choice", choice.text()));
  ranks->broadcast("product rate", &rate, sizeof(rate));
  choice.best_rate = rate;
  return choice;
}

ProductChoice choose_bf16_products(const EngineOptions& options) {
  const std::vector<std::string>& known = bf16_backends();
  ProductChoice choice;
  if (std::find(known.begin(), known.end(), options.product_backend) != known.end()) {
    choice.set_bf16(options.product_backend);
  } else if (options.product_backend != "auto") {
    choice = ProductChoice(options.product_backend);
  } else {
    choice.set_bf16(why_no_bf16().empty() ? known.front() : known.back());
  }
  bf16_kernels(choice.bf16_backend());  // throws where they are missing
  return choice;
}

#define JETPINN_INSTANTIATE(A) \
  template ProductChoice choose_engine_products<A>(const EngineOptions&, const Network&, const std::vector<EngineTerm>&);
JETPINN_INSTANTIATE(HostFp32)
JETPINN_INSTANTIATE(HostFp64)
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
