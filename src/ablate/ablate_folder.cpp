#include "jetpinn/ablate/ablate_folder.hpp"

#include "jetpinn/ablate/representation.hpp"
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

const char* const ways = "; choose another --output, or let --force rename it away";

Json json_of(const RepresentationResult& result, const std::string& identity) {
  return {{"schema", 1},
          {"identity", identity},
          {"name", result.name},
          {"numbers", result.numbers},
          {"layers", result.layers},
          {"flop", result.flop},
          {"spectra", result.spectra},
          {"cached", result.cached},
          {"feature_seconds", result.feature_seconds},
          {"scores", result.scores},
          {"epochs", result.epochs},
          {"best_epochs", result.best_epochs},
          {"seconds", result.seconds},
          {"confusion", result.confusion}};
}

// An empty name where the file is damaged or of another study.
RepresentationResult result_of(const nlohmann::json& json, const std::string& identity) {
  RepresentationResult result;
  try {
    if (!json.is_object() || json.at("identity") != identity) return {};
    result.numbers = json.at("numbers");
    result.layers = json.at("layers");
    result.flop = json.at("flop");
    result.spectra = json.at("spectra");
    result.cached = json.at("cached");
    result.feature_seconds = json.at("feature_seconds");
    json.at("scores").get_to(result.scores);
    json.at("epochs").get_to(result.epochs);
    json.at("best_epochs").get_to(result.best_epochs);
    json.at("seconds").get_to(result.seconds);
    json.at("confusion").get_to(result.confusion);
    result.name = json.at("name");
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return result;
}

}  // namespace

AblateFolder::AblateFolder(const std::string& path, const Ablation& ablation, bool force)
    : path_(without_trailing_slash(path)), identity_(ablation.identity) {
  const std::string options = path_ + "/ablate-options.json";
  const bool ours = is_file(options);
  if (const std::string there = name_in(path_); !there.empty()) {
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
  return !result_of(read_json(path_ + "/results/" + representation + ".json"), identity_).name.empty();
}

void AblateFolder::keep(const RepresentationResult& result) const {
  write_text_file(path_ + "/results/" + result.name + ".json", json_of(result, identity_).dump(2) + "\n");
}

std::vector<RepresentationResult> AblateFolder::results() const {
  std::vector<RepresentationResult> found;
  for (const Representation& representation : representations()) {
    RepresentationResult result = result_of(read_json(path_ + "/results/" + representation.name + ".json"), identity_);
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
