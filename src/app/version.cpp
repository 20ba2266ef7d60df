#include "jetpinn/base/version.hpp"
#include "jetpinn/app/command_line.hpp"
#include "jetpinn/runtime/device_choice.hpp"
#include "jetpinn/runtime/versions.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

std::string cards_text(const CudaFacts& facts) {
  if (const std::string obstacle = cuda_obstacle(facts); !obstacle.empty()) return "no card: " + obstacle;
  std::string text;
  for (const CudaCard& card : facts.cards) text += (text.empty() ? "" : ", ") + describe(card);
  return text + ", driver for CUDA " + cuda_version_text(facts.driver);
}

}  // namespace

std::string version_text() {
  std::string text = std::string("jetpinn ") + version + "\n";
  auto libraries = library_versions();
  if (const CudaFacts facts = cuda_facts(); facts.built) libraries.emplace_back("found", cards_text(facts));
  std::size_t width = 0;
  for (const auto& [name, number] : libraries) width = std::max(width, name.size());
  for (const auto& [name, number] : libraries)
    text += "  " + name + std::string(width + 2 - name.size(), ' ') + number + "\n";
  return text;
}

}  // namespace jetpinn
