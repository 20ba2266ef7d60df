// How well a field meets measured values: what statistics calls the fit of a regression.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn {

// R2 = 1 - sum of (u - value)^2 over the sum of (value - mean of the values)^2: 1 where every value is met, 0 where the mean
// alone does as well, below 0 where it does better. NaN: the values are all one.
inline double coefficient_of_determination(double squares, double spread) {
  return spread > 0 ? 1 - squares / spread : std::numeric_limits<double>::quiet_NaN();
}

// spread: the sum of (value - mean)^2 of so many values with this sum. 0 where the values are all one but for the rounding
// of their mean, which is off by rows * epsilon * |mean| at most.
inline double without_rounding(double spread, double rows, double sum) {
  const double off = std::numeric_limits<double>::epsilon() * std::abs(sum);
  return spread > rows * off * off ? spread : 0;
}

// Of a field at the rows of a term's table that no step trains on.
struct FieldFit {
  std::string term, field;
  std::int64_t rows = 0;
  double r2 = 0, mae = 0, rmse = 0;   // without a unit; mean |u - value| and root mean square, in the unit of the field
};

// {term: {field: {rows, r2, mae, rmse}}}
nlohmann::ordered_json held_out_document(const std::vector<FieldFit>& fits);
// "R2 0.9432, mean absolute error 1.2e-02, root mean square 1.6e-02"; where the values are all one, it says so.
std::string fit_text(double r2, double mae, double rmse);

}  // namespace jetpinn
