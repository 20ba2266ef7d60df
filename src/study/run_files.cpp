#include "jetpinn/study/run_files.hpp"

#include "jetpinn/io/atomic_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

namespace jetpinn {

FoundJson find_json(const std::string& path) {
  FoundJson found;
  const FileText file = file_text(path);
  if (file.code == ENOENT) return found;
  nlohmann::json json = nlohmann::json::parse(file.text, nullptr, false);
  if (file.code != 0)
    found.fault = path + " cannot be read: " + std::strerror(file.code);
  else if (!json.is_object())
    found.fault = path + " is damaged (it holds no JSON object)";
  else
    found.json = std::move(json);
  return found;
}

nlohmann::json read_json(const std::string& path) { return find_json(path).json; }

double number_at(const nlohmann::json& json, const char* pointer, double otherwise) {
  const nlohmann::json::json_pointer place(pointer);
  if (!json.is_object() || !json.contains(place) || !json[place].is_number()) return otherwise;
  return json[place].get<double>();
}

std::string text_at(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string last_words(const std::string& folder) {
  std::istringstream file(file_text(folder + ".log").text);
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (line.rfind("jetpinn: ", 0) == 0 || (last.empty() && !line.empty())) last = line;
  if (last.rfind("jetpinn: ", 0) == 0) last.erase(0, 9);
  constexpr std::size_t longest = 300;
  return last.substr(0, longest);
}

int run_status(const std::string& folder) {
  std::istringstream words(file_text(folder + ".status").text);
  int status = -1;
  double seconds = 0;
  return words >> status >> seconds && status >= 0 ? status : -1;
}

void write_run_status(const std::string& folder, int status, double seconds) {
  write_text_file(folder + ".status", fmt::format("{} {:.3f}\n", status, seconds));
}

void remove_run_status(const std::string& folder) {
  std::error_code trouble;
  std::filesystem::remove(folder + ".status", trouble);
}

}  // namespace jetpinn
