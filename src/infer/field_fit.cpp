#include "jetpinn/infer/field_fit.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace jetpinn {

nlohmann::ordered_json held_out_document(const std::vector<FieldFit>& fits) {
  nlohmann::ordered_json document = nlohmann::ordered_json::object();
  for (const FieldFit& fit : fits)
    document[fit.term][fit.field] = {{"rows", fit.rows}, {"r2", fit.r2}, {"mae", fit.mae}, {"rmse", fit.rmse}};
  return document;
}

std::string fit_text(double r2, double mae, double rmse) {
  const bool constant = std::isnan(r2) && !std::isnan(rmse);
  return fmt::format("{}, mean absolute error {:.4e}, root mean square {:.4e}",
                     constant ? "no R2, for the values to meet are all the same" : fmt::format("R2 {:.6f}", r2), mae, rmse);
}

}  // namespace jetpinn
