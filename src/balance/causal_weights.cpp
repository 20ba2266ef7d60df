#include "jetpinn/balance/causal_weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace jetpinn {

CausalWeights::CausalWeights(const CausalTerm& term)
    : term_(term), weights_(static_cast<std::size_t>(term.options.chunks), 1.0) {}

std::int64_t CausalWeights::chunk_of(double coordinate) const {
  const double share = (coordinate - term_.lower) / (term_.upper - term_.lower);
  const double last = static_cast<double>(chunks() - 1);
  return static_cast<std::int64_t>(std::clamp(std::floor(share * static_cast<double>(chunks())), 0.0, last));
}

double CausalWeights::least() const { return *std::min_element(weights_.begin(), weights_.end()); }

// w_i = exp(-tolerance sum_{k<i} L_k)
void CausalWeights::weigh(const double* squares, const double* counts) {
  double before = 0;
  for (std::int64_t i = 0; i < chunks(); ++i) {
    weights_[static_cast<std::size_t>(i)] = std::exp(-tolerance() * before);
    before += counts[i] > 0 ? squares[i] / counts[i] : 0;
  }
}

bool CausalWeights::refresh(const double* squares, const double* counts) {
  if (!std::all_of(squares, squares + chunks(), [](double sum) { return std::isfinite(sum); })) return false;
  weigh(squares, counts);
  const auto tolerances = static_cast<std::int64_t>(term_.options.tolerances.size());
  if (level_ + 1 >= tolerances || !(least() > term_.options.threshold)) return false;
  ++level_;
  weigh(squares, counts);
  return true;
}

State CausalWeights::state() { return {{"weights", RealSlice{weights_.data(), chunks()}}, {"tolerance", &level_}}; }

}  // namespace jetpinn
