#include "jetpinn/engine/engine_memory.hpp"

#include "support/engine_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using test::CaseText;

struct NamedMemoryCase {
  const char* name;
  CaseText text;
};

// Flow with heat in a box: four fields whose transform mixes them, so that no operator of one field survives alone.
CaseText boussinesq() {
  CaseText text;
  text.coordinates = {"t", "x", "y"};
  text.fields = {"a", "b", "p", "T"};
  text.output = {{"a", "y*(1 - y)*(a + x*b)"}, {"b", "x*(1 - x)*(b - y*a)"}, {"T", "y + x*y*(T + p)"}};
  text.terms = {{"d(a, t) + a*d(a, x) + b*d(a, y) + d(p, x) - 0.01*(d(a, x, x) + d(a, y, y))",
                 "d(b, t) + a*d(b, x) + b*d(b, y) + d(p, y) - 0.01*(d(b, x, x) + d(b, y, y)) - T", "d(a, x) + d(b, y)",
                 "d(T, t) + a*d(T, x) + b*d(T, y) - 0.02*(d(T, x, x) + d(T, y, y))"},
                {"a", "b"}};
  text.network.hidden = {50, 50, 50};
  return text;
}

std::vector<NamedMemoryCase> memory_cases() {
  CaseText plain, one_layer, wide, periodic, varying, many;
  plain.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)"}};
  plain.network.hidden = {32, 32, 32, 32};
  one_layer = plain;
  one_layer.network.hidden = {21};
  wide = plain;
  wide.network.hidden = {500, 300};
  periodic = plain;
  periodic.network.periodic = {"x"};
  varying.terms = {{"u_t - d((1 + x^2)*u_x, x) + exp(t)*u"}};
  varying.network.hidden = {24, 40};
  many.coordinates = {"x", "y", "z"};
  many.terms = {{"d(u, x, x) + d(u, y, y) + d(u, z, z) + d(u, x, y)*d(u, z, x) + u*d(u, x, x)"}};
  many.network.hidden = {64, 64};
  return {{"plain", plain},       {"one hidden layer", one_layer}, {"wide", wide},  {"periodic", periodic},
          {"varying", varying}, {"many channels", many},           {"boussinesq", boussinesq()}};
}

TEST(EngineMemory, IsWhatTheEnginesPoolGivesOut) {
  for (const NamedMemoryCase& c : memory_cases()) {
    const test::EngineCase problem = test::make_case(c.text);
    for (const Precision precision : {Precision::fp64, Precision::fp32, Precision::bf16}) {
      EngineOptions options;
      options.precision = precision;
      options.product_backend = precision == Precision::bf16 ? "portable" : "libtorch";
      const auto engine = make_engine(options, problem.network, problem.terms);
      const EngineMemory plan = plan_engine_memory(EngineKind::jets, precision, problem.network, problem.terms);
      EXPECT_EQ(plan.total(), engine->pool_bytes()) << c.name;
      EXPECT_EQ(plan.chunk, engine->chunk()) << c.name;
      EXPECT_EQ(engine->pool_unused(), 0) << c.name << ": no slab holds what nobody has";
    }
  }
}

// Pieces are aligned to pages, at different offsets: a page and a half for each buffer, of which these networks have at most
// nine.
TEST(EngineMemory, OfJetsIsHalfInBf16) {
  for (const NamedMemoryCase& c : memory_cases()) {
    if (c.text.network.hidden.size() < 2) continue;
    const test::EngineCase problem = test::make_case(c.text);
    const EngineMemory fp32 = plan_engine_memory(EngineKind::jets, Precision::fp32, problem.network, problem.terms),
                       bf16 = plan_engine_memory(EngineKind::jets, Precision::bf16, problem.network, problem.terms);
    EXPECT_EQ(bf16.chunk, fp32.chunk) << c.name;
    EXPECT_NEAR(static_cast<double>(bf16.channels), 0.5 * static_cast<double>(fp32.channels), 9 * 6144) << c.name;
    EXPECT_LT(bf16.channels, fp32.channels) << c.name;
  }
}

TEST(EngineMemory, HoldsAChunkHoweverManyPointsThereAre) {
  CaseText text;
  text.terms = {{"u_t - u_xx"}};
  const auto few = test::make_case(text);
  text.points = 5000;
  const auto many = test::make_case(text);
  for (const EngineKind kind : {EngineKind::jets, EngineKind::reference})
    EXPECT_EQ(plan_engine_memory(kind, Precision::fp64, few.network, few.terms).total(),
              plan_engine_memory(kind, Precision::fp64, many.network, many.terms).total());
}

}  // namespace
}  // namespace jetpinn
