// hard = true: fields that meet conditions by their form.
#include "jetpinn/problem/hard_conditions.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/sampler.hpp"
#include "support/config_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

const std::string hard_heat = R"toml(
[problem]
coordinates = ["t", "x"]
constants   = { a = 0.1 }
domain      = { t = [0, 2], x = [-1, 1] }
[[problem.equations]]
name     = "heat"
residual = "u_t - a*u_xx"
[[problem.conditions]]
name     = "initial"
on       = "t == 0"
residual = "u - sin(pi*x)"
hard     = true
[[problem.conditions]]
name     = "walls"
on       = "x == -1 || x == 1"
residual = "3*u"
hard     = true
)toml";

const std::string hard_plate = R"toml(
[problem]
coordinates = ["x", "y"]
domain      = { x = [-1, 1], y = [-1, 1] }
[geometry]
domain = "square - disk"
[geometry.shapes]
square = { box = [[-1, -1], [1, 1]] }
disk   = { disk = { center = [0.2, 0], radius = 0.3 } }
angle  = { polygon = [[-1, -1], [1, -1], [1, 0], [0, 0], [0, 1], [-1, 1]] }
[[problem.equations]]
name     = "poisson"
residual = "laplacian(u) + 1"
[[problem.conditions]]
name     = "hole"
on       = "disk"
residual = "u - 1 - x*y"
hard     = true
[[problem.conditions]]
name     = "walls"
on       = "square"
residual = "u + 2"
hard     = true
)toml";

Problem hard_problem(const std::string& text, const std::vector<std::string>& sets = {}) {
  return build_problem(parse_config(text, "hard.toml", sets).problem);
}

std::string hard_refusal(const std::string& text, const std::vector<std::string>& sets) {
  return message_of([&] { hard_problem(text, sets); });
}

// The largest size of an expression in the fields, at points of a region, where the network gives `raw` for all of them.
double largest_size(Problem& problem, NodeId node, const PointRegion& region, double raw, bool least = false) {
  const std::vector<NodeId> outputs(problem.symbols.fields.size(), problem.graph.constant(raw));
  const NodeId value = substitute_fields(problem.graph, node, outputs);
  const Sampler sampler(SamplingMethod::uniform, region, problem.graph, 600, PointKey{3, 0, 0});
  const auto n = static_cast<std::size_t>(problem.dimensions()), count = static_cast<std::size_t>(sampler.count());
  std::vector<double> points(n * count), point(n);
  sampler.generate(0, sampler.count(), points.data(), sampler.count());
  double most = 0, fewest = HUGE_VAL;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t d = 0; d < n; ++d) point[d] = points[d * count + i];
    const double size = std::abs(evaluate(problem.graph, value, point.data()));
    EXPECT_TRUE(std::isfinite(size));
    most = std::max(most, size);
    fewest = std::min(fewest, size);
  }
  return least ? fewest : most;
}

// Every hard condition holds whatever the network gives, and elsewhere the network counts.
void expect_held(Problem& problem) {
  for (const Term& term : problem.terms)
    for (const NodeId residual : term.residuals) {
      if (!term.hard) continue;
      EXPECT_LT(largest_size(problem, residual, term.region, 0), 1e-12) << term.name;
      EXPECT_LT(largest_size(problem, residual, term.region, 7), 1e-11) << term.name;
    }
  for (const NodeId output : problem.outputs) {
    const std::vector<NodeId> none(problem.outputs.size(), problem.graph.constant(0)),
        one(problem.outputs.size(), problem.graph.constant(1));
    const NodeId factor = problem.graph.subtract(substitute_fields(problem.graph, output, one),
                                                 substitute_fields(problem.graph, output, none));
    EXPECT_GT(largest_size(problem, factor, problem.terms[0].region, 0, true), 0);
    const double most = largest_size(problem, factor, problem.terms[0].region, 0);
    const NodeId size = problem.graph.call("abs", factor);
    const double negative = largest_size(problem, problem.graph.subtract(factor, size), problem.terms[0].region, 0),
                 positive = largest_size(problem, problem.graph.add(factor, size), problem.terms[0].region, 0);
    EXPECT_LT(std::min(negative, positive), 1e-12) << "it vanishes in the domain";
    EXPECT_GT(most, 0.5);
    EXPECT_LT(most, 1.2);
  }
}

TEST(hard_conditions, one_value_may_be_that_of_all_others) {
  Problem problem = hard_problem(hard_heat);
  expect_held(problem);
  EXPECT_TRUE(problem.terms[1].hard);
  EXPECT_FALSE(problem.terms[0].hard);
}

TEST(hard_conditions, faces_have_values_of_their_own) {
  const std::string text =
      replaced(replaced(hard_heat, "u - sin(pi*x)", "u - x^2 - 1"), "on       = \"x == -1 || x == 1\"\nresidual = \"3*u\"",
               "on       = \"x == -1\"\nresidual = \"u - 2*exp(t)\"\nhard = true\n[[problem.conditions]]\n"
               "name = \"right\"\non = \"x == 1\"\nresidual = \"u - 2*cos(t)\"");
  Problem problem = hard_problem(text);
  expect_held(problem);
  // two of them, at some distance
  problem = hard_problem(replaced(text, "residual = \"u - x^2 - 1\"\nhard     = true", "residual = \"u - x^2 - 1\""));
  expect_held(problem);
}

