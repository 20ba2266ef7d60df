#include "jetpinn/compress/adapt.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/train/network_layout.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t validated_every = 5;
constexpr double square_limit = 0x1p55;  // of the exact sums of a step (base/exact_sum.hpp)
constexpr double deadline_s = 0;  // the run's own watchdog watches

MeasuredRows rows_like(const MeasuredRows& rows) {
  MeasuredRows empty;
  empty.coordinates.resize(rows.coordinates.size());
  empty.fields.resize(rows.fields.size());
  return empty;
}

void put(MeasuredRows& into, std::int64_t place, const MeasuredRows& from, std::int64_t row) {
  const auto at = static_cast<std::size_t>(place), of = static_cast<std::size_t>(row);
  for (std::size_t d = 0; d < from.coordinates.size(); ++d) into.coordinates[d][at] = from.coordinates[d][of];
  for (std::size_t f = 0; f < from.fields.size(); ++f) into.fields[f][at] = from.fields[f][of];
}

std::uint64_t draw(std::int64_t number) { return hash_of(&number, sizeof number, 0x61646170); }

}  // namespace

void MeasuredRows::add(const MeasuredRows& from, std::int64_t row) {
  if (coordinates.empty()) *this = rows_like(from);
  for (std::vector<double>& column : coordinates) column.push_back(0);
  for (std::vector<double>& column : fields) column.push_back(0);
  put(*this, count() - 1, from, row);
}

// The loss of problem and measurements with the elastic penalty; weights that are 0 have no gradient.
class Adapter::Elastic : public Objective {
 public:
  Elastic(DistributedObjective& loss, const Network& network, const std::vector<double>& start, double elastic)
      : loss_(loss), start_(start), elastic_(elastic), fixed_(start.size()) {
    for (const Layer& layer : network.layers)
      if (const ParameterBlock* weight = layer.block("weight"))
        for (std::int64_t i = weight->offset; i < weight->offset + weight->size(); ++i)
          fixed_[static_cast<std::size_t>(i)] = start[static_cast<std::size_t>(i)] == 0;
  }
  std::int64_t size() const override { return loss_.size(); }
  Value evaluate(const double* parameters, double* gradient) override {
    Value value = loss_.evaluate(parameters, gradient);
    for (std::size_t i = 0; i < start_.size(); ++i) {
      const double away = parameters[i] - start_[i];
      value.loss += 0.5 * elastic_ * away * away;
      gradient[i] = fixed_[i] ? 0 : gradient[i] + elastic_ * away;
    }
    return value;
  }
  using Objective::evaluate;

 private:
  DistributedObjective& loss_;
  const std::vector<double>& start_;
  double elastic_;
  std::vector<bool> fixed_;
};

Adapter::Adapter(Communicator& communicator, Assembly& assembly, EngineOptions engine, std::vector<double> parameters,
                 std::vector<int> measured, const AdaptOptions& options)
    : communicator_(communicator),
      assembly_(assembly),
      options_(options),
      measured_(std::move(measured)),
      start_(parameters),
      parameters_(std::move(parameters)) {
  engine.reproducibility = Reproducibility::ranks;
  TermPoints domain;
  communicator.agree("adapt", [&] {
    points_ = std::make_unique<PhysicsPoints>(assembly, std::vector<GridAxis>());
    domain = points_->make_share(points_->domain(), communicator.rank(), communicator.size());
    trained_ = make_points(assembly, communicator.rank(), 0);
  });
  statements_ = std::make_unique<StatementEvaluator>(communicator, assembly, engine, parameters_, *points_);
  statement_sizes_ = statements_->sizes();
  first_statements_ = statements_->measures(statement_sizes_);
  const std::unique_ptr<Engine> fields = make_engine(engine, assembly.network, {assembly.fields});
  std::vector<double> values(static_cast<std::size_t>(domain.local_count) * assembly.problem->outputs.size());
  communicator.agree("adapt", [&] {
    if (domain.local_count > 0) fields->residuals(Stream{}, parameters_.data(), 0, domain, values.data());
  });
  for (int field : measured_) {
    const auto begin = values.begin() + field * domain.local_count;
    const std::vector<double> own =
        communicator.gather_rows("adapt", std::vector<double>(begin, begin + domain.local_count));
    double size =
        own.empty()
            ? 0
            : std::sqrt(std::inner_product(own.begin(), own.end(), own.begin(), 0.0) / static_cast<double>(own.size()));
    communicator.broadcast("adapt", &size, sizeof size);
    sizes_.push_back(size > 0 ? size : 1);
  }
  std::vector<EngineTerm> terms = assembly.terms;
  communicator.agree("adapt", [&] { terms.push_back(data_term()); });
  engine_ = make_engine(engine, assembly.network, terms);
}

