#include "jetpinn/ablate/representation.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"

#include <algorithm>
#include <sstream>

namespace jetpinn {

const std::vector<Representation>& representations() {
  static const std::vector<Representation> table{
      flattened_representation(), norms_representation(),           moments_representation(),
      one_layer_representation(), singular_values_representation(), stable_rank_representation(),
      alignment_representation(), fourier_representation(),         image_representation()};
  return table;
}

std::vector<const Representation*> named_representations(const std::string& list) {
  std::vector<const Representation*> found;
  std::vector<std::string> names;
  std::string all;
  for (const Representation& representation : representations()) {
    names.emplace_back(representation.name);
    all += (all.empty() ? "" : ", ") + names.back();
    if (list.empty() || list == "all") found.push_back(&representation);
  }
  if (!found.empty()) return found;
  std::istringstream words(list.back() == ',' ? list + "," : list);  // what ends in a comma has an empty word behind it
  for (std::string word; std::getline(words, word, ',');) {
    if (word.empty()) throw Error(Status::usage, "--representations " + list + ": a name is missing between commas");
    const auto at = std::find(names.begin(), names.end(), word);
    if (at == names.end()) {
      const std::string nearest = nearest_name(word, names);
      throw Error(Status::usage, "unknown representation '" + word + "'; " +
                                     (nearest.empty() ? "there is " + all : "did you mean '" + nearest + "'?"));
    }
    const Representation* one = &representations()[static_cast<std::size_t>(at - names.begin())];
    if (std::find(found.begin(), found.end(), one) == found.end()) found.push_back(one);
  }
  return found;
}

}  // namespace jetpinn
