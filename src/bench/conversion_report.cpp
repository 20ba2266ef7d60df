#include "jetpinn/bench/conversion_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

struct Bytes {
  double dense = 0, values = 0, total = 0;
  double smaller() const { return 1 - total / dense; }
};

Bytes bytes_of(const std::vector<FormatChoice>& layers) {
  Bytes sum;
  for (const FormatChoice& layer : layers) {
    sum.dense += layer.dense_bytes;
    sum.values += layer.bytes.values;
    sum.total += layer.bytes.total;
  }
  return sum;
}

Json json_of(const SampleSpread& spread) { return spread.samples == 0 ? Json(nullptr) : Json::parse(to_json(spread)); }

std::string spread_text(const SampleSpread& ratio) {
  return ratio.samples == 0 ? "-" : fmt::format("{:.2f} ({:.2f} to {:.2f})", ratio.median, ratio.lower, ratio.upper);
}

// Whether most rounds saw it faster.
bool faster(const SampleSpread& ratio) { return ratio.samples > 0 && ratio.lower > 1; }

Json layer_json(const StackLayer& layer, const FormatChoice& choice, std::size_t number) {
  Json seconds = Json::object();
  for (const auto& [format, s] : choice.seconds) seconds[format] = s;
  return {{"layer", number},
          {"inputs", layer.pattern.inputs},
          {"outputs", layer.pattern.outputs},
          {"kept", layer.pattern.kept.size()},
          {"density", layer.pattern.density()},
          {"format", choice.format},
          {"bytes", {{"dense", choice.dense_bytes}, {"values", choice.bytes.values}, {"total", choice.bytes.total}}},
          {"seconds_per_point", seconds},
          {"break_even_density", choice.break_even}};
}

Json speed_json(const SpeedAtBatch& at) {
  return {{"batch", at.batch},
          {"sparse_s", json_of(at.sparse_s)},
          {"dense_s", json_of(at.dense_s)},
          {"dense_path", at.dense_path},
          {"libtorch_s", json_of(at.libtorch_s)},
          {"torch_sparse_s", json_of(at.torch_sparse_s)},
          {"libxsmm_sparse_s", json_of(at.libxsmm_s)},
          {"speed_up_over_dense", json_of(at.over_dense)},
          {"speed_up_over_libtorch", json_of(at.over_libtorch)},
          {"speed_up_over_torch_sparse", json_of(at.over_torch_sparse)},
          {"speed_up_over_libxsmm_sparse", json_of(at.over_libxsmm)},
          {"faster_than_dense", faster(at.over_dense)}};
}

// What the times say, without more.
std::string advice_of(const ConversionReport& report) {
  const auto dense = std::count_if(report.layers.begin(), report.layers.end(),
                                   [](const FormatChoice& layer) { return layer.format == "dense"; });
  std::string batches;
  for (const SpeedAtBatch& at : report.speed.batches)
    if (faster(at.over_dense)) batches += (batches.empty() ? "" : ", ") + std::to_string(at.batch);
  std::string text = batches.empty() ? "no faster than dense here, at no batch that was measured"
                                     : "faster than our own dense network here at a batch of " + batches;
  if (dense == static_cast<std::ptrdiff_t>(report.layers.size()))
    text += "; no layer has so few weights that a sparse format pays";
  else if (dense > 0)
    text += fmt::format("; {} of {} layers stay dense, for a sparse format does not pay there", dense, report.layers.size());
  return text;
}

template <class T>
void measure(ConversionReport& report, const SparseSpeedOptions& options) {
  report.layers = choose_formats(report.stack, measure_formats<T>);
  report.speed = measure_sparse_speed<T>(report.stack, formats_of(report.layers), options);
}

}  // namespace

bool ConversionReport::verified() const { return speed.rounding_share <= 1 && std::isfinite(speed.max_difference); }