// (u - measured) / size, for each field that is measured.
EngineTerm Adapter::data_term() {
  Problem& problem = *assembly_.problem;
  TermGroups groups = problem.groups();
  groups.data = static_cast<int>(measured_.size());
  EngineTerm term;
  term.name = "measurements";
  for (std::size_t k = 0; k < measured_.size(); ++k) {
    const NodeId field = problem.outputs[static_cast<std::size_t>(measured_[k])];
    term.residuals.push_back(problem.graph.divide(problem.graph.subtract(field, problem.graph.data(static_cast<int>(k))),
                                                  problem.graph.constant(sizes_[k])));
  }
  term.program = compile_term(problem.graph, term.residuals, problem.dimensions(), problem.fields(), groups);
  term.graph = &problem.graph;
  return term;
}

// This rank's share, in whole blocks.
TermPoints Adapter::points_of(const MeasuredRows& rows) const {
  const std::int64_t count = rows.count();
  const RowRange blocks = share_rows((count + block_points - 1) / block_points, communicator_.rank(), communicator_.size());
  const std::int64_t begin = std::min(blocks.begin * block_points, count), end = std::min(blocks.end * block_points, count);
  TermPoints points = make_point_batch(assembly_.problem->dimensions(), begin, end - begin, count);
  points.coordinates.clear();
  for (const std::vector<double>& column : rows.coordinates)
    points.coordinates.insert(points.coordinates.end(), column.begin() + begin, column.begin() + end);
  points.data_columns = static_cast<int>(rows.fields.size());
  for (const std::vector<double>& column : rows.fields)
    points.data.insert(points.data.end(), column.begin() + begin, column.begin() + end);
  return points;
}

// The squares of the errors of each row, added up over its fields; [rows] on rank 0.
std::vector<double> Adapter::squares_of(const MeasuredRows& rows) {
  const TermPoints points = points_of(rows);
  std::vector<double> values(static_cast<std::size_t>(points.local_count) * measured_.size());
  communicator_.agree("adapt", [&] {
    if (points.local_count > 0)
      engine_->residuals(Stream{}, parameters_.data(), static_cast<int>(assembly_.terms.size()), points, values.data());
  });
  std::vector<double> squares(static_cast<std::size_t>(points.local_count));
  for (std::size_t k = 0; k < measured_.size(); ++k)
    for (std::size_t i = 0; i < squares.size(); ++i) {
      const double value = values[k * squares.size() + i];
      squares[i] += value * value;
    }
  return communicator_.gather_rows("adapt", squares);
}

std::int64_t Adapter::learnable(const MeasuredRows& rows) {
  const std::vector<double> squares = squares_of(rows);
  const auto refused = std::find_if(squares.begin(), squares.end(), [](double s) { return !(s < square_limit); });
  std::int64_t count = refused - squares.begin();
  communicator_.broadcast("adapt", &count, sizeof count);
  return count;
}

double Adapter::largest_error() { return std::sqrt(square_limit); }

double Adapter::error_of(const MeasuredRows& rows) {
  if (rows.count() == 0) return 0;
  const std::vector<double> all = squares_of(rows);
  double error = std::sqrt(std::accumulate(all.begin(), all.end(), 0.0) /
                           static_cast<double>(rows.count() * static_cast<std::int64_t>(measured_.size())));
  communicator_.broadcast("adapt", &error, sizeof error);
  return error;
}

