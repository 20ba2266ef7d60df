// What is particular to the jets engine: chunks, types, back ends, exact accumulation, and the seams beside the loss.
#include "jetpinn/engine/jets_engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/runtime/product.hpp"
#include "support/burgers_case.hpp"
#include "support/engine_case.hpp"
#include "support/jacobian.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

using test::burgers;
using test::CaseText;
using test::EngineCase;
using test::jets;
using test::make_case;
using test::reordered;

constexpr double fp64_epsilon = std::numeric_limits<double>::epsilon();

TEST(JetsEngine, ChunksAndTilesDoNotMatter) {
  const EngineCase problem = burgers();
  const auto parameters = test::perturbed(problem);
  const auto whole = test::evaluate(*jets(problem), problem, parameters);
  for (std::int64_t chunk : {1, 8, 32, 256}) {
    EngineOptions options;
    options.chunk = chunk;
    const auto engine = jets(problem, options);
    EXPECT_EQ(engine->chunk(), chunk);
    const auto result = test::evaluate(*engine, problem, parameters);
    EXPECT_NEAR(result.loss / whole.loss, 1, reordered) << chunk;
    EXPECT_LE(test::distance(result.gradient, whole.gradient), reordered * test::norm(whole.gradient)) << chunk;
  }
}

// Who listens finds every entry that is told to be final as it will be at the end, down to the second layer at least.
TEST(JetsEngine, FinalEntriesStayAsTheyAre) {
  const EngineCase problem = burgers(2500);
  const auto parameters = test::perturbed(problem);
  const std::int64_t size = problem.network.parameters;
  for (Precision precision : {Precision::fp64, Precision::fp32}) {
    EngineOptions options;
    options.precision = precision;
    const auto engine = jets(problem, options);
    const auto unheard = test::evaluate(*engine, problem, parameters);
    ExactSum unheard_sum(size + 4), sum(size + 4);
    engine->loss_and_gradient_exact(Stream{}, parameters.data(), problem.points, unheard_sum);

    std::vector<double> gradient(parameters.size()), told(parameters.size());
    std::int64_t from = size;
    TermSums sums;
    const auto hear = [&](std::int64_t first, const auto& value) {
      EXPECT_LE(first, from);
      for (; from > first; --from) told[static_cast<std::size_t>(from - 1)] = value(from - 1);
    };
    const auto expect_final = [&](const auto& value) {
      EXPECT_LE(from, problem.network.parts[1].begin);
      EXPECT_GT(from, 0);
      for (std::int64_t i = from; i < size; ++i) ASSERT_EQ(told[static_cast<std::size_t>(i)], value(i)) << i;
    };
    const auto plain = [&](std::int64_t i) { return gradient[static_cast<std::size_t>(i)]; };
    engine->when_ready([&](std::int64_t first) { hear(first, plain); });
    engine->loss_and_gradient(Stream{}, parameters.data(), problem.points, gradient.data(), sums);
    expect_final(plain);
    // The longest sweep comes last then: sums in another order.
    const double rounding = 100 * (precision == Precision::fp64 ? fp64_epsilon : std::numeric_limits<float>::epsilon());
    EXPECT_LE(test::distance(gradient, unheard.gradient), rounding * test::norm(unheard.gradient));

    from = size;
    const auto exact = [&](std::int64_t i) { return sum.value(i); };
    engine->when_ready([&](std::int64_t first) { hear(first, exact); });
    engine->loss_and_gradient_exact(Stream{}, parameters.data(), problem.points, sum);
    expect_final(exact);
    for (std::int64_t i = 0; i < size + 4; ++i) ASSERT_EQ(sum.value(i), unheard_sum.value(i)) << i;

    engine->when_ready({});
    EXPECT_EQ(test::evaluate(*engine, problem, parameters).gradient, unheard.gradient);
  }
}

