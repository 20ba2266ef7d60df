// Bodies joined by + - & ~ and brackets.
#pragma once

#include "jetpinn/geometry/shape.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace jetpinn {

// What a name stands for; throws for what is none. offset: where it stands in the text.
using FindShape = std::function<ShapePointer(const std::string& name, std::size_t offset)>;

// + and - from left to right; & binds closer, ~ closest. Throws ExpressionError.
ShapePointer parse_shape_expression(std::string_view text, const FindShape& find);

}  // namespace jetpinn