// Rows that were learned may be learned again: of all that were offered each has the same chance to be kept (reservoir
// sampling, Vitter 1985); of those that are never trained on, the last ones are kept.
void Adapter::remember(const MeasuredRows& rows) {
  for (std::int64_t i = 0; i < rows.count(); ++i, ++seen_) {
    if (seen_ % validated_every == validated_every - 1) {
      if (validation_.count() < options_.replay)
        validation_.add(rows, i);
      else
        put(validation_, seen_ / validated_every % options_.replay, rows, i);
      continue;
    }
    const auto place = static_cast<std::int64_t>(draw(offered_) % static_cast<std::uint64_t>(offered_ + 1));
    ++offered_;
    if (replay_.count() < options_.replay)
      replay_.add(rows, i);
    else if (place < options_.replay)
      put(replay_, place, rows, i);
  }
}

AdaptUpdate Adapter::update(const MeasuredRows& rows) {
  const double begin = wall_seconds();
  AdaptUpdate update;
  update.number = ++updates_;
  update.rows = rows.count();
  update.error = error_of(rows);
  judge_drift(update);
  MeasuredRows learned = replay_;
  for (std::int64_t i = 0; i < rows.count(); ++i)
    if ((seen_ + i) % validated_every != validated_every - 1) learned.add(rows, i);
  remember(rows);

  update.validation_before = error_of(validation_);
  const std::vector<double> before = parameters_;
  PointSet points = trained_;
  points.terms.push_back(points_of(learned));
  DistributedObjective loss(communicator_, *engine_, points, static_cast<std::int64_t>(parameters_.size()),
                            static_cast<std::int64_t>(points.terms.size()), true, deadline_s, {}, {},
                            squared_means(assembly_));
  Elastic objective(loss, assembly_.network, start_, options_.elastic);
  OptimizerOptions adam;
  adam.learning_rate.start = options_.rate;
  const std::unique_ptr<Optimizer> optimizer =
      make_optimizer(adam, parameter_layout(assembly_.network, assembly_.problem->trained), options_.steps);
  bool stepped = false;
  for (std::int64_t step = 0; step < options_.steps; ++step)
    stepped |= !optimizer->step(objective, parameters_.data()).skipped;
  judge(before, stepped, update);
  update.seconds = wall_seconds() - begin;
  return update;
}

void Adapter::resume(std::vector<double> parameters, std::vector<double> errors) {
  parameters_ = std::move(parameters);
  errors_ = std::move(errors);
  updates_ = static_cast<std::int64_t>(errors_.size());
}

void Adapter::judge_drift(AdaptUpdate& update) {
  errors_.push_back(update.error);
  if (errors_.size() <= window) return;
  const double first = std::accumulate(errors_.begin(), errors_.begin() + window, 0.0);
  const double last = std::accumulate(errors_.end() - window, errors_.end(), 0.0);
  update.drift = first > 0 ? last / first : 1;
  update.drifts = update.drift > drift_factor;
}

// What became worse is taken back. NaN is worse.
void Adapter::judge(const std::vector<double>& before, bool stepped, AdaptUpdate& update) {
  update.validation = error_of(validation_);
  const std::vector<StatementMeasure> now = statements_->measures(statement_sizes_);
  for (std::size_t t = 0; t < now.size(); ++t) {
    const double change = physics_change(first_statements_[t], now[t]);
    if (t == 0 || change > update.worst_change || std::isnan(change)) {
      update.worst_change = change;
      update.worst_statement = now[t].name;
      if (std::isnan(change)) break;
    }
  }
  const double most = update.validation_before * (1 + options_.allowed);
  if (!stepped)
    update.taken_back = "loss or gradient was not finite, so that no step could be taken";
  else if (!std::isfinite(update.validation))
    update.taken_back = fmt::format("the error of rows that are not trained on is {}", update.validation);
  else if (!(update.validation <= most))
    update.taken_back = fmt::format("the error of rows that are not trained on grew from {:.3e} to {:.3e}",
                                    update.validation_before, update.validation);
  else if (!(update.worst_change <= options_.allowed))
    update.taken_back = fmt::format("'{}' is met worse by {:.3g} %", update.worst_statement, 100 * update.worst_change);
  update.kept = update.taken_back.empty();
  if (!update.kept) parameters_ = before;
}

}  // namespace jetpinn
