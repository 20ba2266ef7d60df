// What runs of a study leave beside and in their folders. Nothing here throws for what it finds: a damaged file counts as
// none, and find_json() says so.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace jetpinn {

// json: null where the file is not there or holds no object. fault: why a file that is there serves for nothing.
struct FoundJson {
  nlohmann::json json;
  std::string fault;
};
FoundJson find_json(const std::string& path);
nlohmann::json read_json(const std::string& path);  // its json alone
double number_at(const nlohmann::json& json, const char* pointer, double otherwise = 0);
std::string text_at(const nlohmann::json& json, const char* key);

// What the run said last, from FOLDER.log: its last message, else its last line; without "jetpinn: ", not endless.
std::string last_words(const std::string& folder);

// FOLDER.status: one line, "STATUS SECONDS", what launch() or a batch job came to. -1: it is not there, or damaged.
int run_status(const std::string& folder);
void write_run_status(const std::string& folder, int status, double seconds);   // throws Error (storage)
void remove_run_status(const std::string& folder);                              // of a run that is to be tried again

}  // namespace jetpinn
