// Alternatives of a set, joined by ||, as pieces that share nothing.
#pragma once

#include "jetpinn/geometry/piece.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace jetpinn {

class Alternatives {
 public:
  // The domain's box. [dimensions]
  Alternatives(std::vector<double> lower, std::vector<double> upper);

  // whole: the alternative that the piece is of. Its pieces, one for each surface of its border, come one after the other.
  void add(Piece piece, const std::shared_ptr<const Piece>& whole);
  std::size_t size() const { return pieces_.size(); }  // pieces

  // Without pieces that lie in another one. What two alternatives have in common belongs to the first of them: it is cut off
  // the others where a box is left, and is named as piece.earlier where not. Throws Error (usage) where that takes too many
  // comparisons for each point.
  std::vector<Piece> take();

 private:
  // A piece that may be one, with the alternative that it belongs to, and the dimensions in which it is smaller than the
  // domain: the others contain anything.
  struct Candidate {
    Piece piece;
    std::size_t alternative;
    std::vector<std::size_t> dimensions;
  };

  static bool contains(const Candidate& outer, const Candidate& inner);
  void drop_contained();
  void leave_out_earlier();
  bool cut_off(const Piece& earlier, Piece& piece) const;

  std::vector<double> lower_, upper_;
  std::vector<Candidate> pieces_;
  std::vector<std::shared_ptr<const Piece>> alternatives_;
};

}  // namespace jetpinn
