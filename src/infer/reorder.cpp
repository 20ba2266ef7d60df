#include "jetpinn/infer/reorder.hpp"

#include <algorithm>
#include <cstddef>

namespace jetpinn {
namespace {

using Extents = std::vector<std::int64_t>;

std::int64_t product(const Extents& extents) {
  std::int64_t result = 1;
  for (std::int64_t extent : extents) result *= extent;
  return result;
}

// The next place of a box-shaped count, last axis fastest; false: it was the last.
bool advance(Extents& place, const Extents& steps, const Extents& ends) {
  for (std::size_t a = place.size(); a-- > 0;) {
    place[a] += steps[a];
    if (place[a] < ends[a]) return true;
    place[a] = 0;
  }
  return false;
}

class Reorder {
 public:
  Reorder(const std::vector<ReorderAxis>& axes, std::int64_t box_values) {
    for (const ReorderAxis& axis : axes)
      if (axis.count > 1 || axis.frame) axes_.push_back(axis);
    for (std::size_t a = 0; a < axes_.size(); ++a)
      if (!axes_[a].frame && axes_[a].step == 1) run_axis_ = static_cast<std::ptrdiff_t>(a);
    for (const ReorderAxis& axis : axes_) counts_.push_back(axis.count);
    choose_box(box_values);
  }

  void run(const ReadRows& read, const WriteRun& write) {
    begin_.assign(axes_.size(), 0);
    do {
      extent_.clear();
      for (std::size_t a = 0; a < axes_.size(); ++a) extent_.push_back(std::min(box_[a], counts_[a] - begin_[a]));
      values_.resize(static_cast<std::size_t>(product(extent_)));
      read_box(read);
      write_box(write);
    } while (advance(begin_, box_, counts_));
  }

 private:
  // Some length along the axis that is fastest in the table and the one that is fastest in the files, then all
  // that fits, from the fastest on.
  void choose_box(std::int64_t box_values) {
    constexpr std::int64_t good_run = 1024;
    box_.assign(axes_.size(), 1);
    const auto grow = [&](std::size_t a, std::int64_t limit) {
      const std::int64_t others = product(box_) / box_[a];
      box_[a] = std::clamp<std::int64_t>(std::min(limit, box_values / others), 1, counts_[a]);
    };
    if (run_axis_ >= 0) grow(static_cast<std::size_t>(run_axis_), good_run);
    if (!axes_.empty()) grow(axes_.size() - 1, good_run);
    for (std::size_t a = axes_.size(); a-- > 0;) grow(a, counts_[a]);
  }

  void read_box(const ReadRows& read) {
    // Axes that the box takes whole join the run of the next slower one.
    std::size_t slow = axes_.size();
    std::int64_t run = 1;
    while (slow > 0) {
      run *= extent_[--slow];
      if (extent_[slow] < counts_[slow]) break;
    }
    const Extents ends(extent_.begin(), extent_.begin() + static_cast<std::ptrdiff_t>(slow)), ones(slow, 1);
    Extents place(slow, 0);
    double* out = values_.data();
    do {
      std::int64_t row = 0;
      for (std::size_t a = 0; a < axes_.size(); ++a) row = row * counts_[a] + begin_[a] + (a < slow ? place[a] : 0);
      read(row, run, out);
      out += run;
    } while (advance(place, ones, ends));
  }

  // Frame by frame, in each frame run by run along the axis that is fastest there.
  void write_box(const WriteRun& write) {
    const std::size_t axes = axes_.size();
    Extents inside(axes, 1);   // between neighbours in the box
    for (std::size_t a = axes; a-- > 1;) inside[a - 1] = inside[a] * extent_[a];
    std::vector<std::size_t> order;
    for (std::size_t a = 0; a < axes; ++a)
      if (axes_[a].frame) order.push_back(a);
    std::vector<std::size_t> others;
    for (std::size_t a = 0; a < axes; ++a)
      if (!axes_[a].frame && static_cast<std::ptrdiff_t>(a) != run_axis_) others.push_back(a);
    std::sort(others.begin(), others.end(), [&](std::size_t a, std::size_t b) { return axes_[a].step > axes_[b].step; });
    order.insert(order.end(), others.begin(), others.end());

    Extents place(order.size(), 0), ends, ones(order.size(), 1);
    for (std::size_t a : order) ends.push_back(extent_[a]);
    const std::size_t r = static_cast<std::size_t>(run_axis_);
    const std::int64_t length = run_axis_ < 0 ? 1 : extent_[r], stride = run_axis_ < 0 ? 0 : inside[r];
    const bool backwards = run_axis_ >= 0 && axes_[r].reversed;
    const std::int64_t run_begin = run_axis_ < 0 ? 0 : backwards ? counts_[r] - begin_[r] - length : begin_[r];
    std::vector<double> run(static_cast<std::size_t>(length));
    do {
      std::int64_t from = 0, to = run_begin, frame = 0;
      for (std::size_t k = 0; k < order.size(); ++k) {
        const ReorderAxis& axis = axes_[order[k]];
        const std::int64_t at = begin_[order[k]] + place[k];
        from += place[k] * inside[order[k]];
        if (axis.frame) frame = at;
        else to += (axis.reversed ? axis.count - 1 - at : at) * axis.step;
      }
      for (std::int64_t i = 0; i < length; ++i)
        run[static_cast<std::size_t>(backwards ? length - 1 - i : i)] = values_[static_cast<std::size_t>(from + i * stride)];
      write(frame, to, length, run.data());
    } while (advance(place, ones, ends));
  }

  std::vector<ReorderAxis> axes_;
  std::ptrdiff_t run_axis_ = -1;     // fastest in the files; -1: they hold one value each
  Extents counts_, box_;             // of the grid, of a box
  Extents begin_, extent_;           // the box at work
  std::vector<double> values_;       // its values, in the order of the table
};

}  // namespace

void reorder(const std::vector<ReorderAxis>& axes, const ReadRows& read, const WriteRun& write, std::int64_t box_values) {
  Reorder(axes, box_values).run(read, write);
}

}  // namespace jetpinn
