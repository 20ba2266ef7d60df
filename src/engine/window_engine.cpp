#include "jetpinn/engine/window_engine.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

class WindowEngine : public Engine {
 public:
  WindowEngine(const EngineOptions& options, const NetworkWindows& windows, const std::vector<EngineTerm>& terms)
      : coordinate_(windows.coordinate), windows_(windows) {
    std::int64_t offset = 0;
    for (const Network& network : windows.networks) {
      offsets_.push_back(offset);
      offset += network.parameters;
      engines_.push_back(make_engine(options, network, terms));
    }
    for (const EngineTerm& term : terms) residuals_.push_back(term.program.residuals());
  }

  void loss_and_gradient(Stream, const double*, const PointSet&, double*, TermSums&) override { refuse(); }
  void loss_and_gradient_exact(Stream, const double*, const PointSet&, ExactSum&) override { refuse(); }

  // Every network that some point needs sees all points, and its own are taken: a value must not depend on which points are
  // evaluated beside it, and chunks are the same whatever the windows are.
  void residuals(Stream stream, const double* parameters, int term, const TermPoints& points, double* residuals) override {
    const std::int64_t count = points.local_count;
    const double* place = points.coordinates.data() + coordinate_ * count;
    std::vector<std::size_t> window(static_cast<std::size_t>(count));
    std::vector<bool> needed(windows_.edges.size() - 1);
    for (std::size_t i = 0; i < window.size(); ++i) needed[window[i] = windows_.window_of(place[i])] = true;
    require_trained(needed);
    const std::int64_t rows = residuals_[static_cast<std::size_t>(term)];
    std::vector<double> values(static_cast<std::size_t>(rows * count));
    for (std::size_t w = 0; w < engines_.size(); ++w) {
      if (!needed[w]) continue;
      engines_[w]->residuals(stream, parameters + offsets_[w], term, points, values.data());
      for (std::int64_t k = 0; k < rows; ++k)
        for (std::int64_t i = 0; i < count; ++i)
          if (window[static_cast<std::size_t>(i)] == w)
            residuals[k * count + i] = values[static_cast<std::size_t>(k * count + i)];
    }
  }

  Precision precision() const override { return engines_[0]->precision(); }
  std::string device() const override { return engines_[0]->device(); }
  std::string backend() const override { return engines_[0]->backend(); }
  std::int64_t chunk() const override { return engines_[0]->chunk(); }
  double product_rate() const override { return engines_[0]->product_rate(); }
  std::int64_t pool_bytes() const override {
    std::int64_t bytes = 0;
    for (const auto& engine : engines_) bytes += engine->pool_bytes();
    return bytes;
  }

 private:
  [[noreturn]] static void refuse() { throw Error(Status::usage, "windows are trained one by one, each by its own engine"); }

  void require_trained(const std::vector<bool>& needed) const {
    for (std::size_t w = engines_.size(); w < needed.size(); ++w)
      if (needed[w])
        throw Error(Status::usage,
                    fmt::format("some points lie beyond {:g}, where window {} begins, which is not trained yet; keep to "
                                "what is trained, or train on with the command that began the run",
                                windows_.edges[w], w));
  }

  int coordinate_;
  NetworkWindows windows_;
  std::vector<std::unique_ptr<Engine>> engines_;  // [windows that are trained]
  std::vector<std::int64_t> offsets_;             // of their parameters
  std::vector<std::int64_t> residuals_;           // [terms] per point
};

}  // namespace

std::unique_ptr<Engine> make_window_engine(const EngineOptions& options, const NetworkWindows& windows,
                                           const std::vector<EngineTerm>& terms) {
  JETPINN_CHECK(!windows.networks.empty(), "windows without a network");
  return std::make_unique<WindowEngine>(options, windows, terms);
}

}  // namespace jetpinn