std::string ConversionReport::json() const {
  Json rows = Json::array(), speeds = Json::array();
  for (std::size_t l = 0; l < layers.size(); ++l) rows.push_back(layer_json(stack.layers[l], layers[l], l));
  for (const SpeedAtBatch& at : speed.batches) speeds.push_back(speed_json(at));
  const Bytes bytes = bytes_of(layers);
  const Json document{
      {"schema", 1},
      {"source", source},
      {"precision", to_string(stack.precision)},
      {"weights", stack.weights()},
      {"kept", stack.kept()},
      {"density", stack.density()},
      {"layers", rows},
      {"bytes", {{"dense", bytes.dense}, {"values", bytes.values}, {"total", bytes.total}, {"smaller", bytes.smaller()}}},
      {"difference",
       {{"points", speed.points},
        {"max", speed.max_difference},
        {"mean", speed.mean_difference},
        {"largest_output", speed.largest_output},
        {"rounding_share", speed.rounding_share},
        {"max_from_torch_sparse", speed.no_torch_sparse.empty() ? Json(speed.torch_sparse_difference) : Json(nullptr)},
        {"max_from_libxsmm_sparse", speed.no_libxsmm.empty() ? Json(speed.libxsmm_difference) : Json(nullptr)}}},
      {"verified", verified()},
      {"speed", speeds},
      {"no_libtorch", speed.no_libtorch.empty() ? Json(nullptr) : Json(speed.no_libtorch)},
      {"no_torch_sparse", speed.no_torch_sparse.empty() ? Json(nullptr) : Json(speed.no_torch_sparse)},
      {"no_libxsmm_sparse", speed.no_libxsmm.empty() ? Json(nullptr) : Json(speed.no_libxsmm)},
      {"advice", advice_of(*this)},
      {"machine", Json::parse(to_json(machine))}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ConversionReport::text() const {
  std::string out =
      fmt::format("{}: {} of {} weights kept, {}\n\n{:>5} {:>13} {:>8} {:>10} {:>12} {:>12} {:>9} {:>9} {:>10}\n", source,
                  stack.kept(), stack.weights(), to_string(stack.precision), "layer", "shape", "density", "format",
                  "values, B", "total, B", "ns/point", "dense", "break-even");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const FormatChoice& layer = layers[l];
    const SparsePattern& pattern = stack.layers[l].pattern;
    out += fmt::format("{:>5} {:>13} {:>7.1f}% {:>10} {:>12.0f} {:>12.0f} {:>9.1f} {:>9.1f} {:>9.0f}%\n", l,
                       fmt::format("{} x {}", pattern.outputs, pattern.inputs), 100 * pattern.density(), layer.format,
                       layer.bytes.values, layer.bytes.total, 1e9 * layer.seconds.at(layer.format),
                       1e9 * layer.seconds.at("dense"), 100 * layer.break_even);
  }
  const Bytes bytes = bytes_of(layers);
  out += fmt::format("\nstorage of the matrices: {:.0f} B of {:.0f} B, {:.1f} % smaller\n", bytes.total, bytes.dense,
                     100 * bytes.smaller());
  out += fmt::format(
      "difference from whole matrices at {} random points: {:.2g} at most, {:.2g} on average; sums differ "
      "from exact ones by up to {:.2g} of what rounding allows\n",
      speed.points, speed.max_difference, speed.mean_difference, speed.rounding_share);
  if (speed.no_torch_sparse.empty())
    out += fmt::format("difference from torch.sparse at the same points: {:.2g} at most\n", speed.torch_sparse_difference);
  if (speed.no_libxsmm.empty())
    out += fmt::format("difference from libxsmm's sparse code: {:.2g} at most\n", speed.libxsmm_difference);
  out += fmt::format("\n{:>8} {:>12} {:>26} {:>26} {:>26} {:>26}\n", "batch", "us", "speed-up over our dense",
                     "over LibTorch's product", "over torch.sparse", "over libxsmm's sparse code");
  for (const SpeedAtBatch& at : speed.batches)
    out += fmt::format("{:>8} {:>12.4g} {:>26} {:>26} {:>26} {:>26}\n", at.batch, 1e6 * at.sparse_s.median,
                       spread_text(at.over_dense), spread_text(at.over_libtorch), spread_text(at.over_torch_sparse),
                       spread_text(at.over_libxsmm));
  out += "medians of the rounds, quartiles in brackets\n";
  if (!speed.no_libtorch.empty()) out += "LibTorch was not measured: " + speed.no_libtorch + "\n";
  if (!speed.no_torch_sparse.empty() && speed.no_torch_sparse != speed.no_libtorch)
    out += "torch.sparse was not measured: " + speed.no_torch_sparse + "\n";
  if (!speed.no_libxsmm.empty()) out += "libxsmm's sparse code was not measured: " + speed.no_libxsmm + "\n";
  return out + advice_of(*this) + "\n";
}

ConversionReport convert(const std::string& source, WeightStack stack, const SparseSpeedOptions& options) {
  ConversionReport report;
  report.source = source;
  report.stack = std::move(stack);
  report.machine = describe_machine();
  report.stack.precision == Precision::fp32 ? measure<float>(report, options) : measure<double>(report, options);
  return report;
}

}  // namespace jetpinn
