#include "jetpinn/ablate/ablate_folder.hpp"

#include "jetpinn/ablate/representation.hpp"
#include "jetpinn/ablate/result_cache.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/study/run_files.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

const char* const options_name = "ablate-options.json";
const char* const ways = "; choose another --output, or let --force rename it away";

// An empty name where there is no file, it is damaged, or it is of another study.
RepresentationResult result_at(const std::string& path, const std::string& identity) {
  std::string text;
  try {
    if (is_file(path)) text = read_text_file(path);
  } catch (const Error&) {
    return {};
  }
  return result_of_text(text, identity);
}

// A study that ended before it came to anything, as one whose data were refused: its folder is taken over.
bool only_options_in(const std::string& folder) {
  std::error_code trouble;
  for (fs::recursive_directory_iterator file(folder, trouble), end; !trouble && file != end; file.increment(trouble))
    if (!file->is_directory() && file->path().filename() != options_name) return false;
  return !trouble;
}

}  // namespace

AblateFolder::AblateFolder(const std::string& path, const Ablation& ablation, bool force)
    : path_(without_trailing_slash(path)), identity_(ablation.identity) {
  const std::string options = path_ + "/" + options_name;
  const bool ours = is_file(options);
  if (const std::string there = name_in(path_); !there.empty() && !(ours && only_options_in(path_))) {
    const bool same = ours && text_at(read_json(options), "identity") == identity_;
    if (!same && !force)
      throw Error(Status::usage, "the folder " + path_ +
                                     (ours ? " holds a study of other data or with other options"
                                           : " holds something that no ablation study has written (" + there + ")") +
                                     ways);
    if (!same) rename_away(path_);
  }
  std::error_code trouble;
  fs::create_directories(path_ + "/results", trouble);
  if (trouble)
    throw Error(Status::usage,
                "cannot create the folder " + path_ + ": " + trouble.message() + "; choose another one with --output");
  check_writable(path_);
  const Json json = {{"schema", 1},           {"identity", identity_},
                     {"data", ablation.data}, {"samples", ablation.samples},
                     {"runs", ablation.runs}, {"reference", ablation.reference}};
  write_text_file(options, json.dump(2) + "\n", Status::usage);
}

bool AblateFolder::has(const std::string& representation) const {
  return !result_at(path_ + "/results/" + representation + ".json", identity_).name.empty();
}

void AblateFolder::keep(const RepresentationResult& result) const {
  write_text_file(path_ + "/results/" + result.name + ".json", result_text(result, identity_));
}

std::vector<RepresentationResult> AblateFolder::results() const {
  std::vector<RepresentationResult> found;
  for (const Representation& representation : representations()) {
    RepresentationResult result = result_at(path_ + "/results/" + representation.name + ".json", identity_);
    if (result.name != representation.name) continue;
    result.title = representation.title;
    result.sees = representation.sees;
    found.push_back(std::move(result));
  }
  return found;
}

void AblateFolder::write(const std::vector<std::pair<std::string, std::string>>& files,
                         const std::vector<Picture>& pictures) const {
  for (const auto& [name, text] : files) write_text_file(path_ + "/" + name, text);
  for (const Picture& picture : pictures) {
    if (picture.svg.empty()) continue;
    write_text_file(path_ + "/" + picture.name + ".svg", picture.svg);
    if (!picture.png.empty()) write_text_file(path_ + "/" + picture.name + ".png", picture.png);
  }
}

}  // namespace jetpinn
