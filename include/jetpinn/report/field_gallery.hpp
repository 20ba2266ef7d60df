// Every field of a trained network as pictures or curves, with the reference and the difference where there is one.
#pragma once

#include "jetpinn/report/html.hpp"
#include "jetpinn/report/run_network.hpp"
#include "jetpinn/report/slices.hpp"

namespace jetpinn {

// Collective; pictures on rank 0.
Gallery field_gallery(const RunNetwork& network);

// A plane's or a raster's values as a picture over the slice's two axes.
HeatMap heat_map_of(const Problem& problem, const Slice& slice, std::int64_t columns, std::int64_t rows,
                    const std::vector<double>& values);

// "largest 0.012 at t = 0.3, x = 0.1 (t = 1)": of the values at the nodes of a slice.
std::string largest_text(const Problem& problem, const Slice& slice, std::int64_t columns, std::int64_t rows,
                         const std::vector<double>& values);

// Smallest and largest of what is finite, widened where they are one.
struct ValueRange {
  double low = 0, high = 0;
  bool any = false;

  void add(const std::vector<double>& values);
  void symmetric();   // about zero
  void widen();
};

// Below which a share of the magnitudes lie: single peaks must not pale the rest.
double magnitude_quantile(const std::vector<std::vector<double>>& values, double share);

}  // namespace jetpinn
