#include "jetpinn/train/last_step.hpp"

#include <numeric>

namespace jetpinn {
namespace {

// Of each weighted term in their sum.
std::vector<double> shares_of(std::vector<double> weighted) {
  const double sum = std::accumulate(weighted.begin(), weighted.end(), 0.0);
  for (double& term : weighted) term = sum == 0 ? 0 : term / sum;
  return weighted;
}

}  // namespace

void LastStep::account(const StepReport& report, const Agreed& agreed) {
  report_ = report;
  settle(report.loss, agreed);
}

void LastStep::settle(double loss, const Agreed& agreed) {
  loss_ = loss;
  terms_ = agreed.terms;
  weighted_ = agreed.weighted;
}

void LastStep::tell(StepRecord& record) const {
  record.loss = report_.loss;
  record.terms = terms_;
  record.shares = shares_of(weighted_);
  record.learning_rate = report_.learning_rate;
  record.gradient_norm = report_.gradient_norm;
}

void LastStep::tell(RunSummary& summary) const {
  summary.loss = loss_;
  summary.terms = terms_;
  summary.shares = shares_of(weighted_);
}

State LastStep::state() {
  return {{"terms", &terms_},
          {"weighted", &weighted_},
          {"report_loss", &report_.loss},
          {"gradient_norm", &report_.gradient_norm},
          {"learning_rate", &report_.learning_rate}};
}

}  // namespace jetpinn
