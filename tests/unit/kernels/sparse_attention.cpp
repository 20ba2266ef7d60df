#include "jetpinn/kernels/sparse_attention.hpp"

#include "reference/attention.hpp"
#include "support/attention_case.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace jetpinn {
namespace {

using test::AttentionCase;
using test::AttentionShape;

constexpr std::int64_t tile_tokens = 32;  // of AttentionOptions

template <class T>
reference::Numbers sequence_of(const std::vector<T>& rows, std::int64_t size, std::int64_t n) {
  return reference::Numbers(rows.begin() + n * size, rows.begin() + (n + 1) * size);
}

template <class T>
reference::AttentionTwin twin_of(const AttentionCase<T>& c, std::int64_t n) {
  reference::AttentionTwin twin;
  twin.pattern = c.pattern;
  twin.q = sequence_of(c.q, c.size(), n);
  twin.k = sequence_of(c.k, c.size(), n);
  twin.v = sequence_of(c.v, c.size(), n);
  twin.find_mask();
  twin.forward();
  twin.reverse(sequence_of(c.bar, c.size(), n));
  return twin;
}

double largest(const reference::Numbers& numbers) {
  double most = 0;
  for (const double x : numbers) most = std::max(most, std::abs(x));
  return most;
}

// A weight p has the roundings of its score, a sum of width products of which each may be several times as large as the
// score; an output adds up as many weights as there are tokens.
template <class T>
double tolerance(const AttentionPattern& pattern) {
  return 4 * static_cast<double>(4 * pattern.width + pattern.tokens + 16) * std::numeric_limits<T>::epsilon();
}

template <class T>
class SparseAttention : public ::testing::Test {
 protected:
  static void compare(const char* what, const std::vector<T>& got, const reference::Numbers& wanted, std::int64_t n,
                      double bound) {
    test::Worst worst;
    const std::size_t begin = static_cast<std::size_t>(n) * wanted.size();
    for (std::size_t i = 0; i < wanted.size(); ++i) worst.take(std::abs(got[begin + i] - wanted[i]));
    EXPECT_LE(worst.value(), bound * std::max(1.0, largest(wanted))) << what << " of sequence " << n;
  }
};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(SparseAttention, Types);

TYPED_TEST(SparseAttention, IsThatOfWholeMatrices) {
  using T = TypeParam;
  for (const AttentionShape& shape : test::attention_shapes()) {
    SCOPED_TRACE(std::to_string(shape.tokens) + " tokens of width " + std::to_string(shape.width));
    AttentionCase<T> c(shape, 2);
    c.forward();
    c.reverse();
    const double bound = tolerance<T>(c.pattern);
    for (std::int64_t n = 0; n < c.sequences; ++n) {
      const reference::AttentionTwin twin = twin_of(c, n);
      const std::vector<std::uint8_t> mask = c.mask(n);
      EXPECT_TRUE(std::equal(mask.begin(), mask.end(), twin.mask.begin(), twin.mask.end()));
      this->compare("outputs", c.out, twin.out, n, bound);
      const std::vector<T> sums(c.keep().log_sums(n), c.keep().log_sums(n) + c.pattern.tokens);
      this->compare("log sums", sums, twin.log_sum, 0, bound);
      this->compare("queries' gradient", c.q_bar, twin.q_bar, n, bound);
      this->compare("keys' gradient", c.k_bar, twin.k_bar, n, bound);
      this->compare("values' gradient", c.v_bar, twin.v_bar, n, bound);
    }
  }
}

// Alone, beside others, and again.
TYPED_TEST(SparseAttention, OfASequenceDependsOnNothingElse) {
  using T = TypeParam;
  const AttentionShape shape{261, 24, {4, 16, 0.2}};
  AttentionCase<T> all(shape, 3), again(shape, 3);
  for (AttentionCase<T>* c : {&all, &again}) c->forward(), c->reverse();
  EXPECT_EQ(all.out, again.out);
  EXPECT_EQ(all.k_bar, again.k_bar);
  AttentionCase<T> one(shape, 1);
  const auto part = [&](const std::vector<T>& rows) {
    return std::vector<T>(rows.begin() + 2 * all.size(), rows.begin() + 3 * all.size());
  };
  one.q = part(all.q), one.k = part(all.k), one.v = part(all.v), one.bar = part(all.bar);
  one.forward();
  one.reverse();
  EXPECT_EQ(one.out, part(all.out));
  EXPECT_EQ(one.q_bar, part(all.q_bar));
  EXPECT_EQ(one.k_bar, part(all.k_bar));
  EXPECT_EQ(one.v_bar, part(all.v_bar));
}

// Along a direction of all inputs at once; the choice of tiles stays.
TEST(SparseAttentionGradient, IsThatOfDifferences) {
  for (const AttentionShape& shape : {AttentionShape{150, 12, {4, 0, 0.4}}, AttentionShape{300, 16, {}}}) {
    AttentionCase<double> c(shape, 1), moved(shape, 1), direction(shape, 1);
    c.forward();
    c.reverse();
    const auto loss_at = [&](double step) {
      for (std::size_t i = 0; i < c.q.size(); ++i) {  // a direction that is none of the inputs
        moved.q[i] = c.q[i] + step * direction.v[i];
        moved.k[i] = c.k[i] + step * direction.bar[i];
        moved.v[i] = c.v[i] + step * direction.q[i];
      }
      moved.forward();
      EXPECT_EQ(moved.mask(0), c.mask(0));
      double loss = 0;
      for (std::size_t i = 0; i < c.q.size(); ++i) loss += c.bar[i] * moved.out[i];
      return loss;
    };
    double slope = 0, size = 0;
    for (std::size_t i = 0; i < c.q.size(); ++i) {
      const double terms[] = {c.q_bar[i] * direction.v[i], c.k_bar[i] * direction.bar[i], c.v_bar[i] * direction.q[i]};
      for (const double term : terms) slope += term, size += std::abs(term);
    }
    // Of fourth order in the step; the loss is rounded to 1e-16 of its size, of which the step makes 1e-12.
    const double h = 1e-4;
    const double difference = (8 * (loss_at(h) - loss_at(-h)) - (loss_at(2 * h) - loss_at(-2 * h))) / (12 * h);
    EXPECT_NEAR(difference, slope, 1e-10 * size);
  }
}

TEST(SparseAttentionChoice, TakesTheHighestScoresAndOfEqualOnesTheFirst) {
  AttentionCase<double> c(AttentionShape{10 * tile_tokens, 6, {0, 0, 0.2}}, 1);
  ASSERT_EQ(c.pattern.chosen, 2);
  std::fill(c.q.begin(), c.q.end(), 1.0);
  std::fill(c.k.begin(), c.k.end(), 0.0);
  const auto sees = [&](std::int64_t query, std::int64_t key) {
    c.forward();
    return c.mask(0)[static_cast<std::size_t>(query * tile_tokens * c.pattern.tokens + key * tile_tokens)];
  };
  for (std::int64_t key = 0; key < 10; ++key) {
    EXPECT_EQ(sees(0, key), key <= 2) << key;  // all equal: the first two beyond its own
    EXPECT_EQ(sees(9, key), key <= 1 || key == 9) << key;
  }
  // One token of a tile lifts its mean.
  c.k[static_cast<std::size_t>((7 * tile_tokens + 5) * c.pattern.width)] = 3;
  for (std::int64_t key = 0; key < 10; ++key) EXPECT_EQ(sees(0, key), key <= 1 || key == 7) << key;
}

TEST(SparseAttentionChoice, IsAShareOfTheTilesRoundedUp) {
  EXPECT_EQ(attention_pattern(4 + 30 * tile_tokens, 1, {4, 32, 0.1}).chosen, 3);
  EXPECT_EQ(attention_pattern(5 + 30 * tile_tokens, 1, {4, 32, 0.1}).chosen, 4);
  EXPECT_EQ(attention_pattern(4096, 48, {}).chosen_by(0), 13);
  EXPECT_EQ(attention_pattern(4096, 48, {4, 8192, 0.1}).chosen_by(7), 0);
  EXPECT_EQ(attention_pattern(4096, 48, {4, 32, 1}).chosen_by(0), 126);
  EXPECT_EQ(attention_pattern(3, 48, {}).tiles(), 0);
}

TEST(SparseAttentionChoice, SeesHalfOfTheWindowToEitherSide) {
  EXPECT_EQ(attention_pattern(1000, 1, {0, 0, 0}).reach, 0);
  EXPECT_EQ(attention_pattern(1000, 1, {0, 64, 0}).reach, 1);
  EXPECT_EQ(attention_pattern(1000, 1, {0, 65, 0}).reach, 2);
  EXPECT_EQ(attention_pattern(68, 1, {4, 32, 0.1, 8}).reach, 2);
}

TEST(SparseAttentionChoice, EndsWhereAQueryIsNoNumber) {
  AttentionCase<float> c(AttentionShape{20 * tile_tokens, 4, {0, 0, 0.1}}, 1);
  c.q[0] = std::numeric_limits<float>::quiet_NaN();
  c.forward();
  EXPECT_TRUE(std::isnan(c.out[0]));
  EXPECT_FALSE(std::isnan(c.out.back()));
}

}  // namespace
}  // namespace jetpinn
