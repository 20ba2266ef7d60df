#include "jetpinn/app/window_plan.hpp"

#include "jetpinn/app/plan_report.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/config/units.hpp"
#include "jetpinn/config/window_config.hpp"
#include "jetpinn/train/table_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace jetpinn {
namespace {

std::vector<std::int64_t> rows_in(const Problem& problem, const Windows& windows, std::size_t k) {
  std::vector<std::int64_t> rows;
  const double above = k == 0 ? -std::numeric_limits<double>::infinity() : windows.edges[k];
  for (const Term& term : problem.terms)
    rows.push_back(term.table ? copy_rows_between(problem, term, windows.coordinate, above, windows.edges[k + 1], "") : 0);
  return rows;
}

// Later windows take over a condition at the first edge where the one before it was compared: at places that do not change.
void require_points_that_stay(const Assembly& whole, const Windows& windows) {
  const std::vector<StageSampling>& stages = whole.sampling.stages;
  for (std::size_t t = 0; t < windows.begins.size(); ++t)
    for (std::size_t s = 0; s < stages.size() && windows.begins[t]; ++s)
      if (const std::string& name = whole.problem->terms[t].name; stages[s].points.count(name) > 0)
        throw Error(
            Status::usage,
            fmt::format("training.stages.{}.sampling.points.{}: windows take over this condition from one another at "
                        "as many places as sampling.points.{} says, in every stage; leave it out here",
                        s, name, name));
}

// What a later window takes over from the one before is rows of a table, which have no weights of a quadrature.
void require_points_alike(const Assembly& whole, const Windows& windows) {
  for (std::size_t t = 0; t < windows.begins.size(); ++t) {
    if (!windows.begins[t]) continue;
    const std::string& name = whole.problem->terms[t].name;
    bool nodes = whole.chosen.method_of(name) == SamplingMethod::gauss_legendre;
    for (const StagePoints& stage : whole.choices)
      nodes = nodes || stage.chosen.method_of(name) == SamplingMethod::gauss_legendre;
    if (nodes)
      throw Error(Status::usage,
                  fmt::format("windows take over '{0}' from one another as rows of a table, which have no weights of a "
                              "quadrature, and its points are chosen by gauss_legendre: say sampling.methods = {{ {0} = "
                              "\"sobol\" }} for this condition, and so in stages that choose methods of their own",
                              name));
  }
}

}  // namespace

std::vector<bool> terms_of_window(const Problem& problem, const Windows& windows, std::size_t window,
                                  const WindowPlan& plan) {
  std::vector<bool> terms = windows.terms[window];
  for (std::size_t t = 0; t < terms.size(); ++t) {
    if (problem.terms[t].table) terms[t] = plan.rows[t] > 0;
    if (windows.begins[t]) terms[t] = true;
  }
  return terms;
}

std::vector<WindowPlan> plan_windows(const Assembly& whole, const Config& config, const Windows& windows, int ranks) {
  const Problem& problem = *whole.problem;
  require_points_that_stay(whole, windows);
  require_points_alike(whole, windows);
  std::vector<WindowPlan> plans;
  for (std::size_t k = 0; k < windows.count(); ++k) {
    WindowPlan plan;
    plan.rows = rows_in(problem, windows, k);
    WindowParts parts;
    parts.tables.resize(problem.terms.size());
    parts.terms = terms_of_window(problem, windows, k, plan);
    const auto is_equation = [&](std::size_t t) { return problem.terms[t].equation && parts.terms[t]; };
    bool equations = false, drawn = false;
    for (std::size_t t = 0; t < problem.terms.size(); ++t) {
      equations = equations || is_equation(t);
      if (problem.terms[t].table) parts.terms[t] = false;  // its rows are counted, and not read again
      drawn = drawn || is_equation(t);
    }
    if (!equations)
      throw Error(Status::usage, "no equation has points in window " + std::to_string(k) + ", " +
                                     window_text(problem, windows, k) +
                                     "; choose other training.windows, or let an equation hold there");
    for (const std::int64_t rows : plan.rows) plan.points += rows;
    if (drawn) {
      parts.reference = false;
      const Config window = window_config(config, problem, windows, k, parts, config.path);
      Assembly assembly =
          assemble(build_problem(window.problem), window.network, window.sampling, window.training.seed, ranks);
      choose_recomputed(assembly, window);
      require_memory(assembly, window);
      plan.points += assembly.points();
      plan.bytes = planned_bytes(assembly, window);
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::string window_text(const Problem& problem, const Windows& windows, std::size_t window) {
  return fmt::format("{} from {:.6g} to {:.6g}", problem.symbols.coordinates[static_cast<std::size_t>(windows.coordinate)],
                     windows.edges[window], windows.edges[window + 1]);
}

std::string windows_report(const Problem& problem, const Windows& windows, const std::vector<WindowPlan>& plans,
                           bool from_previous) {
  std::string text = fmt::format("windows    {}, one after the other, each with a network of its own that begins with {}\n",
                                 windows.count(), from_previous ? "the parameters of the one before" : "drawn parameters");
  for (std::size_t k = 0; k < windows.count(); ++k)
    text += fmt::format("           {}: {}, {} points, {}\n", k, window_text(problem, windows, k), plans[k].points,
                        plans[k].bytes > 0 ? "memory " + format_bytes(plans[k].bytes) : "points of tables alone");
  return text;
}

}  // namespace jetpinn
