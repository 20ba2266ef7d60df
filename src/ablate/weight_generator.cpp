#include "jetpinn/ablate/weight_generator.hpp"

#include "jetpinn/ablate/small_svd.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/sampling/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace jetpinn {
namespace {

constexpr double fourth_part = 0.02;  // of the size: LoRA factors of full rank, as trained ones are

// Gaussian numbers one after the other, from a word that Philox made. Two of each pair of uniforms (Box and Muller 1958).
class Normals {
 public:
  explicit Normals(std::uint64_t seed) : word_(seed) {}
  float operator()() {
    if (kept_) {
      kept_ = false;
      return next_;
    }
    const auto radius = std::sqrt(-2 * std::log(1 - uniform()));
    const auto angle = 2 * static_cast<float>(M_PI) * uniform();
    kept_ = true;
    next_ = radius * std::sin(angle);
    return radius * std::cos(angle);
  }

 private:
  float uniform() {  // [0, 1), a multiple of 2^-24
    word_ += 0x9e3779b97f4a7c15u;
    return static_cast<float>(mix_bits(word_) >> 40) * 0x1p-24F;
  }
  std::uint64_t word_;
  float next_ = 0;
  bool kept_ = false;
};

// x_j + θ x_(j-1) around the circle.
void draw_smooth(Normals& normals, float theta, std::int64_t length, float* out) {
  const float last = normals();
  float before = last;
  for (std::int64_t j = 0; j < length; ++j) {
    const float x = j + 1 < length ? normals() : last;
    out[j] = x + theta * before;
    before = x;
  }
}

void normalise(float* vector, std::int64_t length) {
  const float scale = 1 / std::sqrt(dot(vector, vector, length));
  for (std::int64_t i = 0; i < length; ++i) vector[i] *= scale;
}

// One layer after the other; what it keeps of the layer before is its first right singular vector.
class LayerMaker {
 public:
  LayerMaker(const WeightShape& shape, std::int64_t rank, float theta, float alignment)
      : shape_(shape),
        rank_(rank),
        theta_(theta),
        alignment_(alignment),
        left_(static_cast<std::size_t>(rank * shape.rows)),
        right_(static_cast<std::size_t>(rank * shape.columns)),
        r_(static_cast<std::size_t>(rank * rank)) {}

  // b [rows, rank] and a [rank, columns] of Σ values_k u_k v_kᵀ, turned into each other by a reflection.
  void make(Normals& normals, const std::vector<float>& values, float* b, float* a) {
    const std::int64_t rows = shape_.rows, columns = shape_.columns;
    for (std::int64_t k = 0; k < rank_; ++k) {
      draw_smooth(normals, theta_, rows, left_.data() + k * rows);
      draw_smooth(normals, theta_, columns, right_.data() + k * columns);
    }
    normalise(right_.data(), columns);
    if (!before_.empty())
      for (std::int64_t j = 0; j < columns; ++j) {
        const auto at = static_cast<std::size_t>(j);
        right_[at] = alignment_ * before_[at] + std::sqrt(1 - alignment_ * alignment_) * right_[at];
      }
    orthonormalise(left_.data(), rank_, rows, r_.data());
    orthonormalise(right_.data(), rank_, columns, r_.data());
    before_.assign(right_.begin(), right_.begin() + columns);
    std::vector<float> mirror(static_cast<std::size_t>(rank_));
    for (float& x : mirror) x = normals();
    normalise(mirror.data(), rank_);
    for (std::int64_t r = 0; r < rank_; ++r)
      for (std::int64_t k = 0; k < rank_; ++k) {
        const float entry =
            (r == k ? 1.0F : 0.0F) - 2 * mirror[static_cast<std::size_t>(r)] * mirror[static_cast<std::size_t>(k)];
        const float root = std::sqrt(values[static_cast<std::size_t>(k)]) * entry;
        for (std::int64_t i = 0; i < rows; ++i) b[i * rank_ + r] += root * left_[static_cast<std::size_t>(k * rows + i)];
        for (std::int64_t j = 0; j < columns; ++j)
          a[r * columns + j] += root * right_[static_cast<std::size_t>(k * columns + j)];
      }
  }

