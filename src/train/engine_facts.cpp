#include "jetpinn/train/engine_facts.hpp"

#include "jetpinn/base/version.hpp"

#include <nlohmann/json.hpp>

namespace jetpinn {

std::string products_text(const std::string& backend) { return backend.empty() ? "no products" : "products " + backend; }

std::string engine_facts(const RunFacts& facts) {
  const nlohmann::ordered_json json = {{"engine", facts.engine},
                                       {"device", facts.device},
                                       {"precision", facts.precision},
                                       {"products", facts.backend},
                                       {"chunk", facts.chunk},
                                       {"ranks", facts.rank_hosts.size()},
                                       {"reproducibility", facts.reproducibility},
                                       {"gradient_sum", facts.summed_by},
                                       {"version", version}};
  return json.dump(2) + "\n";
}

}  // namespace jetpinn
