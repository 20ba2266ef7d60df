// What a command was asked for, kept by the folder that it works in: a command that goes on there must be asked for the
// same.
#pragma once

#include <string>

namespace jetpinn {

// Where two requests differ, for a message: "--target: 0.6 -> 0.7". Empty: nowhere. Both are texts of JSON objects; entries
// of `options` are called as on the command line. What cannot be read differs.
std::string request_differences(const std::string& kept, const std::string& wanted);

// Another version of this program kept the request: it does not say all that this one compares, beside `options`.
bool is_of_another_version(const std::string& kept, const std::string& wanted);

}  // namespace jetpinn
