// An engine whose residuals are functions of the coordinates: tests of what stands on engines need no network.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/engine/engine.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace jetpinn::testing {

class FunctionEngine : public Engine {
 public:
  using Function = std::function<double(const double* place)>;   // place: [dimensions]
  explicit FunctionEngine(std::vector<Function> residuals) : residuals_(std::move(residuals)) {}

  void residuals(Stream, const double*, int, const TermPoints& points, double* out) override {
    std::vector<double> place(static_cast<std::size_t>(points.dimensions));
    for (std::int64_t i = 0; i < points.local_count; ++i) {
      for (int d = 0; d < points.dimensions; ++d) place[static_cast<std::size_t>(d)] = points.coordinate(d)[i];
      for (std::size_t k = 0; k < residuals_.size(); ++k)
        out[static_cast<std::int64_t>(k) * points.local_count + i] = residuals_[k](place.data());
    }
    if (points.local_count > most_points) most_points = points.local_count;
  }
  void loss_and_gradient(Stream, const double*, const PointSet&, double*, TermSums&) override { fail(); }
  void loss_and_gradient_exact(Stream, const double*, const PointSet&, ExactSum&) override { fail(); }
  std::string backend() const override { return "functions"; }
  std::int64_t pool_bytes() const override { return 0; }
  std::int64_t chunk() const override { return 0; }
  double product_rate() const override { return 0; }

  std::int64_t most_points = 0;   // in one call

 private:
  static void fail() { throw Error(Status::usage, "a function has no parameters"); }
  std::vector<Function> residuals_;
};

}  // namespace jetpinn::testing
