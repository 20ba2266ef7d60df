#include "jetpinn/ablate/result_cache.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hash.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace jetpinn {

std::string result_text(const RepresentationResult& result, const std::string& identity) {
  const nlohmann::ordered_json json = {{"schema", 1},
                                       {"version", result_version},
                                       {"identity", identity},
                                       {"name", result.name},
                                       {"numbers", result.numbers},
                                       {"layers", result.layers},
                                       {"flop", result.flop},
                                       {"spectra", result.spectra},
                                       {"cached", result.cached},
                                       {"scores_cached", result.scores_cached},
                                       {"feature_seconds", result.feature_seconds},
                                       {"scores", result.scores},
                                       {"epochs", result.epochs},
                                       {"best_epochs", result.best_epochs},
                                       {"seconds", result.seconds},
                                       {"confusion", result.confusion}};
  return json.dump(2) + "\n";
}

RepresentationResult result_of_text(const std::string& text, const std::string& identity) {
  RepresentationResult result;
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    if (json.at("identity") != identity || json.value("version", 1) != result_version) return {};
    result.numbers = json.at("numbers");
    result.layers = json.at("layers");
    result.flop = json.at("flop");
    result.spectra = json.at("spectra");
    result.cached = json.at("cached");
    result.scores_cached = json.value("scores_cached", false);
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

ResultCache::ResultCache(std::string folder, std::string identity)
    : folder_(std::move(folder)), identity_(std::move(identity)) {}

std::string ResultCache::path_of(const std::string& representation, std::int32_t version) const {
  return fmt::format("{}/{}-{}-v{}.result", folder_, representation, identity_, version);
}

ResultCache::Found ResultCache::look_up(const std::string& representation) const {
  Found found;
  if (folder_.empty()) return found;
  const std::string path = path_of(representation);
  if (!is_file(path)) {
    for (std::int32_t version = 0; version < result_version + 100; ++version)
      if (version != result_version && is_file(path_of(representation, version)))
        found.remark = fmt::format("the cache holds results of {} of version {}, not {}; trained again", representation,
                                   version, result_version);
    return found;
  }
  try {
    const std::string whole = read_text_file(path);
    const std::size_t line = whole.find('\n');
    if (line != std::string::npos && whole.substr(0, line) == hex(hash_of(whole.substr(line + 1))))
      found.result = result_of_text(whole.substr(line + 1), identity_);
  } catch (const Error&) {  // it cannot be read, or another job removed it
  }
  if (found.result.name != representation) {
    found.result = {};
    found.remark = path + " does not serve (it is damaged); trained again";
    return found;
  }
  found.result.cached = found.result.scores_cached = true;
  found.result.feature_seconds = 0;
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return found;
}

std::string ResultCache::keep(const RepresentationResult& result) const {
  if (folder_.empty()) return {};
  const std::string text = result_text(result, identity_);
  try {
    write_text_file(path_of(result.name), hex(hash_of(text)) + "\n" + text);
  } catch (const Error& error) {
    return fmt::format("the cache {} cannot keep the results of {} ({}); the study goes on", folder_, result.name,
                       error.what());
  }
  return {};
}

}  // namespace jetpinn
