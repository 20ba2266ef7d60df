#include "jetpinn/kernels/edge_layers.hpp"

#include "jetpinn/kernels/pack.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

template <class T>
std::vector<T> random_values(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& v : values) v = static_cast<T>(uniform(generator));
  return values;
}

template <class T>
void expect_near(const std::vector<T>& got, const std::vector<double>& exact, double terms) {
  ASSERT_EQ(got.size(), exact.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], exact[i], 4 * terms * std::numeric_limits<T>::epsilon()) << i;  // each addend is at most 1
  }
}

// Sizes with every tail: points, units, features, fields, channels.
template <class T>
void check_input(std::int64_t points, std::int64_t units, int features, int channels) {
  const std::int64_t width = padded<T>(units), stride = points + 3;
  auto constant = random_values<T>(channels * features, 1);
  for (int i = 0; i < features; ++i) constant[static_cast<std::size_t>(i)] = 0;
  std::vector<int> channel, feature;
  for (int c = 0; c < channels; ++c) {
    for (int i = 0; i < features; ++i) {
      if (c == 0 || (c + i) % 3 == 0) channel.push_back(c), feature.push_back(i);
    }
  }
  const auto varying = static_cast<int>(channel.size());
  const auto values = random_values<T>(varying * stride, 2), weights = random_values<T>(features * width, 3);
  const auto adjoint = random_values<T>(channels * points * width, 4);
  std::vector<T> z(adjoint.size()), gradient(weights.size());
  const FeatureJets<T> jets{features,       channels,       constant.data(), varying,
                            channel.data(), feature.data(), values.data(),   stride};
  input_forward<T>({}, {points, width}, jets, weights.data(), z.data());
  input_reverse<T>({}, {points, width}, jets, adjoint.data(), gradient.data());

  std::vector<double> exact_z(z.size()), exact_gradient(gradient.size());
  for (int c = 0; c < channels; ++c) {
    for (std::int64_t p = 0; p < points; ++p) {
      for (int i = 0; i < features; ++i) {
        double x = constant[static_cast<std::size_t>(c * features + i)];
        for (int e = 0; e < varying; ++e) {
          if (channel[static_cast<std::size_t>(e)] == c && feature[static_cast<std::size_t>(e)] == i) {
            x += values[static_cast<std::size_t>(e * stride + p)];
          }
        }
        for (std::int64_t j = 0; j < width; ++j) {
          const auto at = static_cast<std::size_t>((c * points + p) * width + j),
                     w = static_cast<std::size_t>(i * width + j);
          exact_z[at] += x * weights[w];
          exact_gradient[w] += x * adjoint[at];
        }
      }
    }
  }
  expect_near(z, exact_z, 2.0 * features);
  expect_near(gradient, exact_gradient, 2.0 * channels * static_cast<double>(points));
}

template <class T>
void check_output(std::int64_t points, std::int64_t units, int channels, int fields) {
  const std::int64_t width = padded<T>(units), stride = points + 5;
  const auto weights = random_values<T>(fields * width, 1), bias = random_values<T>(fields, 2);
  const auto h = random_values<T>(channels * points * width, 3), ubar = random_values<T>(fields * channels * stride, 4);
  std::vector<T> u(ubar.size()), adjoint(h.size()), weight_gradient(weights.size()), bias_gradient(bias.size());
  output_forward<T>({}, {points, width}, channels, fields, weights.data(), bias.data(), h.data(), u.data(), stride);
  output_reverse<T>({}, {points, width}, channels, fields, weights.data(), h.data(), ubar.data(), stride, adjoint.data(),
                    weight_gradient.data(), bias_gradient.data());
  std::vector<double> exact_u(u.size()), exact_adjoint(h.size()), exact_weights(weights.size()), exact_bias(bias.size());
  for (int f = 0; f < fields; ++f) {
    for (int c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < points; ++p) {
        const auto k = static_cast<std::size_t>((f * channels + c) * stride + p);
        if (c == 0) exact_u[k] = bias[static_cast<std::size_t>(f)], exact_bias[static_cast<std::size_t>(f)] += ubar[k];
        for (std::int64_t j = 0; j < width; ++j) {
          const auto at = static_cast<std::size_t>((c * points + p) * width + j),
                     v = static_cast<std::size_t>(f * width + j);
          exact_u[k] += double(h[at]) * weights[v];
          exact_adjoint[at] += double(ubar[k]) * weights[v];
          exact_weights[v] += double(ubar[k]) * h[at];
        }
      }
    }
  }
  expect_near(u, exact_u, static_cast<double>(width) + 1);
  expect_near(adjoint, exact_adjoint, fields);
  expect_near(weight_gradient, exact_weights, channels * static_cast<double>(points));
  expect_near(bias_gradient, exact_bias, static_cast<double>(points));
}

TEST(EdgeLayers, InputMatchesPlainLoops) {
  check_input<double>(1, 1, 1, 1);
  check_input<double>(63, 43, 3, 5);
  check_input<double>(597, 43, 2, 3);
  check_input<float>(1, 63, 11, 12);
  check_input<float>(63, 17, 2, 4);
}

TEST(EdgeLayers, OutputMatchesPlainLoops) {
  check_output<double>(1, 1, 1, 1);
  check_output<double>(597, 43, 3, 1);
  check_output<double>(63, 63, 5, 3);
  check_output<float>(1, 63, 4, 2);
  check_output<float>(63, 43, 3, 1);
}

}  // namespace
}  // namespace jetpinn
