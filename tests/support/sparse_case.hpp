// Patterns for networks of tests, in a file as options name it.
#pragma once

#include "jetpinn/network/pattern_file.hpp"
#include "support/temporary_folder.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn::test {

// A pattern file of matrices [inputs, outputs] whose weights are kept at random, in a folder that stays as long as the
// program.
inline std::string pattern_file(const std::vector<std::pair<std::int64_t, std::int64_t>>& shapes, double density) {
  static const testing::TemporaryFolder folder;
  static int files = 0;
  std::mt19937 generator(11);
  std::uniform_real_distribution<double> uniform(0, 1);
  SparsePatterns patterns;
  for (const auto& [inputs, outputs] : shapes) {
    SparsePattern pattern{inputs, outputs, {}};
    for (std::int64_t place = 0; place < pattern.weights(); ++place)
      if (place == 0 || uniform(generator) < density) pattern.kept.push_back(place);
    patterns.push_back(std::make_shared<const SparsePattern>(std::move(pattern)));
  }
  const std::string path = folder.file(std::to_string(files++) + ".h5");
  write_patterns(path, patterns);
  return path;
}

}  // namespace jetpinn::test