// Residuals that are told while a loss is summed are those of residuals(), and what balancing makes of weights counts in the
// loss: on hosts, on devices and in the reference engine.
TEST(JetsEngine, TellsResidualsAndTakesBalancedWeights) {
  EngineCase problem = burgers(300);
  for (TermPoints& term : problem.points.terms) {
    term.term_weight = 2.5;
    for (std::int64_t i = 0; i < term.local_count; ++i) term.point_weight.push_back(1 + 0.01 * static_cast<double>(i));
  }
  problem.points.terms[1].weight_columns = 0;  // weights of balancing alone
  problem.points.terms[1].weight.clear();
  const auto parameters = test::perturbed(problem);
  EngineOptions reference, device;
  reference.kind = EngineKind::reference;
  device.device = "emulated";
  device.product_backend = "libxsmm";
  for (const EngineOptions& options : {EngineOptions{.product_backend = "libxsmm"}, device, reference}) {
    const auto engine = make_engine(options, problem.network, problem.terms);
    std::vector<std::vector<double>> told(2, std::vector<double>(300)), expected = told;
    engine->when_residuals([&](int term, std::int64_t first, std::int64_t count, const double* values) {
      std::copy_n(values, count, told[static_cast<std::size_t>(term)].begin() + first);
    });
    const auto result = test::evaluate(*engine, problem, parameters);
    engine->when_residuals({});
    double loss = 0;
    for (std::size_t t = 0; t < 2; ++t) {
      const TermPoints& term = problem.points.terms[t];
      engine->residuals(Stream{}, parameters.data(), static_cast<int>(t), term, expected[t].data());
      EXPECT_EQ(told[t], expected[t]) << engine->backend();
      for (std::int64_t i = 0; i < 300; ++i) {
        const double r = expected[t][static_cast<std::size_t>(i)];
        loss += term.own_weight_at(0, i) * 2.5 * (1 + 0.01 * static_cast<double>(i)) * r * r / 300;
      }
    }
    EXPECT_NEAR(result.loss, loss, reordered * loss) << engine->backend();
  }
}

TEST(JetsEngine, BackendsAgree) {
  const EngineCase problem = burgers();
  const auto parameters = test::perturbed(problem);
  const auto first = test::evaluate(*jets(problem), problem, parameters);
  EngineOptions options;
  options.product_backend = "libtorch";
  const auto second = test::evaluate(*jets(problem, options), problem, parameters);
  EXPECT_LE(test::distance(first.gradient, second.gradient), reordered * test::norm(first.gradient));
}

TEST(JetsEngine, SinglePrecisionFollowsDouble) {
  const EngineCase problem = burgers(2500);
  const auto parameters = test::perturbed(problem, 1.0, 0.1);
  const auto exact = test::evaluate(*jets(problem), problem, parameters);
  EngineOptions options;
  options.precision = Precision::fp32;
  const auto single = test::evaluate(*jets(problem, options), problem, parameters);
  // Rounding through a few layers of some 40 units; sums over points are kept in fp64 and do not add to it.
  const double bound = 100 * std::numeric_limits<float>::epsilon();
  EXPECT_NEAR(single.loss / exact.loss, 1, bound);
  EXPECT_LE(test::distance(single.gradient, exact.gradient), bound * test::norm(exact.gradient));
}

TEST(JetsEngine, SameBitsEveryTime) {
  const EngineCase problem = burgers();
  const auto parameters = test::perturbed(problem);
  for (const auto& [device, precision] : {std::pair{"cpu", Precision::fp64}, {"cpu", Precision::fp32},
                                          {"emulated", Precision::fp64}, {"emulated", Precision::fp32}}) {
    EngineOptions options;
    options.precision = precision;
    options.device = device;
    const auto engine = jets(problem, options);
    const auto first = test::evaluate(*engine, problem, parameters), again = test::evaluate(*engine, problem, parameters);
    const auto other = test::evaluate(*jets(problem, options), problem, parameters);
    EXPECT_EQ(first.gradient, again.gradient);
    EXPECT_EQ(first.gradient, other.gradient);
    EXPECT_EQ(first.loss, other.loss);
  }
}

// Level `ranks`: blocks dealt to two processes in any way and order give the same bits as one process with all.
TEST(JetsEngine, ExactSumsDoNotDependOnWhoOwnsABlock) {
  const EngineCase problem = burgers(700);
  const auto parameters = test::perturbed(problem);
  const std::int64_t count = problem.network.parameters, entries = count + 2 * 2;
  std::string device;
  const auto total = [&](const std::vector<PointSet>& shares) {
    ExactSum sum(entries);
    for (const PointSet& share : shares) {
      EngineOptions options;
      options.device = device;
      const auto engine = jets(problem, options);
      engine->loss_and_gradient_exact({}, parameters.data(), share, sum);
    }
    sum.normalize();
    std::vector<double> values;
    for (std::int64_t i = 0; i < entries; ++i) values.push_back(sum.value(i));
    return values;
  };
  const auto part = [&](const std::vector<std::size_t>& blocks) {
    PointSet set = problem.points;
    for (TermPoints& term : set.terms) {
      TermPoints mine = term;
      mine.blocks.clear();
      mine.local_count = 0;
      for (std::size_t b : blocks) mine.blocks.push_back(term.blocks[b]), mine.local_count += term.blocks[b].count;
      mine.coordinates.clear();
      mine.weight.clear();
      const auto copy = [&](const double* column, std::vector<double>& to) {
        for (std::size_t b : blocks)
          to.insert(to.end(), column + term.blocks[b].first, column + term.blocks[b].first + term.blocks[b].count);
      };
      for (int d = 0; d < term.dimensions; ++d) copy(term.coordinate(d), mine.coordinates);
      copy(term.weight.data(), mine.weight);
      term = mine;
    }
    return set;
  };
  const auto plain = test::evaluate(*jets(problem), problem, parameters);
  for (const char* name : {"cpu", "emulated"}) {
    device = name;
    const auto all = total({problem.points});
    EXPECT_EQ(all, total({part({1}), part({0, 2})}));
    EXPECT_EQ(all, total({part({2}), part({1}), part({0})}));
    for (std::int64_t i = 0; i < count; ++i) {
      EXPECT_NEAR(all[static_cast<std::size_t>(i)], plain.gradient[static_cast<std::size_t>(i)],
                  reordered * test::norm(plain.gradient));
    }
  }
}

