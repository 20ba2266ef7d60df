#include "jetpinn/engine/jet_linearization.hpp"

#include "jetpinn/engine/engine_memory.hpp"
#include "support/jacobian.hpp"
#include "support/network_cases.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

namespace jetpinn {
namespace {

using test::EngineCase;

std::unique_ptr<Engine> linearized_engine(const EngineCase& problem, Precision precision = Precision::fp64,
                                          EngineKind kind = EngineKind::jets, std::int64_t chunk = 64) {
  EngineOptions options;
  options.kind = kind;
  options.precision = precision;
  options.chunk = chunk;
  options.product_backend = "libxsmm";
  return make_engine(options, problem.network, problem.terms);
}

std::vector<double> wave(std::size_t size, double pace) {
  std::vector<double> values;
  for (std::size_t i = 0; i < size; ++i) values.push_back(std::cos(pace * static_cast<double>(i) + 0.3));
  return values;
}

std::vector<double> row_of(const std::vector<double>& rows, std::size_t row, std::size_t size) {
  const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(row * size);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

class NetworkLinearization : public ::testing::TestWithParam<test::NamedText> {
 protected:
  void SetUp() override {
    problem_ = test::make_case(GetParam().text);
    // Gently: factors of weights are exponents of parameters, and large weights make every rounding count for more.
    parameters_ = test::perturbed(problem_, 1, 0.1);
  }
  std::size_t size() const { return parameters_.size(); }
  // visit(Linearization&, residuals, number of the term) for all points of each term, which fit one chunk of several tiles.
  template <class Visit>
  void for_each_term(Engine& engine, const Visit& visit) {
    for (int t = 0; t < static_cast<int>(problem_.terms.size()); ++t) {
      const TermPoints& points = problem_.points.terms[static_cast<std::size_t>(t)];
      const auto count = static_cast<std::size_t>(engine.residuals_of(t) * points.local_count);
      int chunks = 0;
      engine.linearize(Stream{}, parameters_.data(), t, points, [&](Linearization& chunk) {
        ++chunks;
        EXPECT_EQ(chunk.range().points, points.local_count);
        visit(chunk, count, t);
      });
      EXPECT_EQ(chunks, 1);
    }
  }

  EngineCase problem_;
  std::vector<double> parameters_;
};

// One forward serves them all, in any order: nothing of it is overwritten.
TEST_P(NetworkLinearization, RepeatsEveryProductToTheLastBit) {
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    const auto jets = linearized_engine(problem_, precision);
    const std::vector<double> v = wave(size(), 1.7);
    for_each_term(*jets, [&](Linearization& chunk, std::size_t count, int) {
      const std::int64_t stride = chunk.range().points;
      const std::vector<double> w = wave(count, 1);
      const auto transposed = [&] {
        std::vector<double> gradient(size());
        chunk.transposed(w.data(), stride, gradient.data());
        return gradient;
      };
      const auto times = [&] {
        std::vector<double> product(count);
        chunk.times(v.data(), product.data(), stride);
        return product;
      };
      const auto residuals = [&] {
        std::vector<double> values(count);
        chunk.residuals(values.data(), stride);
        return values;
      };
      const std::vector<double> first = transposed(), along = times(), r = residuals();
      std::vector<double> rows(count * size());
      EXPECT_EQ(transposed(), first);
      EXPECT_EQ(times(), along);
      chunk.rows(0, stride, rows.data(), stride);
      EXPECT_EQ(transposed(), first);
      EXPECT_EQ(times(), along);
      EXPECT_EQ(residuals(), r);
      EXPECT_GT(test::norm(first), 0);
      EXPECT_GT(test::norm(along), 0);
    });
  }
}

// Rows against the reference engine's; products against rows.
TEST_P(NetworkLinearization, ProductsAreThoseOfTheRows) {
  const double tolerance = GetParam().name.find("fourth") == std::string::npos ? 1e-12 : 1e-11;
  const auto jets = linearized_engine(problem_),
             reference = linearized_engine(problem_, Precision::fp64, EngineKind::reference);
  const std::vector<double> v = wave(size(), 1.7);
  for_each_term(*jets, [&](Linearization& chunk, std::size_t count, int t) {
    const TermPoints& points = problem_.points.terms[static_cast<std::size_t>(t)];
    const std::int64_t stride = chunk.range().points;
    const std::vector<double> w = wave(count, 1), expected = test::dense(*reference, parameters_, t, points);
    std::vector<double> rows(count * size(), std::nan("")), gradient(size(), 0.5), product(count), r(count), exact_r(count);
    chunk.rows(0, stride, rows.data(), stride);
    chunk.transposed(w.data(), stride, gradient.data());
    chunk.times(v.data(), product.data(), stride);
    chunk.residuals(r.data(), stride);
    reference->residuals(Stream{}, parameters_.data(), t, points, exact_r.data());
    EXPECT_LE(test::distance(r, exact_r), tolerance * test::norm(exact_r));

    std::vector<double> sum(size(), 0.5), dots(count);  // what was in the gradient stays
    double rows_norm = 0, dots_scale = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<double> row = row_of(rows, i, size()), exact = row_of(expected, i, size());
      EXPECT_LE(test::distance(row, exact), tolerance * test::norm(exact)) << "row " << i;
      for (std::size_t p = 0; p < size(); ++p) {
        sum[p] += w[i] * row[p];
        dots[i] += row[p] * v[p];
      }
      rows_norm += test::norm(row);
      dots_scale = std::max(dots_scale, test::norm(row) * test::norm(v));
    }
    EXPECT_LE(test::distance(gradient, sum), tolerance * rows_norm);
    for (std::size_t i = 0; i < count; ++i) EXPECT_NEAR(product[i], dots[i], tolerance * dots_scale) << i;
  });
}

// In single precision: about 20 roundings a layer, doubled by each order of derivatives, as for losses.
TEST_P(NetworkLinearization, SinglePrecisionIsNearDouble) {
  const int order = GetParam().name.find("fourth") == std::string::npos ? 2 : 4;
  const double tolerance =
      20 * static_cast<double>(problem_.network.parts.size()) * std::pow(2.0, order) * std::numeric_limits<float>::epsilon();
  const auto fp64 = linearized_engine(problem_), fp32 = linearized_engine(problem_, Precision::fp32);
  const std::vector<double> v = wave(size(), 1.7);
  for (int t = 0; t < static_cast<int>(problem_.terms.size()); ++t) {
    const TermPoints& points = problem_.points.terms[static_cast<std::size_t>(t)];
    const auto exact = test::times(*fp64, parameters_, t, points, v), single = test::times(*fp32, parameters_, t, points, v);
    EXPECT_LE(test::distance(single, exact), tolerance * test::norm(exact));
    const auto rows = test::dense(*fp64, parameters_, t, points), single_rows = test::dense(*fp32, parameters_, t, points);
    EXPECT_LE(test::distance(single_rows, rows), tolerance * test::norm(rows));
  }
}

INSTANTIATE_TEST_SUITE_P(All, NetworkLinearization, ::testing::ValuesIn(test::network_texts()),
                         [](const auto& info) { return info.param.name; });

EngineCase linearized_burgers(std::int64_t points, std::vector<std::int64_t> hidden = {16, 16}) {
  test::CaseText text = test::plan_texts().front().text;
  text.network.hidden = std::move(hidden);
  text.points = points;
  return test::make_case(text);
}

// Runs of points, in order, none beyond a block, and each point once.
TEST(JetLinearization, VisitsEveryPointOnce) {
  const EngineCase problem = linearized_burgers(2 * block_points + 17);
  for (const EngineKind kind : {EngineKind::jets, EngineKind::reference})
    for (const std::int64_t chunk : {std::int64_t{0}, std::int64_t{64}, block_points}) {
      const auto made = linearized_engine(problem, Precision::fp64, kind, chunk);
      const TermPoints& points = problem.points.terms[0];
      std::int64_t next = 0;
      made->linearize(Stream{}, problem.parameters.data(), 0, points, [&](Linearization& part) {
        const PointRange range = part.range();
        EXPECT_EQ(range.first, next);
        EXPECT_GT(range.points, 0);
        EXPECT_LE(range.points, chunk > 0 ? chunk : block_points);
        EXPECT_EQ(range.first / block_points, (range.first + range.points - 1) / block_points);
        next = range.first + range.points;
      });
      EXPECT_EQ(next, points.local_count);
    }
}

// 2 FLOP a weight, channel and point forward, 4 in reverse and 4 along a direction: the forward sweep is made once.
TEST(JetLinearization, CountsItsSweeps) {
  const EngineCase problem = linearized_burgers(40);
  const auto jets = linearized_engine(problem);
  const int channels = problem.terms[0].program.channels();
  const double sweep = 16 * 16 * 40.0 * channels;
  std::vector<double> w(40, 1.0), gradient(problem.parameters.size());
  jets->linearize(Stream{}, problem.parameters.data(), 0, problem.points.terms[0], [&](Linearization& chunk) {
    EXPECT_EQ(jets->work().product.flop, 0) << "nothing was asked for yet";
    chunk.residuals(w.data(), 40);
    EXPECT_EQ(jets->work().product.flop, 2 * sweep);
    EXPECT_GT(jets->work().tape.flop, 0);
    chunk.transposed(w.data(), 40, gradient.data());
    EXPECT_EQ(jets->work().product.flop, 6 * sweep);
    chunk.transposed(w.data(), 40, gradient.data());
    EXPECT_EQ(jets->work().product.flop, 10 * sweep);
    const EngineWork before = jets->work();
    chunk.times(gradient.data(), w.data(), 40);
    EXPECT_EQ(jets->work().product.flop, 14 * sweep);
    EXPECT_GT(jets->work().activation.flop, before.activation.flop);
    std::vector<double> rows(10 * gradient.size());
    chunk.rows(5, 10, rows.data(), 10);
    EXPECT_EQ(jets->work().product.flop, 14 * sweep + 6 * sweep / 40 * 10);
  });
}

// Fourier features are not trained: no column of J, and a direction does not move them.
TEST(JetLinearization, WhatIsNotTrainedHasNoColumns) {
  test::CaseText text = test::plan_texts().front().text;
  text.network.hidden = {9};
  text.network.fourier_features = 4;
  const EngineCase problem = test::make_case(text);
  const auto jets = linearized_engine(problem),
             reference = linearized_engine(problem, Precision::fp64, EngineKind::reference);
  std::vector<double> v = wave(problem.parameters.size(), 1.7), frozen(v.size());
  for (const Layer& layer : problem.network.layers)
    for (const ParameterBlock& block : layer.blocks)
      if (!block.trained) std::copy_n(v.begin() + block.offset, block.size(), frozen.begin() + block.offset);
  EXPECT_GT(test::norm(frozen), 0);
  for (Engine* made : {jets.get(), reference.get()}) {
    EXPECT_EQ(test::norm(test::times(*made, problem.parameters, 0, problem.points.terms[0], frozen)), 0);
    const auto rows = test::dense(*made, problem.parameters, 0, problem.points.terms[0]);
    for (std::size_t at = 0; at < rows.size(); ++at)
      if (frozen[at % frozen.size()] != 0) {
        ASSERT_EQ(rows[at], 0);
      }
  }
}

TEST(JetLinearization, TakesItsMemoryWhenFirstAsked) {
  for (const test::NamedText& named : test::network_texts()) {
    const EngineCase problem = test::make_case(named.text);
    for (const Precision precision : {Precision::fp64, Precision::fp32}) {
      const auto jets = linearized_engine(problem, precision, EngineKind::jets, 0);
      const std::int64_t before = jets->pool_bytes();
      EXPECT_EQ(before, plan_engine_memory(EngineKind::jets, precision, problem.network, problem.terms).total());
      for (int repeat = 0; repeat < 2; ++repeat)
        jets->linearize(Stream{}, problem.parameters.data(), 0, problem.points.terms[0], [](Linearization&) {});
      const std::int64_t planned = plan_linearization_memory(EngineKind::jets, precision, problem.network, problem.terms);
      EXPECT_GT(planned, 0);
      EXPECT_EQ(jets->pool_bytes(), before + planned) << named.name;
      EXPECT_EQ(jets->pool_unused(), 0);
    }
  }
}

}  // namespace
}  // namespace jetpinn
