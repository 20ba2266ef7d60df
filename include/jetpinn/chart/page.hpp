// HTML pages that need no other file: readable on a small screen, and in dark mode.
#pragma once

#include <string>

namespace jetpinn {

// Up to and including <body> and the heading; well-formed XML. Pages name their generator, so that they
// are known as this program's own.
std::string page_begin(const std::string& title);
std::string page_end();

// Whether the file at `path` is a page or a picture that this program wrote.
bool written_by_jetpinn(const std::string& path);

}  // namespace jetpinn
