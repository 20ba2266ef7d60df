// The format that a layer gets follows from what was measured, and from nothing else.
#include "jetpinn/compress/format_choice.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace jetpinn {
namespace {

// One layer [inputs, outputs] of which every second weight is kept, or each.
WeightStack stack_of_one(std::int64_t step) {
  StackLayer layer;
  layer.pattern.inputs = 20;
  layer.pattern.outputs = 30;
  for (std::int64_t place = 0; place < layer.pattern.weights(); place += step) layer.pattern.kept.push_back(place);
  layer.kept.assign(layer.pattern.kept.size(), 0.5);
  layer.bias.assign(30, 0.0);
  WeightStack stack;
  stack.layers.push_back(layer);
  return stack;
}

MeasuredFormat taking(double seconds, double bytes) { return {seconds, {0.5 * bytes, bytes}}; }

// Every layer is measured alike, at 10 % density with half and at 50 % with the whole of the sparse formats' times. What has
// no time is refused.
FormatChoice choice_of(const MeasuredFormats& measured) {
  const auto measure = [&](const StackLayer& layer, const std::vector<std::string>& formats) {
    MeasuredFormats asked;
    for (const std::string& format : formats) {
      if (measured.count(format) == 0) continue;
      asked[format] = measured.at(format);
      if (format != "dense" && layer.pattern.density() < 0.3) asked[format].seconds *= 0.5;
    }
    return asked;
  };
  return choose_formats(stack_of_one(2), measure).at(0);
}

TEST(FormatChoice, IsTheFastestThatWasMeasured) {
  for (const std::string& fastest : tile_formats()) {
    MeasuredFormats measured;
    for (const std::string& format : tile_formats()) measured[format] = taking(format == fastest ? 1 : 2, 100);
    const FormatChoice choice = choice_of(measured);
    EXPECT_EQ(choice.format, fastest);
    EXPECT_EQ(choice.seconds.at(fastest), 1);
    EXPECT_EQ(choice.seconds.size(), tile_formats().size());
    EXPECT_EQ(choice.bytes.total, 100);
  }
}

TEST(FormatChoice, IsASmallerOneThatTakesATenthMoreAtMost) {
  const auto format_of = [](double csr_s, double csr_bytes, double block_s, double block_bytes, double dense_s = 9) {
    return choice_of({{"csr", taking(csr_s, csr_bytes)},
                      {"bitmap", taking(5, 10)},
                      {"block", taking(block_s, block_bytes)},
                      {"dense", taking(dense_s, 1000)}})
        .format;
  };
  EXPECT_EQ(format_of(1, 100, 1.09, 80), "block");
  EXPECT_EQ(format_of(1.09, 80, 1, 100), "csr");
  EXPECT_EQ(format_of(1, 100, 1.11, 80), "csr");
  EXPECT_EQ(format_of(1, 100, 1.09, 120), "csr");
  // Of one size the faster one, whatever their names.
  EXPECT_EQ(format_of(1, 100, 1.05, 100), "csr");
  EXPECT_EQ(format_of(1.05, 100, 1, 100), "block");
  // The smaller one has to be faster than dense too.
  EXPECT_EQ(format_of(1, 100, 1.09, 80, 1.05), "csr");
}

TEST(FormatChoice, IsDenseWhereNoSparseOneIsFaster) {
  for (const double dense : {0.5, 1.0}) {
    const FormatChoice choice = choice_of(
        {{"csr", taking(1, 1)}, {"bitmap", taking(1, 1)}, {"block", taking(1, 1)}, {"dense", taking(dense, 1000)}});
    EXPECT_EQ(choice.format, "dense");
    EXPECT_EQ(choice.bytes.total, 1000);
    EXPECT_EQ(choice.dense_bytes, 1000);
  }
}

TEST(FormatChoice, BreaksEvenWhereTheLineMeetsTheDenseTime) {
  const auto break_even_at = [](double dense) {
    return choice_of({{"csr", taking(3, 1)}, {"bitmap", taking(2, 1)}, {"block", taking(4, 1)}, {"dense", taking(dense, 9)}})
        .break_even;
  };
  // The fastest takes 1 at 10 % and 2 at 50 %.
  EXPECT_NEAR(break_even_at(1.5), 0.3, 1e-12);
  EXPECT_NEAR(break_even_at(2), 0.5, 1e-12);
  EXPECT_EQ(break_even_at(0.5), 0);
  EXPECT_EQ(break_even_at(100), 1);
}

TEST(FormatChoice, OfAWholeMatrixIsDenseAndNothingElseIsMeasured) {
  std::vector<std::vector<std::string>> asked;
  const auto measure = [&](const StackLayer&, const std::vector<std::string>& formats) {
    asked.push_back(formats);
    MeasuredFormats measured;
    for (const std::string& format : formats) measured[format] = taking(1, 100);
    return measured;
  };
  const FormatChoice choice = choose_formats(stack_of_one(1), measure).at(0);
  EXPECT_EQ(choice.format, "dense");
  EXPECT_EQ(asked.at(0), std::vector<std::string>{"dense"});
}

TEST(FormatChoice, TimesEveryFormat) {
  WeightStack stack = stack_of_one(5);
  stack.layers.push_back(stack_of_one(1).layers[0]);
  const std::vector<FormatChoice> choices = choose_formats(stack, measure_formats<float>);
  EXPECT_EQ(choices[0].seconds.size(), tile_formats().size());
  EXPECT_EQ(choices[1].format, "dense");
  EXPECT_EQ(choices[1].bytes.total, 20 * 30 * sizeof(float));
  for (const FormatChoice& choice : choices) {
    EXPECT_GT(choice.seconds.at("dense"), 0);
    EXPECT_LE(choice.seconds.at(choice.format), choice.seconds.at("dense"));  // never below break-even
    EXPECT_GE(choice.break_even, 0);
    EXPECT_LE(choice.break_even, 1);
  }
}

}  // namespace
}  // namespace jetpinn