// Weights of a quadrature count in both sums, on a host and over several chunks of a device, whose copies wait together.
TEST(JetsEngine, WeightsOfAQuadratureAreThoseOfEachChunk) {
  EngineCase problem = burgers(600);
  for (TermPoints& points : problem.points.terms) {
    points.quadrature_columns = 1;
    for (std::int64_t i = 0; i < points.local_count; ++i)
      points.quadrature.push_back(1 + 0.9 * std::sin(0.01 * static_cast<double>(i)));
  }
  const auto parameters = test::perturbed(problem);
  const auto host = jets(problem);
  EngineOptions options;
  options.device = "emulated";
  options.chunk = block_points;
  const auto expected = test::evaluate(*host, problem, parameters),
             actual = test::evaluate(*jets(problem, options), problem, parameters);
  for (std::size_t t = 0; t < 2; ++t) {
    const TermPoints& points = problem.points.terms[t];
    std::vector<double> r(static_cast<std::size_t>(points.local_count));
    host->residuals({}, parameters.data(), static_cast<int>(t), points, r.data());
    double weighted = 0, unweighted = 0;
    for (std::size_t i = 0; i < r.size(); ++i) {
      const double square = points.quadrature[i] * r[i] * r[i] / static_cast<double>(points.global_count);
      weighted += points.stated_weight_at(0, static_cast<std::int64_t>(i)) * square, unweighted += square;
    }
    for (const TermSums& sums : {expected.sums, actual.sums}) {
      EXPECT_NEAR(sums.weighted[t] / weighted, 1, reordered);
      EXPECT_NEAR(sums.unweighted[t] / unweighted, 1, reordered);
    }
  }
  EXPECT_LE(test::distance(actual.gradient, expected.gradient), reordered * test::norm(expected.gradient));
}

// The gradient of the loss is Jᵀ (2 w r / N).
TEST(JetsEngine, TransposedTimesWeightedResidualsIsTheGradient) {
  const EngineCase problem = burgers();
  const auto parameters = test::perturbed(problem);
  const auto engine = jets(problem);
  const auto exact = test::evaluate(*engine, problem, parameters);
  std::vector<double> gradient(parameters.size());
  double loss = 0;
  for (int t = 0; t < 2; ++t) {
    const TermPoints& points = problem.points.terms[static_cast<std::size_t>(t)];
    std::vector<double> r(static_cast<std::size_t>(points.local_count));
    engine->residuals({}, parameters.data(), t, points, r.data());
    for (std::size_t i = 0; i < r.size(); ++i) {
      loss += points.weight[i] * r[i] * r[i] / static_cast<double>(points.global_count);
      r[i] *= 2 * points.weight[i] / static_cast<double>(points.global_count);
    }
    const auto share = test::transposed(*engine, parameters, t, points, r);
    for (std::size_t p = 0; p < share.size(); ++p) gradient[p] += share[p];
  }
  EXPECT_NEAR(loss / exact.loss, 1, reordered);
  EXPECT_LE(test::distance(gradient, exact.gradient), reordered * test::norm(exact.gradient));
}

TEST(JetsEngine, NotANumberReachesTheLoss) {
  const EngineCase problem = burgers(10);
  auto parameters = problem.parameters;
  parameters[3] = std::numeric_limits<double>::quiet_NaN();
  const auto result = test::evaluate(*jets(problem), problem, parameters);
  EXPECT_TRUE(std::isnan(result.loss));
}

