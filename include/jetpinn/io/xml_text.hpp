// XML (W3C, Extensible Markup Language 1.0) as programs write it into files of numbers: tags with attributes and text
// between them, in order. Document types, and so entities of their own, and CDATA are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jetpinn {

struct XmlToken {
  enum class Kind : char { open, close, text, end };  // text: not only blanks; end: of the document
  Kind kind = Kind::end;
  std::string_view name;                                             // of an element
  std::vector<std::pair<std::string_view, std::string>> attributes;  // of open
  std::string_view text;
  std::int64_t line = 0;

  bool opens(std::string_view element) const { return kind == Kind::open && name == element; }
  // Null: it has no such attribute.
  const std::string* find(std::string_view attribute) const;
};

// The document is a view, which outlives this and its tokens. Every failure is an Error (usage) naming file and line.
class XmlText {
 public:
  XmlText(std::string_view document, std::string path);

  // Comments and instructions (<? ?>) are left out. An element without content, <a/>, opens and closes. Elements close in
  // the order in which they were opened, or the document is refused.
  XmlToken next();
  // Goes behind the end of the element that was opened last.
  void skip_element();
  // What has not been read: behind a tag whose element holds bytes that are no XML.
  std::string_view rest() const { return document_.substr(at_); }

  [[noreturn]] void fail(std::int64_t line, const std::string& reason, const std::string& mend) const;

 private:
  void advance(std::size_t to);  // counts lines
  bool skip_aside();
  XmlToken read_text();
  XmlToken read_tag();
  XmlToken close(std::string_view name);
  void read_attributes(std::string_view inside, XmlToken& tag) const;
  std::string without_entities(std::string_view value) const;

  std::string_view document_;
  std::string path_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  std::vector<std::string_view> open_;
  bool closes_ = false;  // the element that was opened last has no content
};

}  // namespace jetpinn
