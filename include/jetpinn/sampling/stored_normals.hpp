// Outward normals that a table holds: what they have to be, and what becomes of them.
#pragma once

#include "jetpinn/sampling/sampling_options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// A normal has length 1; one that is so much longer or shorter was rounded, and is brought to it.
inline constexpr double normal_length_room = 0.01;

// Which of the attributes are components of the normal, by their names in expressions: n_x, n_y, ...
std::vector<std::size_t> normal_components(const std::vector<TableColumn>& attributes);

// Divides by the length, unless it is 1 to the rounding of double precision: those that were stored as they are used keep
// their bits. False, and nothing is changed: the length is no 1 even within the room, or not finite.
bool make_unit(std::vector<double>& normal);

// "row 7 of piv.h5: the normal (n_x, n_y) = (0, 0) has length 0; ..." Throws Error (usage).
[[noreturn]] void fail_normal(const std::string& file, std::int64_t row, const std::vector<std::string>& names,
                              const std::vector<double>& normal);

}  // namespace jetpinn
