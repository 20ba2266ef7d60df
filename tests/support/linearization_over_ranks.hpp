// The linearisation over ranks of one case, by either engine.
#pragma once

#include "support/linearization_case.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn::test {

class LinearizationOverRanks : public ::testing::TestWithParam<EngineKind> {
 protected:
  LinearizationOverRanks()
      : problem_(linearization_case(GetParam() == EngineKind::jets ? 5 : 1)),
        engine_(engine_of(problem_, GetParam())),
        size_(problem_.parameters.size()) {}
  void near(const std::vector<double>& actual, const std::vector<double>& expected, const char* what) {
    EXPECT_GT(test::norm(expected), 0) << what;
    EXPECT_LE(test::distance(actual, expected), 1e-12 * test::norm(expected)) << what;
  }

  EngineCase problem_;
  std::unique_ptr<Engine> engine_;
  std::size_t size_;
};

// What rank 0 has, on every rank.
inline std::vector<double> of_root(std::vector<double> values, std::int64_t count) {
  EXPECT_EQ(static_cast<std::int64_t>(values.size()), world().root() ? count : 0);
  values.resize(static_cast<std::size_t>(count));
  world().broadcast("test", values.data(), count * static_cast<std::int64_t>(sizeof(double)));
  return values;
}

inline const auto both_engines = ::testing::Values(EngineKind::jets, EngineKind::reference);

inline std::string name_of_engine(const ::testing::TestParamInfo<EngineKind>& info) {
  return info.param == EngineKind::jets ? "jets" : "reference";
}

}  // namespace jetpinn::test