TEST(JetsEngine, SaysWhatItCannotDo) {
  const EngineCase problem = burgers(10);
  EngineOptions options;
  for (const Precision precision : {Precision::tf32, Precision::fp16}) {
    options.precision = precision;
    EXPECT_THROW(jets(problem, options), Error);
  }
  options.precision = Precision::bf16;
  options.device = "emulated";
  EXPECT_THROW(jets(problem, options), Error);
  options = {};
  options.chunk = 100;
  EXPECT_THROW(jets(problem, options), Error);
  options = {};
  options.product_backend = "blas";
  EXPECT_THROW(jets(problem, options), Error);
}

TEST(JetsEngine, CountsProductsAndAccountsTime) {
  const EngineCase problem = burgers(256, {32, 32});
  const auto engine = jets(problem);
  const RegionTimes before = region_times();
  const auto start = wall_seconds();
  test::evaluate(*engine, problem, problem.parameters);
  const double elapsed = wall_seconds() - start;
  const RegionTimes after = region_times();
  EXPECT_EQ(engine->product_flop(), 6.0 * (3 + 1) * 256 * 32 * 32);  // 3 channels and 1, one matrix between hidden layers
  double total = 0;
  for (Region region : {Region::product, Region::activation, Region::tape}) {
    EXPECT_GT(after[region] - before[region], 0) << to_string(region);
    total += after[region] - before[region];
  }
  EXPECT_LE(total, elapsed);
  EXPECT_GT(engine->pool_bytes(), 8 * 2 * 32 * 32);
}

TEST(JetsEngine, RecordedChoiceIsTakenUp) {
  const EngineCase problem = burgers(10, {16, 16});
  EngineOptions options;
  const auto measured = make_jets_engine(options, problem.network, problem.terms);
  EXPECT_GT(measured->product_rate(), 0);
  options.product_backend = measured->backend();
  EXPECT_EQ(make_jets_engine(options, problem.network, problem.terms)->backend(), measured->backend());
  options.product_backend = "auto";
  options.reproducibility = Reproducibility::ranks;
  const std::string fixed = make_jets_engine(options, problem.network, problem.terms)->backend();
  EXPECT_EQ(fixed.find("libtorch"), std::string::npos) << fixed;
}

#ifndef JETPINN_FEW_JET_STRUCTURES   // sanitizers: most structures are left to the interpreter
// The equations that speed matters for run on compiled structures, whatever order the planner gives their channels.
TEST(JetsEngine, CommonPlansAreCompiled) {
  const auto compiled = [](std::vector<std::string> coordinates, std::vector<std::string> fields,
                           std::vector<std::string> residuals) {
    CaseText text;
    text.coordinates = std::move(coordinates);
    text.fields = std::move(fields);
    text.terms = {std::move(residuals)};
    const EngineCase problem = make_case(text);
    return ActivationJet<double>(Activation::tanh, problem.terms[0].program.plan.program).compiled();
  };
  const std::vector<std::string> tx{"t", "x"}, txy{"t", "x", "y"}, xy{"x", "y"}, u{"u"};
  EXPECT_TRUE(compiled(tx, u, {"u"}));
  EXPECT_TRUE(compiled(tx, u, {"u_t"}));
  EXPECT_TRUE(compiled(tx, u, {"u_t + u*u_x - 0.01*u_xx"}));
  EXPECT_TRUE(compiled(tx, u, {"u_t - 1e-4*u_xx - 5*u + 5*u^3"}));
  EXPECT_TRUE(compiled(tx, u, {"u_t - 0.1*u_xx"}));
  EXPECT_TRUE(compiled(tx, u, {"u_tt - 4*u_xx"}));
  EXPECT_TRUE(compiled(tx, u, {"u_t + u*u_x + 0.0005*d(u, x, x, x)"}));
  EXPECT_TRUE(compiled(tx, u, {"u_t + u*u_x + u_xx + d(u, x, x, x, x)"}));
  EXPECT_TRUE(compiled(xy, u, {"laplacian(u)"}));
  EXPECT_TRUE(compiled({"x", "y", "z"}, u, {"laplacian(u)"}));
  EXPECT_TRUE(compiled(xy, u, {"laplacian(laplacian(u))"}));
  EXPECT_TRUE(compiled(tx, u, {"u_tt + d(u, x, x, x, x)"}));
  EXPECT_TRUE(compiled(xy, {"u", "v"}, {"3*u_xx + u_yy + 2*v_xy", "v_xx + 3*v_yy + 2*u_xy"}));
  EXPECT_TRUE(compiled(
      txy, {"u", "v", "p"},
      {"u_t + u*u_x + v*u_y + p_x - 0.01*laplacian(u)", "v_t + u*v_x + v*v_y + p_y - 0.01*laplacian(v)", "u_x + v_y"}));
}
#endif

}  // namespace
}  // namespace jetpinn
