#include "jetpinn/engine/reference_engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/libtorch/term_residuals.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

// By the graph of the residuals, which stays alive.
class ReferenceLinearization : public Linearization {
 public:
  ReferenceLinearization(const ParameterLeaves& leaves, Tensors residuals, PointRange range)
      : leaves_(leaves), residuals_(std::move(residuals)) {
    range_ = range;
  }

  void residuals(double* values, std::int64_t stride) override { write(residuals_, values, stride); }

  void transposed(const double* w, std::int64_t stride, double* gradient) override {
    leaves_.scatter(gradients(residuals_, columns(w, residuals_.size(), stride, 0, range_.points, type()), leaves_.trained(),
                              /*create_graph=*/false),
                    gradient);
  }

  // J v = d (v . Jᵀ c) / dc
  void times(const double* v, double* values, std::int64_t stride) override {
    const ParameterLeaves along(leaves_.network(), v, type());
    Tensors seeds;
    for (const at::Tensor& value : residuals_) seeds.push_back(at::zeros_like(value).requires_grad_());
    at::Tensor product = at::scalar_tensor(0.0, at::TensorOptions().dtype(type()));
    const Tensors transposed = gradients(residuals_, seeds, leaves_.trained(), /*create_graph=*/true);
    for (std::size_t i = 0; i < transposed.size(); ++i)
      if (transposed[i].defined()) product = product + (transposed[i] * along.trained()[i].detach()).sum();
    write(gradients({product}, {at::ones_like(product)}, seeds, /*create_graph=*/false), values, stride);
  }

  void rows(std::int64_t first, std::int64_t count, double* rows, std::int64_t stride) override {
    const std::int64_t parameters = leaves_.network().parameters;
    for (std::size_t k = 0; k < residuals_.size(); ++k)
      for (std::int64_t i = 0; i < count; ++i) {
        double* row = rows + (static_cast<std::int64_t>(k) * stride + i) * parameters;
        std::fill_n(row, parameters, 0.0);
        at::Tensor seed = at::zeros_like(residuals_[k]).contiguous();
        seed[first + i].fill_(1);
        leaves_.scatter(gradients({residuals_[k]}, {seed}, leaves_.trained(), /*create_graph=*/false), row);
      }
  }

 private:
  at::ScalarType type() const { return residuals_[0].scalar_type(); }
  void write(const Tensors& columns, double* values, std::int64_t stride) const {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      double* target = values + static_cast<std::int64_t>(k) * stride;
      std::fill_n(target, range_.points, 0.0);
      add_to(target, columns[k]);
    }
  }

  const ParameterLeaves& leaves_;
  const Tensors residuals_;   // [points] each
};

class ReferenceEngine : public Engine {
 public:
  ReferenceEngine(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms)
      : network_(network), chunk_(options.chunk > 0 ? options.chunk : block_points) {
    if (options.precision != Precision::fp64 && options.precision != Precision::fp32)
      throw Error(Status::usage, std::string("the reference engine computes in fp64 or fp32, not in ") +
                                     to_string(options.precision) + "; set training.precision to one of these");
    type_ = options.precision == Precision::fp64 ? at::kDouble : at::kFloat;
    for (const EngineTerm& term : terms) {
      JETPINN_CHECK(term.graph != nullptr, "term '" + term.name + "' has no expression graph");
      terms_.emplace_back(term);
    }
  }

  void loss_and_gradient(Stream, const double* parameters, const PointSet& points, double* gradient,
                         TermSums& sums) override {
    const ScopedRegion accounted(region(), "jetpinn::loss_and_gradient");
    const ParameterLeaves leaves(network_, parameters, type_);
    std::fill_n(gradient, network_.parameters, 0.0);
    sums.weighted.assign(terms_.size(), 0);
    sums.unweighted.assign(terms_.size(), 0);
    for (std::size_t t = 0; t < terms_.size(); ++t) {
      if (leaves_out(t)) continue;
      for_chunks(points.terms[t], [&](std::int64_t first, std::int64_t count) {
        add_loss(leaves, t, points.terms[t], first, count, gradient, sums.weighted[t], sums.unweighted[t]);
      });
    }
  }

  void loss_and_gradient_exact(Stream, const double* parameters, const PointSet& points, ExactSum& total) override {
    const ScopedRegion accounted(region(), "jetpinn::loss_and_gradient");
    const ParameterLeaves leaves(network_, parameters, type_);
    std::vector<double> gradient(static_cast<std::size_t>(network_.parameters));
    const auto first_sum = network_.parameters, count_of_terms = static_cast<std::int64_t>(terms_.size());
    for (std::size_t t = 0; t < terms_.size(); ++t) {
      if (leaves_out(t)) continue;
      std::int64_t first = 0;
      for (const Block& block : points.terms[t].blocks) {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        double weighted = 0, unweighted = 0;
        add_loss(leaves, t, points.terms[t], first, block.count, gradient.data(), weighted, unweighted);
        total.add(0, gradient.data(), network_.parameters);
        total.add(first_sum + static_cast<std::int64_t>(t), weighted);
        total.add(first_sum + count_of_terms + static_cast<std::int64_t>(t), unweighted);
        first += block.count;
      }
    }
  }