TEST(hard_conditions, borders_of_shapes) {
  Problem problem = hard_problem(hard_plate);
  expect_held(problem);
  problem = hard_problem(hard_plate, {"problem.conditions.0.hard=false", "problem.conditions.1.on=boundary"});
  expect_held(problem);
  problem =
      hard_problem(hard_plate, {"geometry.domain=square - block", "geometry.shapes.block.box=[[-0.2, -0.1], [0.4, 0.5]]",
                                "problem.conditions.0.on=block"});
  expect_held(problem);
  problem = hard_problem(hard_plate,
                         {"geometry.domain=angle", "problem.conditions.0.hard=false", "problem.conditions.1.on=angle"});
  expect_held(problem);
  problem = hard_problem(
      hard_plate, {"geometry.domain=angle - disk", "problem.conditions.0.hard=false", "problem.conditions.1.on=boundary"});
  expect_held(problem);
}

TEST(hard_conditions, a_border_over_all_times) {
  std::string text = replaced(hard_plate, "coordinates = [\"x\", \"y\"]\ndomain      = { ",
                              "coordinates = [\"t\", \"x\", \"y\"]\ndomain      = { t = [0, 1], ");
  Problem problem = hard_problem(text);
  expect_held(problem);
  problem = hard_problem(text, {"problem.conditions.1.on=square && t > 0 && t < 1"});
  expect_held(problem);
  problem = hard_problem(text, {"problem.conditions.0.hard=false", "problem.conditions.1.on=t == 0 || square"});
  expect_held(problem);
}

TEST(hard_conditions, each_field_has_its_own) {
  const std::string text =
      replaced(hard_plate, "coordinates = [\"x\", \"y\"]", "coordinates = [\"x\", \"y\"]\nfields = [\"u\", \"v\"]");
  Problem problem = hard_problem(text, {"problem.equations.0.residual=[\"laplacian(u) + v\", \"laplacian(v)\"]",
                                        "problem.conditions.1.residual=[\"u\", \"v - x\"]"});
  expect_held(problem);
}

TEST(hard_conditions, a_transform_of_the_config_stays) {
  Problem problem = hard_problem(hard_heat, {"network.output.u=exp(u)"});
  EXPECT_LT(largest_size(problem, problem.terms[1].residuals[0], problem.terms[1].region, 2), 1e-12);
  EXPECT_NEAR(largest_size(problem, problem.outputs[0], domain_region(problem.lower, problem.upper), 2), std::exp(2), 1.2);
}

TEST(hard_conditions, what_cannot_be_hard) {
  const auto says = [](const std::string& message, const std::string& words) {
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  says(hard_refusal(hard_heat, {"problem.conditions.1.on=x == 1 && t > 0.5"}),
       "--set problem.conditions.1.on: hard = true takes whole faces and borders, and this set holds a part of one: t >= "
       "0.5 && x == 1");
  says(hard_refusal(hard_heat, {"problem.conditions.1.on=x == 1 && t*t < 1"}), "holds a part of one: x == 1");
  says(hard_refusal(hard_heat, {"problem.conditions.1.residual=u_x"}),
       "this one is not linear in one field without derivatives");
  says(hard_refusal(hard_heat, {"problem.conditions.1.residual=u^2"}),
       "this one is not linear in one field without derivatives");
  says(hard_refusal(hard_heat, {"problem.conditions.1.residual=x*u"}),
       "this one is not linear in one field without derivatives");
  says(hard_refusal(hard_heat, {"problem.conditions.1.residual=u - sdf"}),
       "this one reads the signed distance or the normal, which are known at its points alone; let it be soft");
  says(hard_refusal(hard_heat, {"problem.conditions.1.residual=dn(u)"}),
       "hard = true is for a residual u - g, with a field u");
  says(hard_refusal(hard_heat, {"problem.conditions.1.on=t == 0 || x == 1", "problem.conditions.1.residual=u - 1"}),
       "the hard conditions of 'u' have no common field: at t = 0, x = ");
  says(hard_refusal(hard_heat, {"problem.conditions.1.residual=u - log(x - 0.5)"}), "the hard condition 'walls' asks for ");
  says(hard_refusal(hard_heat, {"problem.conditions.1.pair=x == 0", "problem.conditions.1.residual=u - other(u)"}),
       "is for single points");
  says(hard_refusal(hard_heat, {"problem.conditions.1.reduction=square_of_mean"}), "holds at every point");
  says(hard_refusal(hard_heat, {"training.windows.count=2"}), "belongs to the whole domain");
  says(hard_refusal(hard_plate, {"problem.conditions.0.on=disk && x > 0.2"}), "holds a part of one: ");
  const std::string stages =
      hard_heat + "[[training.stages]]\nsteps = 1\n[[training.stages]]\nsteps = 1\nconstants = { a = 2 }\n";
  EXPECT_EQ(hard_problem(stages).variants.size(), 2u);
  says(hard_refusal(stages, {"problem.conditions.0.residual=u - a*sin(pi*x)"}),
       "a stage changes a constant that this hard condition reads");
}

}  // namespace
}  // namespace jetpinn
