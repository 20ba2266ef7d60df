// Alternatives of a set, joined by ||, as pieces that share nothing.
#pragma once

#include "jetpinn/geometry/piece.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace jetpinn {

class Alternatives {
 public:
  // The domain's box. [dimensions]
  Alternatives(std::vector<double> lower, std::vector<double> upper);

  // pieces: what the alternative consists of: itself, or of a border a part for each surface; without pieces it holds
  // nothing. Throws Error (usage) where all of them are too many.
  void add(Piece whole, std::vector<Piece> pieces);
  bool empty() const { return alternatives_.empty(); }

  // All pieces in their order, without alternatives that lie in another one. What two of them have in common belongs to the
  // first: it is cut off the pieces of the other where a box is left, and is named as their `earlier` where not. Throws
  // Error (usage) where that takes too many comparisons for each point.
  std::vector<Piece> take();

 private:
  struct Alternative {
    std::shared_ptr<const Piece> whole;   // of a border all its surfaces
    std::vector<std::size_t> dimensions;  // in which it is smaller than the domain: the others contain anything
    std::vector<Piece> pieces;
  };
  // Where a piece goes beyond the box of an alternative.
  struct Beyond {
    int dimensions = 0;  // in how many, counted up to two
    std::size_t last = 0;
  };

  static std::optional<Beyond> beyond(const Alternative& outer, const Piece& piece);
  static bool contains(const Alternative& outer, const Alternative& inner);
  bool cut_off(const Alternative& earlier, Piece& piece) const;
  void drop_contained();
  void leave_out_earlier();

  std::vector<double> lower_, upper_;
  std::vector<Alternative> alternatives_;
  std::size_t pieces_ = 0;  // of all of them
};

}  // namespace jetpinn