  void residuals(Stream, const double* parameters, int term, const TermPoints& points, double* residuals) override {
    const ScopedRegion accounted(region(), "jetpinn::residuals");
    const ParameterLeaves leaves(network_, parameters, type_);
    for_chunks(points, [&](std::int64_t first, std::int64_t count) {
      const Tensors values = evaluate(leaves, static_cast<std::size_t>(term), points, first, count);
      for (std::size_t k = 0; k < values.size(); ++k) {
        double* target = residuals + static_cast<std::int64_t>(k) * points.local_count + first;
        std::fill_n(target, count, 0.0);
        add_to(target, values[k]);
      }
    });
  }

  void linearize(Stream, const double* parameters, int term, const TermPoints& points,
                 const VisitLinearization& visit) override {
    const ScopedRegion accounted(region(), "jetpinn::linearize");
    const ParameterLeaves leaves(network_, parameters, type_);
    for_chunks_of_blocks(points, chunk_, [&](PointRange range) {
      const auto which = static_cast<std::size_t>(term);
      ReferenceLinearization chunk(leaves, evaluate(leaves, which, points, range.first, range.points), range);
      visit(chunk);
    });
  }
  int residuals_of(int term) const override { return terms_[static_cast<std::size_t>(term)].residuals(); }

  Precision precision() const override { return type_ == at::kDouble ? Precision::fp64 : Precision::fp32; }
  std::string backend() const override { return "libtorch autograd"; }
  std::int64_t pool_bytes() const override { return 0; }   // LibTorch allocates chunk by chunk, outside the pool
  std::int64_t chunk() const override { return chunk_; }
  double product_rate() const override { return 0; }

 private:
  // Autograd tells nothing of its parts: all of it counts as products, as far as it is training.
  static Region region() { return current_region() == Region::evaluation ? Region::evaluation : Region::product; }

  template <class Work>
  void for_chunks(const TermPoints& points, const Work& work) const {
    for (std::int64_t first = 0; first < points.local_count; first += chunk_)
      work(first, std::min(chunk_, points.local_count - first));
  }

  Tensors evaluate(const ParameterLeaves& leaves, std::size_t term, const TermPoints& points, std::int64_t first,
                   std::int64_t count) const {
    return terms_[term].evaluate(leaves, {points, first, count, type_}, constants_);
  }

  Tensors weights_of(const TermPoints& points, std::int64_t first, std::int64_t count) const {
    const int given = points.weighted_columns();
    std::vector<double> weights;  // [given, count]
    for (int k = 0; k < given; ++k)
      for (std::int64_t i = 0; i < count; ++i) weights.push_back(points.weight_at(k, first + i));
    return columns(weights.data(), static_cast<std::size_t>(given), count, 0, count, type_);
  }

  // One column, or none where all points count alike.
  Tensors quadrature_of(const TermPoints& points, std::int64_t first, std::int64_t count) const {
    if (points.quadrature_columns == 0) return {};
    return columns(points.quadrature.data() + first, 1, count, 0, count, type_);
  }

  void tell_residuals(const Tensors& values, std::size_t term, std::int64_t first, std::int64_t count) const {
    std::vector<double> told(values.size() * static_cast<std::size_t>(count));
    for (std::size_t k = 0; k < values.size(); ++k) add_to(told.data() + static_cast<std::int64_t>(k) * count, values[k]);
    residuals_known_(static_cast<int>(term), first, count, told.data());
  }

  // loss = sum_i sum_k w_ki r_ki^2 / N, its gradient by the residuals is the seed 2 w r / N.
  void add_loss(const ParameterLeaves& leaves, std::size_t term, const TermPoints& points, std::int64_t first,
                std::int64_t count, double* gradient, double& weighted, double& unweighted) const {
    const Tensors values = evaluate(leaves, term, points, first, count);
    if (residuals_known_) tell_residuals(values, term, first, count);
    const Tensors weights = weights_of(points, first, count), quadrature = quadrature_of(points, first, count);
    const double share = 1 / static_cast<double>(points.global_count);
    at::Tensor loss = at::scalar_tensor(0.0, at::TensorOptions().dtype(type_));
    for (std::size_t k = 0; k < values.size(); ++k) {
      const at::Tensor square = values[k] * values[k];
      const at::Tensor product = weights.empty() ? square : square * weights[weights.size() == 1 ? 0 : k];
      loss = loss + share * product.sum();
      weighted += share * product.detach().to(at::kDouble).sum().item<double>();
      const at::Tensor counted = quadrature.empty() ? square : square * quadrature[0];
      unweighted += share * counted.detach().to(at::kDouble).sum().item<double>();
    }
    leaves.scatter(gradients({loss}, {at::ones_like(loss)}, leaves.trained(), /*create_graph=*/false), gradient);
  }

  Network network_;
  std::int64_t chunk_;
  at::ScalarType type_ = at::kDouble;
  std::vector<TermResiduals> terms_;
};

std::unique_ptr<Engine> make(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms) {
  return std::make_unique<ReferenceEngine>(options, network, terms);
}

}  // namespace
}  // namespace jetpinn

extern "C" const jetpinn::LibtorchEngines jetpinn_libtorch_engines = {jetpinn::make};
