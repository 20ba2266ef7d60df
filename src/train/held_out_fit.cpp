#include "jetpinn/train/held_out_fit.hpp"

#include "jetpinn/train/term_points.hpp"

#include <cmath>
#include <memory>
#include <optional>

namespace jetpinn {
namespace {

// Of a sum of two parts, one of them negated.
std::optional<MeasuredField> field_less_column(const ExpressionGraph& graph, NodeId residual) {
  if (graph[residual].op == Op::negate) residual = graph[residual].operand[0];
  const Node& sum = graph[residual];
  if (sum.op != Op::add) return {};
  for (const int first : {0, 1}) {
    NodeId kept = sum.operand[static_cast<std::size_t>(first)], taken = sum.operand[static_cast<std::size_t>(1 - first)];
    if (graph[taken].op != Op::negate) continue;
    taken = graph[taken].operand[0];
    for (const auto& [field, data] : {std::pair(graph[kept], graph[taken]), std::pair(graph[taken], graph[kept])})
      if (field.op == Op::field && field.derivative.order == 0 && field.site == 0 && data.op == Op::data)
        return MeasuredField{0, 0, field.index, data.index};
  }
  return {};
}

}  // namespace

std::vector<MeasuredField> measured_fields(const Assembly& assembly) {
  std::vector<MeasuredField> list;
  for (std::size_t t = 0; t < assembly.problem->terms.size(); ++t) {
    const Term& term = assembly.problem->terms[t];
    if (!holds_out(assembly, t)) continue;
    for (std::size_t k = 0; k < term.stated.size(); ++k) {
      std::optional<MeasuredField> found = field_less_column(assembly.problem->graph, term.stated[k]);
      if (!found) continue;
      found->term = t;
      found->residual = k;
      list.push_back(*found);
    }
  }
  return list;
}

void HeldOutFit::add(std::size_t term, const TermPoints& points, const std::vector<double>& residuals) {
  const std::int64_t count = points.local_count;
  for (std::size_t m = 0; m < measured_.size() && count > 0; ++m) {
    const MeasuredField& measured = measured_[m];
    if (measured.term != term) continue;
    const std::vector<double>& scales = assembly_.problem->terms[term].scales;
    const double scale = scales.empty() ? 1 : scales[measured.residual];
    const double* residual = residuals.data() + static_cast<std::int64_t>(measured.residual) * count;
    const double* value = points.data.data() + measured.column * count;
    Sums& sums = sums_[m];
    sums.rows = static_cast<double>(count);
    for (std::int64_t i = 0; i < count; ++i) {
      sums.values += value[i];
      sums.squares += scale * residual[i] * scale * residual[i];
      sums.absolute += std::abs(scale * residual[i]);
    }
    const double mean = sums.values / sums.rows;
    for (std::int64_t i = 0; i < count; ++i) sums.spread += (value[i] - mean) * (value[i] - mean);
  }
}

std::vector<FieldFit> HeldOutFit::finish(Communicator& communicator) const {
  std::vector<FieldFit> fits;
  if (empty()) return fits;
  std::vector<double> totals;  // rows, values, squares, absolute
  for (const Sums& own : sums_) totals.insert(totals.end(), {own.rows, own.values, own.squares, own.absolute});
  communicator.sum("evaluate", totals.data(), static_cast<std::int64_t>(totals.size()));
  std::vector<double> spreads;  // about the mean over all ranks
  for (std::size_t m = 0; m < measured_.size(); ++m) {
    const Sums& own = sums_[m];
    const double shift = own.rows > 0 ? own.values / own.rows - totals[4 * m + 1] / totals[4 * m] : 0;
    spreads.push_back(own.spread + own.rows * shift * shift);
  }
  communicator.sum("evaluate", spreads.data(), static_cast<std::int64_t>(spreads.size()));
  for (std::size_t m = 0; m < measured_.size(); ++m) {
    const double rows = totals[4 * m], squares = totals[4 * m + 2];
    FieldFit fit;
    fit.term = assembly_.problem->terms[measured_[m].term].name;
    fit.field = assembly_.problem->symbols.fields[static_cast<std::size_t>(measured_[m].field)];
    fit.rows = static_cast<std::int64_t>(rows);
    fit.r2 = coefficient_of_determination(squares, without_rounding(spreads[m], rows, totals[4 * m + 1]));
    fit.mae = totals[4 * m + 3] / rows;
    fit.rmse = std::sqrt(squares / rows);
    fits.push_back(std::move(fit));
  }
  return fits;
}

std::vector<FieldFit> held_out_fits(Communicator& communicator, const Assembly& assembly, const EngineOptions& options,
                                    const double* parameters) {
  HeldOutFit fit(assembly);
  if (fit.empty()) return {};
  fit.begin();
  const std::unique_ptr<Engine> engine = make_engine(options, assembly.network, assembly.terms);
  communicator.agree("evaluate", [&] {
    const PointSet points = make_independent_points(assembly, communicator.rank());
    for (std::size_t t = 0; t < points.terms.size(); ++t) {
      const TermPoints& rows = points.terms[t];
      if (!holds_out(assembly, t) || rows.local_count == 0) continue;
      std::vector<double> residuals(static_cast<std::size_t>(assembly.terms[t].program.residuals() * rows.local_count));
      engine->residuals(Stream{}, parameters, static_cast<int>(t), rows, residuals.data());
      fit.add(t, rows, residuals);
    }
  });
  return fit.finish(communicator);
}

}  // namespace jetpinn
