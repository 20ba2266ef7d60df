#include "jetpinn/train/gate_scores.hpp"

#include "jetpinn/sampling/random.hpp"
#include "jetpinn/train/point_scores.hpp"

#include <cmath>

namespace jetpinn {
namespace {

// sum_k w_k r_k x_k at the points of a chunk; r, x: [residuals, points].
void add_squared_products(const TermPoints& points, PointRange range, int residuals, const std::vector<double>& r,
                          const std::vector<double>& x, std::vector<double>& squares) {
  for (std::int64_t i = 0; i < range.points; ++i) {
    double product = 0;
    for (int k = 0; k < residuals; ++k) {
      const auto at = static_cast<std::size_t>(k * range.points + i);
      product += points.own_weight_at(k, range.first + i) * r[at] * x[at];
    }
    squares[static_cast<std::size_t>(range.first + i)] += product * product;
  }
}

PointLook look_with_gradients(const Assembly& assembly, Engine& engine, const std::vector<double>& parameters,
                              std::size_t term, const TermPoints& points, std::int64_t step) {
  const auto count = static_cast<std::size_t>(points.local_count);
  const int residuals = assembly.terms[term].program.residuals();
  PointLook look{std::vector<double>(count), std::vector<double>(count)};
  std::vector<std::vector<double>> directions;
  for (int d = 0; d < gate_directions; ++d) directions.push_back(last_layer_signs(assembly.network, assembly.seed, step, d));
  engine.linearize(Stream{}, parameters.data(), static_cast<int>(term), points, [&](Linearization& chunk) {
    const PointRange range = chunk.range();
    std::vector<double> r(static_cast<std::size_t>(residuals * range.points)), x(r.size());
    chunk.residuals(r.data(), range.points);
    for (std::int64_t i = 0; i < range.points; ++i) {
      double square = 0;
      for (int k = 0; k < residuals; ++k)
        square += points.own_weight_at(k, range.first + i) * std::pow(r[static_cast<std::size_t>(k * range.points + i)], 2);
      look.residual[static_cast<std::size_t>(range.first + i)] = std::sqrt(square);
    }
    for (const std::vector<double>& direction : directions) {
      chunk.times(direction.data(), x.data(), range.points);
      add_squared_products(points, range, residuals, r, x, look.gradient);
    }
  });
  for (double& g : look.gradient) g = std::sqrt(g / gate_directions);
  return look;
}

}  // namespace

std::vector<double> last_layer_signs(const Network& network, std::uint64_t seed, std::int64_t step, int number) {
  std::vector<double> direction(static_cast<std::size_t>(network.parameters), 0.0);
  for (const Layer& layer : network.layers) {
    if (layer.kind != "output") continue;
    for (const ParameterBlock& block : layer.blocks)
      for (std::int64_t p = block.offset; p < block.offset + block.size(); ++p) {
        const auto word = random_words({seed}, Draw::gate, static_cast<std::uint64_t>(p), static_cast<std::uint64_t>(step),
                                       static_cast<std::uint64_t>(number) + 1)[0];
        direction[static_cast<std::size_t>(p)] = word & 1 ? 1 : -1;
      }
  }
  return direction;
}

PointLook look_at_points(const Assembly& assembly, Engine& engine, const std::vector<double>& parameters, std::size_t term,
                         const TermPoints& points, bool gradients, std::int64_t step) {
  if (points.local_count == 0) return {};
  if (gradients) return look_with_gradients(assembly, engine, parameters, term, points, step);
  return {PointScores(assembly, assembly.sampling.adaptive).by_residual(engine, parameters, term, points), {}};
}

}  // namespace jetpinn
