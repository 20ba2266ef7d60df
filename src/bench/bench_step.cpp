#include "jetpinn/bench/bench_step.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/bench/bench_predict.hpp"
#include "jetpinn/layer/buffer_plan.hpp"
#include "jetpinn/layer/layer_kinds.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/placed_vector.hpp"
#include "jetpinn/optim/vector_device.hpp"
#include "jetpinn/runtime/bf16_kernels.hpp"
#include "jetpinn/runtime/product.hpp"
#include "jetpinn/train/network_layout.hpp"
#include "jetpinn/train/objective.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

// FLOP/s of every back end for rows x k times k x n at its best number of rows: chunks of 16 to 256
// points of up to five channels.
std::vector<BenchProduct> measure_backends(Precision precision, std::int64_t k, std::int64_t n) {
  const ProductShape shape{ProductKind::multiply, k, n, k, n, n};
  std::vector<BenchProduct> products;
  const bool bf16 = precision == Precision::bf16;
  for (const std::string& backend : bf16 ? bf16_backends() : product_backends()) {
    BenchProduct best{backend, n, 0, 0};
    if (bf16 && backend != bf16_backends().front()) continue;  // plain loops are for tests
    for (std::int64_t rows : {64, 128, 192, 256, 384, 512, 768, 1280}) {
      const double rate = bf16                           ? measure_bf16_product(backend, rows, k, n, 5e-3)
                          : precision == Precision::fp64 ? measure_product<double>(backend, shape, rows, 5e-3)
                                                         : measure_product<float>(backend, shape, rows, 5e-3);
      if (rate > best.rate) best.rate = rate, best.rows = rows;
    }
    products.push_back(best);
  }
  return products;
}

double best_rate(const std::vector<BenchProduct>& products) {
  double best = 0;
  for (const BenchProduct& product : products) best = std::max(best, product.rate);
  return best;
}

// 6 V N: forward once, reverse twice, a multiplication and an addition, per weight that sees all channels, at every site.
double flop_per_weight(const std::vector<EngineTerm>& terms, const PointSet& points) {
  double flop = 0;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const TermProgram& program = terms[t].program;
    flop += 6.0 * program.sites * program.channels() * static_cast<double>(points.terms[t].local_count);
  }
  return flop;
}

std::set<int> recomputed_layers(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms) {
  bool all_layers = false;
  for (const EngineTerm& term : terms) all_layers = all_layers || term.program.plan.trained();
  std::set<int> layers;
  for (const auto& before_pass : plan_buffers(network, BufferUse::training, all_layers, options.recomputed).again)
    layers.insert(before_pass.begin(), before_pass.end());
  return layers;
}

// A layer that is recomputed is multiplied forward twice.
void bound_step(const EngineOptions& options, const Network& network, const std::vector<EngineTerm>& terms,
                double flop_per_weight, BenchStepResult& result) {
  const std::set<int> again = recomputed_layers(options, network, terms);
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<BenchProduct>> measured;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    const double weights = layer_kind(layer).product_weights(layer) * (again.count(static_cast<int>(l)) > 0 ? 4.0 / 3 : 1);
    if (weights == 0) continue;
    const double flop = flop_per_weight * weights;
    result.flop += flop;
    if (options.device != "cpu") continue;  // the back ends below are the processor's
    auto& products = measured[{layer.input_units, layer.units}];
    if (products.empty()) products = measure_backends(options.precision, layer.input_units, layer.units);
    result.bound_s += flop / best_rate(products);
    if (result.products.empty() || layer.units > result.products.front().width) result.products = products;
  }
}

// The first points of this rank, so few that nested autograd takes no time, as a set of their own.
PointSet sample_of(const PointSet& points) {
  constexpr std::int64_t most = 64;
  PointSet sample;
  for (const TermPoints& term : points.terms) {
    TermPoints part = piece_of(term, 0, std::min(most, term.local_count));
    part.global_count = std::max<std::int64_t>(1, part.local_count);
    if (part.local_count == 0) part.blocks.clear();
    sample.terms.push_back(std::move(part));
  }
  return sample;
}

