#include "jetpinn/optim/parameter_layout.hpp"

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(ParameterLayout, MatricesLieOneBehindTheOther) {
  const ParameterLayout layout({{"a", 3, 4, 0, true}, {"b", 1, 4, 12, false}, {"c", 2, 2, 16, true}});
  EXPECT_EQ(layout.size, 20);
  EXPECT_EQ(layout.trained_size(), 16);
  EXPECT_EQ(layout.matrices[0].size(), 12);
}

TEST(ParameterLayout, AGapAnOverlapAndAnEmptyMatrixAreRefused) {
  EXPECT_THROW(ParameterLayout({{"a", 1, 4, 0, true}, {"b", 1, 4, 5, true}}), Error);
  EXPECT_THROW(ParameterLayout({{"a", 1, 4, 0, true}, {"b", 1, 4, 3, true}}), Error);
  EXPECT_THROW(ParameterLayout({{"a", 1, 4, 1, true}}), Error);
  EXPECT_THROW(ParameterLayout({{"a", 1, 0, 0, true}}), Error);
}

TEST(ParameterLayout, OfASizeIsOneVector) {
  const ParameterLayout layout = ParameterLayout::of_size(7);
  ASSERT_EQ(layout.matrices.size(), 1u);
  EXPECT_EQ(layout.matrices[0].rows, 1);
  EXPECT_EQ(layout.matrices[0].columns, 7);
  EXPECT_EQ(layout.trained_size(), 7);
  EXPECT_EQ(ParameterLayout::of_size(0).size, 0);
}

}  // namespace
}  // namespace jetpinn
