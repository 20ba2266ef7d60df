// An engine that fails on the last rank while it is armed.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/engine/engine.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

namespace jetpinn::test {

inline bool is_last_rank() { return world().rank() == world().size() - 1; }

class FailingEngine : public Engine {
 public:
  // jets: linearises while this one does not fail; null: it has no linearisation.
  explicit FailingEngine(Engine* jets = nullptr) : jets_(jets) {}
  void loss_and_gradient(Stream, const double*, const PointSet& points, double*, TermSums& sums) override {
    sums.weighted.assign(points.terms.size(), 0);
    sums.unweighted = sums.weighted;
    fail();
  }
  void loss_and_gradient_exact(Stream, const double*, const PointSet&, ExactSum&) override { fail(); }
  void residuals(Stream, const double*, int, const TermPoints&, double*) override {}
  void linearize(Stream stream, const double* parameters, int term, const TermPoints& points,
                 const VisitLinearization& visit) override {
    fail();
    jets_->linearize(stream, parameters, term, points, visit);
  }
  int residuals_of(int term) const override { return jets_ ? jets_->residuals_of(term) : Engine::residuals_of(term); }
  std::string backend() const override { return ""; }
  std::int64_t pool_bytes() const override { return 0; }
  std::int64_t chunk() const override { return 1; }
  double product_rate() const override { return 0; }

  bool armed = true;

 protected:
  void fail() const {
    if (armed && is_last_rank()) throw Error(Status::usage, "this rank's engine is out of order");
  }

 private:
  Engine* jets_;
};

// No rank may go on: the last one throws its own error, the others that another failed.
inline void expect_failure_everywhere(const std::function<void()>& work, const std::string& what) {
  try {
    work();
    ADD_FAILURE() << what << ": no rank may go on";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage) << what;
    const bool mine = std::string(error.what()).find("out of order") != std::string::npos;
    EXPECT_EQ(mine, is_last_rank()) << what << ": " << error.what();
  }
}

}  // namespace jetpinn::test