 private:
  const WeightShape& shape_;
  std::int64_t rank_;
  float theta_, alignment_;
  std::vector<float> left_, right_, r_, before_;
};

// The singular values of a layer whose latents are these.
std::vector<float> planted_values(double spectrum, double size, std::int64_t rank) {
  constexpr double rho = 0.3;
  const double phi = M_PI / 6 * (1 + std::tanh(0.13 * spectrum)), scale = std::exp(0.1 * size);
  std::vector<float> values(static_cast<std::size_t>(rank), static_cast<float>(fourth_part * scale));
  for (std::size_t k = 0; k < planted_parts; ++k) {
    constexpr double turns[] = {0, -2 * M_PI / 3, 2 * M_PI / 3};
    values[k] = static_cast<float>(scale * std::sqrt(std::max(1.0 / 3 + rho * std::cos(phi + turns[k]), 0.0)));
  }
  return values;
}

}  // namespace

double planted_accuracy(double signal) {
  const double inside = 0.5 * std::erfc(-signal / 2 / std::sqrt(2.0));  // Φ(M/2)
  return (inside + (2 * inside - 1)) / 2;
}

WeightGenerator::WeightGenerator(const WeightShape& shape, std::uint64_t seed, PlantedSignals signals)
    : shape_(shape), seed_(seed), signals_(signals) {
  constexpr std::int64_t least = planted_parts + 1, most = 1 << 15;
  const auto within = [](std::int64_t low, std::int64_t value, std::int64_t high) { return value >= low && value <= high; };
  if (!within(1, shape.layers, most) || !within(least, shape.rows, most) || !within(least, shape.columns, most))
    throw Error(Status::usage,
                fmt::format("{} layers of {} x {}: there must be from 1 to {} layers with from {} to {} rows and "
                            "columns; change --layers, --rows or --columns",
                            shape.layers, shape.rows, shape.columns, most, least, most));
  if (shape.rank != 0 && !within(least, shape.rank, shape.smaller()))
    throw Error(Status::usage,
                fmt::format("a rank of {}: it must be from {} to the smaller side, {}, or 0 for whole matrices; "
                            "change --rank",
                            shape.rank, least, shape.smaller()));
}

int WeightGenerator::label(std::int64_t sample) const {
  return static_cast<int>(random_words({seed_, 1, 0}, Draw::uniform, static_cast<std::uint64_t>(sample))[0] %
                          planted_classes);
}

WeightGenerator::Latents WeightGenerator::latents(std::int64_t sample) const {
  Normals normals(random_words({seed_, 2, 0}, Draw::uniform, static_cast<std::uint64_t>(sample))[0]);
  const double place = label(sample) - 1.5;
  const auto draw = [&](double m) { return m * place + static_cast<double>(normals()); };
  return {draw(signals_.spectrum), draw(signals_.size), draw(signals_.smoothness), draw(signals_.alignment)};
}

void WeightGenerator::make(std::int64_t sample, float* a, float* b, float* weight) const {
  const Latents s = latents(sample);
  Normals normals(random_words({seed_, 3, 0}, Draw::uniform, static_cast<std::uint64_t>(sample))[0]);
  const std::int64_t rank = shape_.rank > 0 ? shape_.rank : planted_parts + 1;
  LayerMaker maker(shape_, rank, static_cast<float>(std::clamp(0.4 + 0.08 * s.smoothness, 0.0, 0.95)),
                   static_cast<float>(std::clamp(0.5 + 0.07 * s.alignment, 0.0, 0.95)));
  std::vector<float> own_b(static_cast<std::size_t>(shape_.rows * rank)),
      own_a(static_cast<std::size_t>(rank * shape_.columns));
  for (std::int64_t l = 0; l < shape_.layers; ++l) {
    const double spectrum = s.spectrum + signals_.layer_scatter * static_cast<double>(normals()),
                 size = s.size + signals_.layer_scatter * static_cast<double>(normals());
    std::fill(own_b.begin(), own_b.end(), 0.0F);
    std::fill(own_a.begin(), own_a.end(), 0.0F);
    maker.make(normals, planted_values(spectrum, size, rank), own_b.data(), own_a.data());
    if (shape_.rank > 0) {
      std::copy(own_b.begin(), own_b.end(), b + l * shape_.rows * rank);
      std::copy(own_a.begin(), own_a.end(), a + l * rank * shape_.columns);
      continue;
    }
    float* out = weight + l * shape_.rows * shape_.columns;
    for (std::int64_t i = 0; i < shape_.rows; ++i)
      for (std::int64_t j = 0; j < shape_.columns; ++j) {
        float sum = 0;
        for (std::int64_t r = 0; r < rank; ++r)
          sum += own_b[static_cast<std::size_t>(i * rank + r)] * own_a[static_cast<std::size_t>(r * shape_.columns + j)];
        out[i * shape_.columns + j] = sum;
      }
  }
}

}  // namespace jetpinn
