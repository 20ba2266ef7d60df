#include "jetpinn/infer/evaluate.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/physics_report.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/parameter_values.hpp"
#include "jetpinn/train/held_out_fit.hpp"

#include <cstddef>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// Statements hold on the whole domain. Throws Error (usage) on every rank.
void require_whole(const Trained& trained, const std::string& run) {
  const auto& windows = trained.assembly.network.windows;
  if (windows && windows->networks.size() + 1 < windows->edges.size())
    throw Error(Status::usage, run + ": not all of its windows are trained; train on before its statements are looked at");
}

// Statements of both runs by their names, where this one is looked at: at the same points, with the other one's sizes. Those
// of which reduction or points differ are not compared. Collective.
void compare(Communicator& communicator, const CommandLine& line, Trained& trained, const PhysicsPoints& points,
             StatementEvaluator& evaluator, PhysicsReport& report) {
  Trained other = load_trained(communicator, line.against, {});
  require_whole(other, line.against);
  if (!line.quiet) tell_source(communicator, other.source);
  std::vector<StatementPair> pairs;
  std::unique_ptr<PhysicsPoints> other_points;
  communicator.agree("physics", [&] {
    const Problem &own = *trained.assembly.problem, &problem = *other.assembly.problem;
    if (const std::string differs = differing_statement(own, problem); !differs.empty())
      throw Error(Status::usage, line.subject + " and " + line.against + " do not state the same problem: " + differs +
                                     "; compare runs whose [problem] is the same");
    pairs = pair_statements(own, problem);
    std::vector<std::size_t> numbers(pairs.size());
    for (std::size_t t = 0; t < pairs.size(); ++t) numbers[pairs[t].other] = t;
    other_points =
        std::make_unique<PhysicsPoints>(other.assembly, parse_parameter_values(line.at, problem.symbols), numbers);
  });
  compare_points(communicator, trained.assembly, points, other.assembly, *other_points, pairs);
  communicator.agree("physics", [&] {
    std::string reasons;
    for (std::size_t t = 0; t < pairs.size(); ++t) {
      if (pairs[t].differs.empty()) return;
      reasons += (t > 0 ? "; " : "") + trained.assembly.problem->terms[t].name + ": " + pairs[t].differs;
    }
    throw Error(Status::usage, "no statement of " + line.subject + " can be compared with that of " + line.against + " (" +
                                   reasons + "); compare runs whose [problem] and training.seed are the same");
  });

  StatementEvaluator other_evaluator(communicator, other.assembly, other.engine, other.parameters, *other_points);
  const std::vector<StatementSizes> other_sizes = other_evaluator.sizes();
  const std::vector<StatementMeasure> before = other_evaluator.measures(other_sizes);
  std::vector<StatementSizes> sizes = evaluator.sizes();
  for (std::size_t t = 0; t < pairs.size(); ++t)
    if (pairs[t].differs.empty()) sizes[t] = other_sizes[pairs[t].other];
  const std::vector<StatementMeasure> after = evaluator.measures(sizes);
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    report.statements.push_back({after[t], {}, pairs[t].differs});
    if (pairs[t].differs.empty()) report.statements.back().before = before[pairs[t].other];
  }
  report.against = line.against;
  report.allowed = line.allowed_change;
}

// Collective; alike on every rank.
PhysicsReport evaluate_physics(Communicator& communicator, const CommandLine& line, Trained& trained) {
  require_whole(trained, line.subject);
  std::unique_ptr<PhysicsPoints> points;
  communicator.agree("physics", [&] {
    const SymbolTable& symbols = trained.assembly.problem->symbols;
    points = std::make_unique<PhysicsPoints>(trained.assembly, parse_parameter_values(line.at, symbols));
  });
  StatementEvaluator evaluator(communicator, trained.assembly, trained.engine, trained.parameters, *points);
  PhysicsReport report;
  if (!line.against.empty())
    compare(communicator, line, trained, *points, evaluator, report);
  else
    for (StatementMeasure& measure : evaluator.measures(evaluator.sizes()))
      report.statements.push_back({std::move(measure), {}, ""});
  return report;
}

}  // namespace

int run_evaluate(Communicator& communicator, const CommandLine& line) {
  const std::string file =
      !line.file.empty() ? line.file : (line.output.empty() ? line.subject : line.output) + "/evaluation.json";
  Trained trained = load_trained(communicator, line.subject, line.sets);
  if (!line.quiet) tell_source(communicator, trained.source);
  const ReferenceSet reference(communicator, trained_part(trained), line.at);
  const bool measured = !trained.config.training.windows.cut() && !measured_fields(trained.assembly).empty();
  communicator.agree("reference", [&] {
    if (communicator.root()) prepare_file(file);
    if (reference.empty() && !measured && !line.physics)
      throw Error(Status::usage, line.subject +
                                     ": the problem has no [reference] to compare with, and no rows of a table are held "
                                     "out; `evaluate --physics` looks at its equations and conditions alone");
  });
  std::vector<FieldError> errors;
  if (!reference.empty()) {
    const std::unique_ptr<Engine> engine = make_engine(trained.engine, trained.assembly.network, {trained.assembly.fields});
    errors = reference.errors(communicator, *engine, trained.parameters.data());
  }
  std::vector<FieldFit> fits;
  if (measured) fits = held_out_fits(communicator, trained.assembly, trained.engine, trained.parameters.data());
  PhysicsReport physics;
  if (line.physics) physics = evaluate_physics(communicator, line, trained);

  communicator.agree("evaluation.json", [&] {
    if (!communicator.root()) return;
    write_evaluation(file, errors, reference, fits, trained.source.file, trained.source.step,
                     line.physics ? physics_document(physics) : nlohmann::ordered_json::object());
    for (const std::string& note : reference.notes()) std::printf("%s\n", note.c_str());
    for (const FieldError& error : errors)
      std::printf("%s: relative L2 error %.4e, largest error %.4e, %s (%lld points, %s)\n", error.field.c_str(),
                  error.rel_l2, error.max_abs, fit_text(error.r2, error.mae, error.rmse).c_str(),
                  static_cast<long long>(reference.points()), reference.source().c_str());
    for (const FieldFit& fit : fits)
      std::printf("%s: %s (%lld rows held out of '%s')\n", fit.field.c_str(), fit_text(fit.r2, fit.mae, fit.rmse).c_str(),
                  static_cast<long long>(fit.rows), fit.term.c_str());
    if (!line.physics) return;
    std::printf("%s", physics_table(physics).c_str());
    std::fflush(stdout);
    const std::string trouble = physics_trouble(physics, line.subject);
    if (!trouble.empty()) throw Error(Status::numerical, trouble);
    if (!line.against.empty())
      std::printf("the allowed change of %.3g %% against %s is kept\n", 100 * line.allowed_change, line.against.c_str());
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
