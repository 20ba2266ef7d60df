// An even grid with exactly the wanted number of nodes.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

// Lines of nodes along the last free coordinate stand on a full tensor grid in the others; spacings are about equal in all,
// in the units that are given. Lines differ by at most one node, which is how any number of nodes is met exactly (10 000 in
// a square: 100 lines of 100; 10 001: one of them has 101).
// Lines and nodes include both ends; a coordinate with a single node has it in the middle.
class Grid {
 public:
  // lower, upper [dimensions]; coordinates with lower == upper are fixed. nodes >= 1. units [dimensions]: the length that
  // counts as 1 along each coordinate; empty: 1.
  Grid(std::vector<double> lower, std::vector<double> upper, std::int64_t nodes, const std::vector<double>& units = {});

  std::int64_t nodes() const { return nodes_; }
  void node(std::int64_t index, double* point) const;   // point [dimensions]; the last free coordinate varies fastest

 private:
  std::vector<double> lower_, upper_;
  std::int64_t nodes_, lines_ = 1;
  std::vector<std::size_t> free_;       // free coordinates
  std::vector<std::int64_t> counts_;    // [free - 1] nodes of the tensor grid of lines
};

}  // namespace jetpinn
