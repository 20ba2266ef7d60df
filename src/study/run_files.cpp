#include "jetpinn/study/run_files.hpp"

#include "jetpinn/io/atomic_file.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace jetpinn {

nlohmann::json read_json(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  nlohmann::json json = nlohmann::json::parse(text.str(), nullptr, false);
  return json.is_object() ? json : nlohmann::json();
}

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
  std::ifstream file(folder + ".log");
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (line.rfind("jetpinn: ", 0) == 0 || (last.empty() && !line.empty())) last = line;
  if (last.rfind("jetpinn: ", 0) == 0) last.erase(0, 9);
  constexpr std::size_t longest = 300;
  return last.substr(0, longest);
}

int run_status(const std::string& folder) {
  int status = -1;
  if (std::ifstream file(folder + ".status"); file) file >> status;
  return status;
}

void write_run_status(const std::string& folder, int status, double seconds) {
  write_text_file(folder + ".status", fmt::format("{} {:.3f}\n", status, seconds));
}

void remove_run_status(const std::string& folder) {
  std::error_code trouble;
  std::filesystem::remove(folder + ".status", trouble);
}

}  // namespace jetpinn