// |g - reference|_2 / |reference|_2 of the gradient on a sample of each rank's points, against nested
// autograd; the largest over ranks.
double gradient_difference(Communicator& communicator, Engine& engine, const Network& network,
                           const std::vector<EngineTerm>& terms, const PointSet& points,
                           const std::vector<double>& parameters) {
  EngineOptions exact;
  exact.kind = EngineKind::reference;
  const auto reference = make_engine(exact, network, terms);
  double difference = 0;
  communicator.agree("verification", [&] {
    const PointSet sample = sample_of(points);
    std::vector<double> gradient(parameters.size()), expected(parameters.size());
    TermSums sums;
    engine.loss_and_gradient(Stream{}, parameters.data(), sample, gradient.data(), sums);
    reference->loss_and_gradient(Stream{}, parameters.data(), sample, expected.data(), sums);
    double apart = 0, norm = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      apart += (gradient[i] - expected[i]) * (gradient[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    difference = norm > 0 ? std::sqrt(apart / norm) : std::sqrt(apart);
    if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
  });
  communicator.max("verification", &difference, 1);
  return difference;
}

}  // namespace

bool BenchStepResult::gradient_verified() const { return difference <= tolerance; }

bool BenchStepResult::verified() const { return trouble().empty(); }

std::string BenchStepResult::trouble() const {
  if (!gradient_verified())
    return fmt::format("the gradient differs from nested autograd's by {:.2g} of its norm, where {:.2g} is allowed",
                       difference, tolerance);
  for (const BenchUpdate& update : updates)
    if (!update.verified) return update.result().trouble;
  return "";
}

BenchStepResult bench_step(Communicator& communicator, const EngineOptions& options, const Network& network,
                           const std::vector<EngineTerm>& terms, const PointSet& points, std::vector<double> parameters,
                           const BenchStepOptions& bench) {
  BenchStepResult result;
  result.machine = describe_machine(communicator);
  result.precision = to_string(options.precision);
  for (const EngineTerm& term : terms) result.channels = std::max(result.channels, term.program.channels());
  for (const TermPoints& term : points.terms) result.points += term.global_count;

  const auto device = make_vector_device(options.device);  // as in training; null: the host
  EngineOptions own = options;
  if (device) own.device_stream = device->stream();
  const auto engine = make_engine(own, network, terms);
  result.difference = gradient_difference(communicator, *engine, network, terms, points, parameters);
  // 10: the points' gradients cancel, their roundings do not
  result.tolerance = 10 * predict_tolerance(network, options.precision);
  result.backend = engine->backend();
  DistributedObjective objective(communicator, *engine, points, network.parameters, static_cast<std::int64_t>(terms.size()),
                                 options.reproducibility == Reproducibility::ranks, bench.deadline_s, {}, bench.sync);
  constexpr std::int64_t steps = std::numeric_limits<std::int32_t>::max();
  const auto optimizer = make_optimizer(OptimizerOptions{}, parameter_layout(network), steps, device.get());
  PlacedVector placed(network.parameters, device.get());
  placed.open() = std::move(parameters);
  constexpr int warm = 2;  // caches and buffers are from here on, and graphs are recorded
  for (int step = 0; step < (device ? warm : 1); ++step) optimizer->step(objective, placed);

  const RegionTimes before = region_times();
  std::vector<double> samples;
  double elapsed = 0;
  for (int step = 0; step < bench.steps || elapsed < bench.seconds; ++step) {
    communicator.barrier("bench step");
    const double start = wall_seconds();
    optimizer->step(objective, placed);
    double seconds = wall_seconds() - start;
    communicator.max("bench step", &seconds, 1);
    elapsed += seconds;
    samples.push_back(seconds);
  }
  result.graphs = engine->graphs();
  result.spread = spread_of(std::move(samples));
  result.step_s = result.spread.min;
  const RegionTimes after = region_times();
  double total = 0;
  for (std::size_t r = 0; r < after.seconds.size(); ++r) total += after.seconds[r] - before.seconds[r];
  double named = 0;
  for (Region region : {Region::product, Region::activation, Region::tape, Region::allreduce}) {
    named += result.split[to_string(region)] = (after[region] - before[region]) / total;
  }
  result.split["other"] = std::max(0.0, 1 - named);

  bound_step(options, network, terms, flop_per_weight(terms, points), result);
  communicator.max("bench step", &result.flop, 1);
  communicator.max("bench step", &result.bound_s, 1);
  result.fraction = result.bound_s / result.step_s;
  result.gflops = result.flop / result.step_s * 1e-9;
  return result;
}

std::string BenchStepResult::json() const {
  nlohmann::ordered_json out{{"channels", channels}, {"points", points}, {"backend", backend},   {"flop", flop},
                             {"bound_s", bound_s},   {"step_s", step_s}, {"fraction", fraction}, {"gflops", gflops}};
  if (bound_s == 0) out["fraction"] = nullptr;  // there is no bound to hold it against
  for (const char* name : {"product", "activation", "tape", "allreduce", "other"}) out["split"][name] = split.at(name);
  out["graphs"] = graphs_document(graphs);
  out["products"] = nlohmann::ordered_json::array();
  for (const BenchProduct& product : products) {
    out["products"].push_back({{"backend", product.backend}, {"width", product.width}, {"rows", product.rows},
                               {"gflops", product.rate * 1e-9}});
  }
  // The envelope of every benchmark, for perf/compare.
  BenchReport report;
  report.benchmark = "step";
  report.machine = machine;
  report.results.push_back({"step",
                            {{"points", points}, {"channels", std::int64_t{channels}}, {"precision", precision}},
                            spread,
                            {{"gflops", gflops}, {"gradient_difference", difference}, {"tolerance", tolerance}},
                            gradient_verified(),
                            gradient_verified() ? "" : trouble()});
  for (const BenchUpdate& update : updates) report.results.push_back(update.result());
  out.update(nlohmann::ordered_json::parse(report.json()));
  return out.dump(2);
}

std::string BenchStepResult::text() const {
  std::string out = fmt::format("{} points, {} channels\n", points, channels);
  for (const BenchProduct& product : products) {
    out += fmt::format("{:<9} {:6.1f} GFLOP/s for {} x {} times {} x {}\n", product.backend, product.rate * 1e-9,
                       product.rows, product.width, product.width, product.width);
  }
  if (flop == 0)
    out += fmt::format("bound     none: no matrix sees all channels (a single hidden layer)\nstep      {:.3f} ms\nsplit    ",
                       step_s * 1e3);
  else if (bound_s == 0)
    out += fmt::format(
        "in use    {}\nbound     none: products of a device are not measured alone\nstep      {:.3f} ms, {:.1f} "
        "GFLOP/s\nsplit    ",
        backend, step_s * 1e3, gflops);
  else
    out += fmt::format(
        "in use    {}\nbound     {:.3f} ms, {:.4g} GFLOP at the best rate\nstep      {:.3f} ms, {:.1f} GFLOP/s\n"
        "fraction  {:.3f} of the bound\nsplit    ",
        backend, bound_s * 1e3, flop * 1e-9, step_s * 1e3, gflops, fraction);
  for (const char* name : {"product", "activation", "tape", "allreduce", "other"}) {
    out += fmt::format(" {} {:.1f} %", name, split.at(name) * 100);
  }
  out += "\n";
  for (const BenchUpdate& update : updates) out += update.text();
  return out + (verified() ? "" : "WRONG     " + trouble() + "\n");
}

}  // namespace jetpinn
