// A set of images that is generated: ten classes of shapes and textures, 32 x 32 pixels in colour, with noise, light that
// falls unevenly, and a rectangle that hides a part of every second one. Colours, places, sizes and directions say nothing
// of the class.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/vision/image_set.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace jetpinn {

// disk, ring, square, frame, triangle, cross; then textures: stripes, checkers, dots, circles
const std::vector<std::string>& shape_class_names();
inline constexpr ImageShape shape_images{3, 32, 32};

// The class of image `index`, and its pixels [3, 32, 32]: pure functions of (seed, index), in integers, so that every
// machine makes the same bytes.
std::int32_t shape_label(std::uint64_t seed, std::int64_t index);
void draw_shape(std::uint64_t seed, std::int64_t index, std::uint8_t* pixels);

// Images first .. first + count - 1, on every rank; each rank draws a share. Collective.
ImageSet make_shapes(Communicator& communicator, std::uint64_t seed, std::int64_t first, std::int64_t count);

// Collective. The images 0 .. count - 1 as an HDF5 file: `images` [count, 3, 32, 32] and `labels` [count], the same bytes on
// any number of ranks. A file that is there already is replaced where it is the same set. Throws Error (usage) for a path
// that cannot be used, Error (storage) later, Error (stopped) where a rank is asked to stop.
void write_shapes(Communicator& communicator, const std::string& path, std::uint64_t seed, std::int64_t count,
                  const std::function<bool()>& stop_requested = {});

}  // namespace jetpinn
