#include "jetpinn/layer/term_columns.hpp"

#include "jetpinn/base/error.hpp"

#include <string>

namespace jetpinn {

double constant_at(const std::vector<double>& constants, int index) {
  if (index >= 0 && static_cast<std::size_t>(index) < constants.size()) return constants[static_cast<std::size_t>(index)];
  throw Error(Status::usage, "a residual reads constant " + std::to_string(index) + " of the stage, which has " +
                                 std::to_string(constants.size()));
}

double RunNumbers::value(const TermInput& input) const {
  if (input.group == InputGroup::trainable) return trainables.at(static_cast<std::size_t>(input.index));
  return constant_at(constants, input.index);
}

const double* TermRange::column(const TermInput& input, int sites) const {
  const auto row = [&](const std::vector<double>& columns, int index) {
    const std::int64_t begin = index * points->local_count + first;
    JETPINN_CHECK(begin + count <= static_cast<std::int64_t>(columns.size()),
                  "the points have no column " + std::to_string(index) + " at site " + std::to_string(input.site));
    return columns.data() + begin;
  };
  switch (input.group) {
    case InputGroup::coordinate:
      return row(input.site == 0 ? points->coordinates : points->second, input.index);
    case InputGroup::data:
      return row(points->data, input.index);
    case InputGroup::attribute:
      return row(points->attributes, input.site * (points->attribute_columns / sites) + input.index);
    default:
      break;
  }
  JETPINN_CHECK(false, "points have no such column");
}

}  // namespace jetpinn
