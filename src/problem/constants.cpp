#include "jetpinn/problem/constants.hpp"

#include "jetpinn/problem/at_place.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {

// Constants may refer to one another in any order: one that another needs is computed first.
std::map<std::string, double> evaluate_constants(const std::map<std::string, SourceText>& texts,
                                                 const std::map<std::string, std::string>& refused) {
  SymbolTable symbols;
  symbols.refused = refused;
  for (const auto& wanted : texts) {
    std::vector<std::string> open{wanted.first};  // each is needed by the one before it
    while (!open.empty()) {
      const std::string name = open.back();
      const SourceText& place = texts.at(name);
      if (symbols.constants.count(name)) {
        open.pop_back();
        continue;
      }
      try {
        const double value = parse_constant(place.text, symbols);
        symbols.constants.emplace(name, value);
      } catch (const ExpressionError& error) {
        const std::string culprit = place.text.substr(std::min(error.offset, place.text.size()), error.length);
        if (!texts.count(culprit) || symbols.constants.count(culprit))
          fail_at(place, error.offset, error.length, error.what());
        if (std::find(open.begin(), open.end(), culprit) != open.end())
          fail_at(place, error.offset, error.length,
                  "the constants '" + name + "' and '" + culprit + "' refer to each other in a circle");
        open.push_back(culprit);
      }
    }
  }
  return symbols.constants;
}

std::vector<TrainedNumber> read_trained(const std::map<std::string, TrainedText>& texts,
                                        const std::map<std::string, double>& constants, const ScalesText& scales) {
  SymbolTable symbols;
  symbols.constants = constants;
  for (const auto& [name, place] : texts) symbols.refused[name] = "'" + name + "' is trained, and a constant is wanted here";
  const auto value_of = [&](const SourceText& place) {
    return at_place(place, {}, [&] { return parse_constant(place.text, symbols); });
  };
  std::vector<TrainedNumber> numbers;
  for (const auto& [name, text] : texts) {
    TrainedNumber number;
    number.name = name;
    number.start = value_of(text.start);
    if (text.lower) number.lower = value_of(*text.lower);
    if (text.upper) number.upper = value_of(*text.upper);
    number.learning_rate = text.learning_rate;
    if (number.lower && number.upper && !(*number.lower < *number.upper))
      fail_at(*text.upper, "the bounds of '" + name + "' leave nothing between them: max must be above min, which is " +
                               text.lower->text);
    if (!number.contains(number.start))
      fail_at(text.start, "'" + name + "' starts outside of its bounds, or on one: start must lie between min and max");
    number.scale = scale_of(scales, number, symbols);
    numbers.push_back(std::move(number));
  }
  return numbers;
}

}  // namespace jetpinn
