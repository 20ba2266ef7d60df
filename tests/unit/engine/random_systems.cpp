// Jets against nested autograd on systems that nobody chose. JETPINN_SYSTEMS="FIRST COUNT": which seeds, 0 30 by default.
#include "support/jacobian.hpp"
#include "support/random_system.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <exception>
#include <functional>
#include <sstream>

namespace jetpinn {
namespace {

using test::EngineCase;
using test::RandomSystem;

std::unique_ptr<Engine> engine_of_kind(EngineKind kind, const EngineCase& problem) {
  EngineOptions options;
  options.kind = kind;
  return make_engine(options, problem.network, problem.terms);
}

// [residual, point] of a term
std::vector<double> residuals(Engine& engine, const EngineCase& problem, const std::vector<double>& parameters,
                              std::size_t term) {
  const TermPoints& points = problem.points.terms[term];
  std::vector<double> values(problem.terms[term].residuals.size() * static_cast<std::size_t>(points.local_count));
  engine.residuals(Stream{}, parameters.data(), static_cast<int>(term), points, values.data());
  return values;
}

// What rounding errors are measured by: residuals may cancel, their addends each come with the errors of a derivative.
struct Sizes {
  std::vector<std::vector<double>> residual;   // [term][residual, point]: sum of the absolute addends
  std::vector<double> loss;                    // [term]: mean of their squares
  double gradient = 0;                         // sum over points of 2 size / count, times the
                                               // norms of the addends' gradients
};

Sizes sizes(const RandomSystem& system, const std::vector<double>& parameters) {
  const EngineCase split = test::make_case(system.engine_text(true));
  const auto jets = engine_of_kind(EngineKind::jets, split);
  Sizes result;
  for (std::size_t t = 0; t < system.terms.size(); ++t) {
    const TermPoints& points = split.points.terms[t];
    const auto count = static_cast<std::size_t>(points.local_count);
    const auto values = residuals(*jets, split, parameters, t);
    const auto rows = test::dense(*jets, parameters, static_cast<int>(t), points);
    std::vector<double> size, slope;
    std::size_t addend = 0;
    for (const RandomSystem::Residual& addends : system.terms[t]) {
      const std::size_t first = size.size();
      size.resize(first + count);
      slope.resize(first + count);
      for (std::size_t k = 0; k < addends.size(); ++k, ++addend) {
        for (std::size_t i = 0; i < count; ++i) {
          const auto row = rows.begin() + static_cast<std::ptrdiff_t>((addend * count + i) * parameters.size());
          size[first + i] += std::abs(values[addend * count + i]);
          slope[first + i] += test::norm({row, row + static_cast<std::ptrdiff_t>(parameters.size())});
        }
      }
    }
    double square = 0;
    for (std::size_t i = 0; i < size.size(); ++i) {
      square += size[i] * size[i] / static_cast<double>(count);
      result.gradient += 2 * size[i] * slope[i] / static_cast<double>(count);
    }
    result.loss.push_back(square);
    result.residual.push_back(std::move(size));
  }
  return result;
}

int highest_order(const EngineCase& problem) {
  int order = 0;
  for (const EngineTerm& term : problem.terms) order = std::max(order, term.program.plan.order());
  return order;
}

// What differs, or nothing. A contract of the engines as in JetsAgainstReference, by the sizes of the addends: each residual
// and each of its gradients may be off by the bound, a product of two of them by twice that.
std::string difference(const RandomSystem& system) try {
  std::ostringstream text;
  const EngineCase problem = test::make_case(system.engine_text());
  const auto parameters = system.perturbed ? test::perturbed(problem) : problem.parameters;
  const auto jets = engine_of_kind(EngineKind::jets, problem), reference = engine_of_kind(EngineKind::reference, problem);
  const Sizes size = sizes(system, parameters);
  const double bound = highest_order(problem) <= 2 ? 1e-12 : 1e-11;
  const auto compare = [&](const std::string& what, double distance, double scale) {
    if (!(distance <= bound * scale)) text << what << ": off by " << distance << ", allowed " << bound * scale << "\n";
  };
  const auto actual = test::evaluate(*jets, problem, parameters), expected = test::evaluate(*reference, problem, parameters);
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const std::string name = problem.terms[t].name;
    compare("residuals of " + name,
            test::distance(residuals(*jets, problem, parameters, t), residuals(*reference, problem, parameters, t)),
            test::norm(size.residual[t]));
    compare("loss of " + name, std::abs(actual.sums.weighted[t] - expected.sums.weighted[t]), 2 * size.loss[t]);
  }
  compare("gradient", test::distance(actual.gradient, expected.gradient), 2 * size.gradient);
  return text.str();
} catch (const std::exception& error) {
  return std::string(error.what()) + "\n";
}

// Every system with one part less, a part being a term, residual, addend, transform, periodic coordinate or layer.
std::vector<RandomSystem> smaller(const RandomSystem& system) {
  std::vector<RandomSystem> result;
  const auto without = [&](auto remove) { remove(result.emplace_back(system)); };
  for (std::size_t t = 0; t < system.terms.size(); ++t) {
    if (system.terms.size() > 1) without([&](RandomSystem& s) { s.terms.erase(s.terms.begin() + static_cast<long>(t)); });
    for (std::size_t r = 0; r < system.terms[t].size(); ++r) {
      if (system.terms[t].size() > 1)
        without([&](RandomSystem& s) { s.terms[t].erase(s.terms[t].begin() + static_cast<long>(r)); });
      for (std::size_t k = 0; k < system.terms[t][r].size() && system.terms[t][r].size() > 1; ++k)
        without([&](RandomSystem& s) { s.terms[t][r].erase(s.terms[t][r].begin() + static_cast<long>(k)); });
    }
  }
  for (const auto& transform : system.text.output) without([&](RandomSystem& s) { s.text.output.erase(transform.first); });
  if (!system.text.network.periodic.empty()) without([](RandomSystem& s) { s.text.network.periodic.pop_back(); });
  if (system.text.network.hidden.size() > 1) without([](RandomSystem& s) { s.text.network.hidden.pop_back(); });
  if (system.text.points > 1) without([](RandomSystem& s) { s.text.points /= 2; });
  return result;
}

// Parts are taken away as long as the system still fails.
RandomSystem shrunk(RandomSystem system, const std::function<bool(const RandomSystem&)>& fails) {
  for (bool again = true; again;) {
    again = false;
    for (RandomSystem& candidate : smaller(system)) {
      if (!fails(candidate)) continue;
      system = std::move(candidate);
      again = true;
      break;
    }
  }
  return system;
}

TEST(RandomSystems, JetsAgreeWithReference) {
  unsigned first = 0, count = 30;
  if (const char* seeds = std::getenv("JETPINN_SYSTEMS")) std::istringstream(seeds) >> first >> count;
  for (unsigned seed = first; seed < first + count; ++seed) {
    const RandomSystem system = test::SystemGenerator(seed).draw();
    const std::string found = difference(system);
    if (found.empty()) continue;
    const RandomSystem small = shrunk(system, [](const RandomSystem& s) { return !difference(s).empty(); });
    ADD_FAILURE() << "seed " << seed << ": " << found << "smallest part that fails: " << difference(small) << "\n"
                  << small.config() << "\nwhole system:\n" << system.config();
  }
}

// The systems that fail are found by their own test: the smallest part of one in which an addend stands.
TEST(RandomSystems, FailuresAreMadeSmall) {
  RandomSystem system = test::SystemGenerator(3).draw();
  system.terms.back().back().push_back("d(u, x)");
  const auto fails = [](const RandomSystem& s) {
    for (const auto& residuals : s.terms)
      for (const auto& addends : residuals)
        for (const std::string& addend : addends)
          if (addend == "d(u, x)") return true;
    return false;
  };
  const RandomSystem small = shrunk(system, fails);
  EXPECT_TRUE(fails(small));
  EXPECT_EQ(small.terms, (std::vector<std::vector<RandomSystem::Residual>>{{{"d(u, x)"}}}));
  EXPECT_EQ(small.text.network.hidden.size(), 1u);
  EXPECT_NE(small.config().find("residual = [\"d(u, x)\"]"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
