#include "jetpinn/bench/bench_sparse.hpp"

#include "jetpinn/bench/conversion_report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

// Weights as a trained network has them: outputs of each layer are of the size of its inputs.
WeightStack random_stack(const BenchSparseOptions& options, double sparsity) {
  WeightStack stack;
  stack.precision = options.precision;
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal;
  for (std::size_t l = 0; l + 1 < options.units.size(); ++l) {
    StackLayer layer;
    layer.pattern.inputs = options.units[l];
    layer.pattern.outputs = options.units[l + 1];
    const double deviation = 1.5 / std::sqrt(static_cast<double>(layer.pattern.inputs) * (1 - sparsity));
    for (std::int64_t place = 0; place < layer.pattern.weights(); ++place) {
      if (uniform(generator) < sparsity) continue;
      layer.pattern.kept.push_back(place);
      layer.kept.push_back(deviation * normal(generator));
    }
    layer.bias.assign(static_cast<std::size_t>(layer.pattern.outputs), 0.1);
    stack.layers.push_back(std::move(layer));
  }
  return stack;
}

void add_results(const ConversionReport& conversion, double sparsity, const BenchSparseOptions& options,
                 BenchReport& report) {
  for (const SpeedAtBatch& at : conversion.speed.batches) {
    BenchResult result;
    result.name = fmt::format("{:g} % left out", 100 * sparsity);
    result.parameters = {{"batch", at.batch}, {"precision", to_string(options.precision)}};
    result.seconds = at.sparse_s;
    const double rate = 2.0 * static_cast<double>(conversion.stack.kept() * at.batch) / at.sparse_s.median;
    result.figures = {{"over_dense", at.over_dense.median}, {"dense_path", at.dense_path}};
    if (at.over_libtorch.samples > 0) result.figures.emplace_back("over_libtorch", at.over_libtorch.median);
    if (at.over_torch_sparse.samples > 0) result.figures.emplace_back("over_torch_sparse", at.over_torch_sparse.median);
    if (at.over_libxsmm.samples > 0)
      result.figures.emplace_back("over_libxsmm_sparse", at.over_libxsmm.median);
    else
      result.figures.emplace_back("over_libxsmm_sparse", "refused");
    result.figures.emplace_back("gflops", 1e-9 * rate);
    if (options.peak_flops > 0) result.figures.emplace_back("peak_share", rate / options.peak_flops);
    result.figures.emplace_back("difference", conversion.speed.max_difference);
    if (conversion.speed.no_torch_sparse.empty())
      result.figures.emplace_back("difference_torch_sparse", conversion.speed.torch_sparse_difference);
    if (conversion.speed.no_libxsmm.empty())
      result.figures.emplace_back("difference_libxsmm_sparse", conversion.speed.libxsmm_difference);
    result.verified = conversion.verified();
    if (!result.verified) result.trouble = "it differs from its whole matrices beyond rounding";
    report.results.push_back(std::move(result));
  }
}

}  // namespace

BenchReport bench_sparse(Communicator& communicator, const BenchSparseOptions& options) {
  BenchReport report;
  report.benchmark = "sparse";
  report.machine = describe_machine(communicator);
  communicator.agree("bench sparse", [&] {
    if (!communicator.root()) return;
    for (const double sparsity : options.sparsities)
      add_results(convert("bench sparse", random_stack(options, sparsity), options.speed), sparsity, options, report);
  });
  std::string units;
  for (const std::int64_t unit : options.units) units += (units.empty() ? "" : "-") + std::to_string(unit);
  report.config = {{"units", units}};
  return report;
}

}  // namespace jetpinn
