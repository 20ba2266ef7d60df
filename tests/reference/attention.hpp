// Attention in plain loops in fp64, with whole matrices of scores: what the tiled kernels are compared with.
#pragma once

#include "jetpinn/kernels/attention_pattern.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace jetpinn::reference {

using Numbers = std::vector<double>;

// Of one sequence; rows [tokens, width].
struct AttentionTwin {
  AttentionPattern pattern;
  Numbers q, k, v;
  Numbers mask, p, out, log_sum;  // mask, p [tokens, tokens]
  Numbers q_bar, k_bar, v_bar;

  double dot(const Numbers& a, std::int64_t i, const Numbers& b, std::int64_t j) const {
    double sum = 0;
    for (std::int64_t c = 0; c < pattern.width; ++c) sum += at(a, i, c) * at(b, j, c);
    return sum;
  }
  double at(const Numbers& rows, std::int64_t i, std::int64_t c) const {
    return rows[static_cast<std::size_t>(i * pattern.width + c)];
  }
  double& pair(Numbers& matrix, std::int64_t i, std::int64_t j) const {
    return matrix[static_cast<std::size_t>(i * pattern.tokens + j)];
  }

  // The mean of a tile's rows, times those of another's.
  double tile_score(std::int64_t query_tile, std::int64_t key_tile) const {
    double score = 0;
    for (std::int64_t c = 0; c < pattern.width; ++c) {
      double query = 0, key = 0;
      for (std::int64_t i = pattern.first(query_tile); i < pattern.end(query_tile); ++i) query += at(q, i, c);
      for (std::int64_t i = pattern.first(key_tile); i < pattern.end(key_tile); ++i) key += at(k, i, c);
      score += query / static_cast<double>(pattern.end(query_tile) - pattern.first(query_tile)) * key /
               static_cast<double>(pattern.end(key_tile) - pattern.first(key_tile));
    }
    return score;
  }

  // The key tiles of one query tile: nearby ones, and the first `chosen` of the others sorted by falling score.
  std::vector<bool> key_tiles(std::int64_t query_tile) const {
    std::vector<bool> seen(static_cast<std::size_t>(pattern.tiles()));
    std::vector<std::int64_t> others;
    Numbers scores;
    for (std::int64_t u = 0; u < pattern.tiles(); ++u) {
      scores.push_back(tile_score(query_tile, u));
      if (std::abs(u - query_tile) <= pattern.reach)
        seen[static_cast<std::size_t>(u)] = true;
      else
        others.push_back(u);
    }
    std::stable_sort(others.begin(), others.end(), [&](std::int64_t a, std::int64_t b) {
      return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
    });
    for (std::size_t i = 0; i < others.size() && static_cast<std::int64_t>(i) < pattern.chosen; ++i)
      seen[static_cast<std::size_t>(others[i])] = true;
    return seen;
  }

  void find_mask() {
    mask.assign(static_cast<std::size_t>(pattern.tokens * pattern.tokens), 0);
    std::vector<std::vector<bool>> seen;
    for (std::int64_t t = 0; t < pattern.tiles(); ++t) seen.push_back(key_tiles(t));
    for (std::int64_t i = 0; i < pattern.tokens; ++i)
      for (std::int64_t j = 0; j < pattern.tokens; ++j)
        if (i < pattern.global || j < pattern.global ||
            seen[static_cast<std::size_t>(pattern.tile_of(i))][static_cast<std::size_t>(pattern.tile_of(j))])
          pair(mask, i, j) = 1;
  }

  void forward() {
    p.assign(mask.size(), 0);
    out.assign(q.size(), 0);
    log_sum.assign(static_cast<std::size_t>(pattern.tokens), 0);
    const double scale = 1 / std::sqrt(static_cast<double>(pattern.width));
    for (std::int64_t i = 0; i < pattern.tokens; ++i) {
      double sum = 0, largest = std::numeric_limits<double>::lowest();
      for (std::int64_t j = 0; j < pattern.tokens; ++j)
        if (pair(mask, i, j) != 0) largest = std::max(largest, scale * dot(q, i, k, j));
      for (std::int64_t j = 0; j < pattern.tokens; ++j)
        if (pair(mask, i, j) != 0) sum += pair(p, i, j) = std::exp(scale * dot(q, i, k, j) - largest);
      log_sum[static_cast<std::size_t>(i)] = largest + std::log(sum);
      for (std::int64_t j = 0; j < pattern.tokens; ++j) {
        pair(p, i, j) /= sum;
        for (std::int64_t c = 0; c < pattern.width; ++c)
          out[static_cast<std::size_t>(i * pattern.width + c)] += pair(p, i, j) * at(v, j, c);
      }
    }
  }

  void reverse(const Numbers& bar) {
    q_bar.assign(q.size(), 0);
    k_bar = v_bar = q_bar;
    const double scale = 1 / std::sqrt(static_cast<double>(pattern.width));
    for (std::int64_t i = 0; i < pattern.tokens; ++i) {
      double mean = 0;
      for (std::int64_t j = 0; j < pattern.tokens; ++j) mean += pair(p, i, j) * dot(bar, i, v, j);
      for (std::int64_t j = 0; j < pattern.tokens; ++j) {
        const double slope = scale * pair(p, i, j) * (dot(bar, i, v, j) - mean);
        for (std::int64_t c = 0; c < pattern.width; ++c) {
          const auto query = static_cast<std::size_t>(i * pattern.width + c),
                     key = static_cast<std::size_t>(j * pattern.width + c);
          v_bar[key] += pair(p, i, j) * bar[query];
          q_bar[query] += slope * k[key];
          k_bar[key] += slope * q[query];
        }
      }
    }
  }
};

}  // namespace jetpinn::reference
