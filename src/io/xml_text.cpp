#include "jetpinn/io/xml_text.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace jetpinn {
namespace {

constexpr std::size_t most_open = 100, most_attributes = 100;
constexpr const char* write_xml_again = "write the file again";
constexpr std::string_view xml_blanks = " \t\r\n";

struct Entity {
  std::string_view name;
  char stands_for;
};
constexpr std::array<Entity, 5> entities{Entity{"&amp;", '&'}, Entity{"&lt;", '<'}, Entity{"&gt;", '>'},
                                         Entity{"&quot;", '"'}, Entity{"&apos;", '\''}};

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(xml_blanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(xml_blanks) + 1);
}

std::string quoted_part(std::string_view text) { return shortened(std::string(text.substr(0, 200)), 40); }

}  // namespace

const std::string* XmlToken::find(std::string_view attribute) const {
  for (const auto& [key, value] : attributes)
    if (key == attribute) return &value;
  return nullptr;
}

XmlText::XmlText(std::string_view document, std::string path) : document_(document), path_(std::move(path)) {
  if (document_.substr(0, byte_order_mark.size()) == byte_order_mark) at_ = byte_order_mark.size();
}

void XmlText::fail(std::int64_t line, const std::string& reason, const std::string& mend) const {
  throw Error(Status::usage, fmt::format("{}, line {}: {}; {}", path_, line, reason, mend));
}

void XmlText::advance(std::size_t to) {
  line_ += std::count(document_.begin() + static_cast<std::ptrdiff_t>(at_),
                      document_.begin() + static_cast<std::ptrdiff_t>(to), '\n');
  at_ = to;
}

// A comment or an instruction, where one stands.
bool XmlText::skip_aside() {
  for (const auto& [begin, end] : {std::pair<std::string_view, std::string_view>{"<!--", "-->"}, {"<?", "?>"}}) {
    if (document_.substr(at_, begin.size()) != begin) continue;
    const std::size_t last = document_.find(end, at_ + begin.size());
    if (last == std::string_view::npos) fail(line_, fmt::format("it is cut off: {} has no {}", begin, end), write_xml_again);
    advance(last + end.size());
    return true;
  }
  return false;
}

XmlToken XmlText::next() {
  if (closes_) {
    closes_ = false;
    return close(open_.back());
  }
  while (at_ < document_.size()) {
    if (document_[at_] != '<') {
      if (XmlToken text = read_text(); !text.text.empty()) return text;
    } else if (!skip_aside()) {
      return read_tag();
    }
  }
  if (!open_.empty())
    fail(line_, fmt::format("it is cut off: <{}> is not closed", quoted_part(open_.back())), write_xml_again);
  XmlToken end;
  end.line = line_;
  return end;
}

XmlToken XmlText::read_text() {
  const std::size_t end = std::min(document_.find('<', at_), document_.size());
  advance(std::min(document_.find_first_not_of(xml_blanks, at_), end));
  XmlToken token;
  token.kind = XmlToken::Kind::text;
  token.line = line_;
  token.text = without_blanks(document_.substr(at_, end - at_));
  if (open_.empty() && !token.text.empty())
    fail(line_, fmt::format("'{}' stands outside of all elements, so it is no XML file", quoted_part(token.text)),
         "name a file of VTK XML");
  advance(end);
  return token;
}

XmlToken XmlText::read_tag() {
  const std::int64_t line = line_;
  const std::size_t end = document_.find('>', at_);
  if (end == std::string_view::npos) fail(line, "it is cut off within a tag", write_xml_again);
  std::string_view inside = document_.substr(at_ + 1, end - at_ - 1);
  advance(end + 1);
  if (inside.substr(0, 1) == "/") return close(without_blanks(inside.substr(1)));
  XmlToken tag;
  tag.kind = XmlToken::Kind::open;
  tag.line = line;
  if (inside.substr(0, 1) == "!")
    fail(line, fmt::format("<{}> is not read: neither document types nor CDATA are", quoted_part(inside)), write_xml_again);
  closes_ = !inside.empty() && inside.back() == '/';
  if (closes_) inside.remove_suffix(1);
  const std::size_t name = std::min(inside.find_first_of(xml_blanks), inside.size());
  tag.name = inside.substr(0, name);
  if (tag.name.empty()) fail(line, "a tag has no name", write_xml_again);
  read_attributes(inside.substr(name), tag);
  if (open_.size() == most_open) fail(line, fmt::format("more than {} elements are open", most_open), write_xml_again);
  open_.push_back(tag.name);
  return tag;
}

XmlToken XmlText::close(std::string_view name) {
  if (open_.empty() || open_.back() != name)
    fail(
        line_,
        fmt::format("</{}> closes {}", quoted_part(name), open_.empty() ? "nothing" : "<" + quoted_part(open_.back()) + ">"),
        write_xml_again);
  open_.pop_back();
  XmlToken token;
  token.kind = XmlToken::Kind::close;
  token.name = name;
  token.line = line_;
  return token;
}

void XmlText::skip_element() {
  for (const std::size_t depth = open_.size(); open_.size() >= depth;) next();
}

// Of the rest of a tag: name="value" name='value'.
void XmlText::read_attributes(std::string_view inside, XmlToken& tag) const {
  const auto refuse = [&](const std::string& reason) {
    fail(tag.line, fmt::format("in <{}> {}", quoted_part(tag.name), reason), write_xml_again);
  };
  for (inside = without_blanks(inside); !inside.empty(); inside = without_blanks(inside)) {
    const std::size_t equals = inside.find('=');
    if (equals == std::string_view::npos) refuse(fmt::format("'{}' has no value", quoted_part(inside)));
    const std::string_view name = without_blanks(inside.substr(0, equals));
    inside = without_blanks(inside.substr(equals + 1));
    const std::size_t end =
        inside.empty() || (inside[0] != '"' && inside[0] != '\'') ? std::string_view::npos : inside.find(inside[0], 1);
    if (end == std::string_view::npos) refuse(fmt::format("the value of '{}' is not in quotation marks", quoted_part(name)));
    if (tag.find(name)) refuse(fmt::format("'{}' stands twice", quoted_part(name)));
    if (tag.attributes.size() == most_attributes) refuse(fmt::format("more than {} attributes stand", most_attributes));
    tag.attributes.emplace_back(name, without_entities(inside.substr(1, end - 1)));
    inside.remove_prefix(end + 1);
  }
}

// Those of characters by their numbers stay as they are: names that a person reads have none.
std::string XmlText::without_entities(std::string_view value) const {
  std::string text;
  while (!value.empty()) {
    const auto found = std::find_if(entities.begin(), entities.end(), [&](const Entity& entity) {
      return value.substr(0, entity.name.size()) == entity.name;
    });
    text += found == entities.end() ? value[0] : found->stands_for;
    value.remove_prefix(found == entities.end() ? 1 : found->name.size());
  }
  return text;
}

}  // namespace jetpinn
