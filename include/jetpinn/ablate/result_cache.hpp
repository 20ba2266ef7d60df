// What trainings came to, kept beside the features by what they came of: a study of the same data with the same options, in
// whatever folder, trains nothing.
//
// A file holds the hash of its text, and the text that a study's own folder has of a representation. Its name holds the
// study's identity (hash of the data and of all options that matter to a score) and a version. Files appear whole; what is
// damaged, or of another version, is trained again.
#pragma once

#include "jetpinn/ablate/ablation.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

constexpr std::int32_t result_version = 1;  // rises when trainings come to something else, or their text changes

// A result as text, and back. An empty name: damaged, or of a study with another identity.
std::string result_text(const RepresentationResult& result, const std::string& identity);
RepresentationResult result_of_text(const std::string& text, const std::string& identity);

class ResultCache {
 public:
  // folder: of --cache, which exists, or empty: nothing is kept, nothing is found.
  ResultCache(std::string folder, std::string identity);

  struct Found {
    RepresentationResult result;  // without a name: nothing that serves is there
    std::string remark;           // why what is there does not serve, as a sentence; else empty
  };
  // By one process. Touches what it finds.
  Found look_up(const std::string& representation) const;
  // By one process. Returns why it could not be kept, else an empty text.
  std::string keep(const RepresentationResult& result) const;

  std::string path_of(const std::string& representation, std::int32_t version = result_version) const;

 private:
  std::string folder_, identity_;
};

}  // namespace jetpinn
