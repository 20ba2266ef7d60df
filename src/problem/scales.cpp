#include "jetpinn/problem/scales.hpp"

#include "jetpinn/problem/at_place.hpp"
#include "jetpinn/problem/size_with_unit.hpp"

#include <fmt/format.h>

#include <cmath>

namespace jetpinn {
namespace {

double value_of(const std::string& name, const SourceText& place, const SymbolTable& constants) {
  const double value = at_place(place, {}, [&] { return parse_size(place.text, constants); });
  if (!(value > 0 && std::isfinite(value)))
    fail_at(place, fmt::format("the scale of '{}' is {:g}; a scale is the size of something, a finite number above zero",
                               name, value));
  if (!std::isnormal(value) || !std::isnormal(1 / value))
    fail_at(place, fmt::format("the scale of '{}' is {:g}, beyond what numbers hold", name, value));
  return value;
}

std::vector<Scale> scales_of(const ScalesText& text, const std::vector<std::string>& names, std::size_t count,
                             const SymbolTable& constants) {
  std::vector<Scale> scales(count);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto found = text.values.find(names[i]); found != text.values.end())
      scales[i] = {value_of(names[i], found->second, constants), "given"};
  return scales;
}

}  // namespace

Scales read_scales(const ScalesText& text, const SymbolTable& symbols) {
  Scales scales;
  scales.on = text.given();
  if (!scales.on) return scales;
  SymbolTable constants;
  constants.constants = symbols.constants;
  scales.coordinates = scales_of(text, symbols.coordinates, static_cast<std::size_t>(symbols.differentiable()), constants);
  scales.fields = scales_of(text, symbols.fields, symbols.fields.size(), constants);
  return scales;
}

double scale_of(const ScalesText& text, const TrainedNumber& number, const SymbolTable& constants) {
  if (!text.given()) return 1;
  const auto found = text.values.find(number.name);
  if (found != text.values.end()) {
    if (number.lower || number.upper)
      fail_at(found->second, "'" + number.name +
                                 "' has a bound, which sets the scale of what is trained for it; leave its "
                                 "scale away");
    return value_of(number.name, found->second, constants);
  }
  if (number.lower || number.upper || number.start == 0 || !std::isnormal(1 / number.start)) return 1;
  return std::abs(number.start);
}

}  // namespace jetpinn
