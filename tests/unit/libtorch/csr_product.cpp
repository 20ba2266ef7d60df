#include "jetpinn/runtime/csr_product.hpp"

#include "jetpinn/base/error.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace jetpinn {
namespace {

TEST(CsrProduct, IsThatOfTheMatrix) {
  // 1 0 2
  // 0 3 0
  const auto product = make_csr_product(CsrMatrix<double>{2, 3, {0, 2, 3}, {0, 2, 1}, {1, 2, 3}});
  const double x[] = {1, 10, 2, 20, 3, 30}, bias[] = {0.5, -0.5};
  double y[4];
  (*product)(2, x, bias, y);
  EXPECT_EQ(std::vector<double>(y, y + 4), (std::vector<double>{7.5, 70.5, 5.5, 59.5}));
}

// Columns of which no machine holds one: it is the memory that lacks, and not LibTorch that cannot multiply.
TEST(CsrProduct, SaysThatMemoryDoesNotSuffice) {
  const CsrMatrix<double> wide{1, std::int64_t{1} << 50, {0, 1}, {0}, {1}};
  testing::expect_error(Status::usage, {"out of memory", "1 x 1125899906842624", "smaller network"},
                        [&] { make_csr_product(wide); });
}

}  // namespace
}  // namespace jetpinn
