#include "jetpinn/problem/source_text.hpp"

#include "jetpinn/base/utf8.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

constexpr std::size_t shown_before = 200, shown_behind = 200;  // bytes of a line around the place a message points to

std::size_t utf8_length(unsigned char first) { return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4; }

// Byte of the source behind the byte `offset` of a text: escapes, trimmed line ends and carriage returns make them differ.
std::size_t source_offset(const SourceText& place, std::size_t offset) {
  const std::string& source = *place.source;
  std::size_t at = place.begin;
  for (std::size_t i = 0; i < offset && at < source.size();) {
    if (place.quote == '"' && source[at] == '\\' && at + 1 < source.size()) {
      const char kind = source[at + 1];
      if (kind == 'u' || kind == 'U') {
        i += i < place.text.size() ? utf8_length(static_cast<unsigned char>(place.text[i])) : 1;
        at += kind == 'u' ? 6 : 10;
      } else if (kind == '\n' || kind == '\r' || kind == ' ' || kind == '\t') {  // a backslash joins lines
        at = std::min(source.find_first_not_of(" \t\r\n", at + 1), source.size());
      } else {
        at += 2;
        ++i;
      }
    } else if (source[at] == '\r' && i < place.text.size() && place.text[i] == '\n') {
      ++at;
    } else {
      ++at;
      ++i;
    }
  }
  if (place.quote == '"' && at + 1 < source.size() && source[at] == '\\' &&
      (source[at + 1] == '\n' || source[at + 1] == '\r'))
    at = std::min(source.find_first_not_of(" \t\r\n", at + 1), source.size());
  return std::min(at, source.size());
}

int characters(const std::string& text, std::size_t begin, std::size_t end) {
  return static_cast<int>(std::count_if(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                        text.begin() + static_cast<std::ptrdiff_t>(end),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// On the terminal, as `printable` writes it: what is no character takes the four columns of \xNN.
int columns(const Character& character) {
  const bool control = character.code < 0x20 || (character.code >= 0x7f && character.code < 0xa0);
  return !character.valid || control ? 4 * static_cast<int>(character.length) : columns_of(character.code);
}

}  // namespace

std::string point_at(const SourceText& place, std::size_t offset, std::size_t length, const std::string& message) {
  SourceText whole = place;
  if (!whole.source) {
    whole.source = std::make_shared<std::string>(place.text);
    whole.begin = 0;
    whole.quote = 0;
  }
  const std::string& source = *whole.source;
  offset = std::min(offset, place.text.size());
  const std::size_t at = source_offset(whole, offset);
  const std::size_t past = std::max(at, source_offset(whole, std::min(offset + length, place.text.size())));

  std::size_t line_begin = at == 0 ? 0 : source.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  std::size_t line_end = std::min(source.find('\n', line_begin), source.size());
  if (line_end > line_begin && source[line_end - 1] == '\r') --line_end;
  const int column = characters(source, line_begin, at) + 1;
  // Of a very long line only what stands around the place is shown.
  const auto in_character = [&](std::size_t i) { return (static_cast<unsigned char>(source[i]) & 0xC0) == 0x80; };
  if (at > line_begin + shown_before)
    for (line_begin = at - shown_before; line_begin < at && in_character(line_begin);) ++line_begin;
  if (line_end > at + shown_behind)
    for (line_end = at + shown_behind; line_end > at && in_character(line_end);) --line_end;
  const std::string line = source.substr(line_begin, line_end - line_begin);

  std::string head = place.file, number;
  if (place.line > 0) {
    const auto from = source.begin() + static_cast<std::ptrdiff_t>(whole.begin),
               to = source.begin() + static_cast<std::ptrdiff_t>(at);
    const int line_number = place.line + (from < to ? static_cast<int>(std::count(from, to, '\n')) : 0);
    number = std::to_string(line_number);
    head += ":" + number + ":" + std::to_string(column);
  } else {
    head += (head.empty() || place.key.empty() ? "" : " ") + place.key;
  }
  if (!head.empty()) head += ": ";
  if (line.find_first_not_of(" \t") == std::string::npos) return head + message;

  number = std::string(number.size() < 5 ? 5 - number.size() : 0, ' ') + number;
  std::string pad;  // tabs stay tabs, so that the caret stands where the reader sees the place
  for (std::size_t i = line_begin; i < std::min(at, line_end);) {
    const Character character = character_at(source, i);
    pad += character.code == '\t' ? std::string("\t") : std::string(static_cast<std::size_t>(columns(character)), ' ');
    i += character.length;
  }
  int marked = 0;
  for (std::size_t i = std::min(at, line_end); i < std::min(past, line_end);) {
    const Character character = character_at(source, i);
    marked += columns(character);
    i += character.length;
  }
  marked = std::max(1, marked);
  return head + message + "\n" + number + " | " + line + "\n" + std::string(number.size(), ' ') + " | " + pad + "^" +
         std::string(static_cast<std::size_t>(marked - 1), '~');
}

void fail_at(const SourceText& place, const std::string& message) { fail_at(place, 0, place.text.size(), message); }

void fail_at(const SourceText& place, std::size_t offset, std::size_t length, const std::string& message) {
  throw PlacedError(Status::usage, point_at(place, offset, length, message));
}

}  // namespace jetpinn
