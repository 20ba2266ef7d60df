// A collection of weights in an HDF5 file:
//   labels   [samples]                       the number of a class from 0 on (integers or floats), or a value
//   A, B     [samples, layers, rank, columns] and [samples, layers, rows, rank]: LoRA factors, W = B A; or instead of them
//   weight   [samples, layers, rows, columns] whole matrices
// float32 or float64. The attribute `classes` of the root lists the classes' names; without it the labels are classes where
// all are whole numbers from 0 to 999, else values that are to be predicted.
#pragma once

#include "jetpinn/ablate/weight_source.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace jetpinn {

// Throws Error (usage): no such file, truncated, shapes of A and B that do not fit, no such datasets.
std::unique_ptr<WeightSource> open_weight_file(const std::string& path);

// What is written into a collection.
struct WeightFileContent {
  WeightShape shape;
  WeightLabels labels;
  std::string mark;  // what made it: the same may write it anew (io/table_mark.hpp)
  // Fills a [layers, rank, columns] and b [layers, rows, rank], or weight, of one sample.
  std::function<void(std::int64_t sample, float* a, float* b, float* weight)> make;
};

// Throws Error (usage) where the disk of `path` has no room for the numbers of such a collection.
void require_room_for_weights(const std::string& path, const WeightShape& shape);

// Writes float32, each rank its share of the samples, in place into a file that appears when all of it is on the disk.
// False: asked to stop, nothing is left. progress(samples) is called by rank 0 for its own. Collective. Throws Error: usage
// for a file of another's at `path` or a disk without room, storage later.
bool write_weight_file(Communicator& communicator, const std::string& path, const WeightFileContent& content,
                       const std::function<void(std::int64_t done, std::int64_t of)>& progress);

}  // namespace jetpinn
