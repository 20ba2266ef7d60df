#include "jetpinn/io/xml_text.hpp"

#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

using testing::expect_error;

// The tokens of a document, as "<a k=v>", "</a>" and texts.
std::string tokens_of(const std::string& document) {
  XmlText xml(document, "a.xml");
  std::string all;
  for (XmlToken token = xml.next(); token.kind != XmlToken::Kind::end; token = xml.next()) {
    if (token.kind == XmlToken::Kind::text) all += token.text;
    if (token.kind == XmlToken::Kind::close) all += "</" + std::string(token.name) + ">";
    if (token.kind != XmlToken::Kind::open) continue;
    all += "<" + std::string(token.name);
    for (const auto& [name, value] : token.attributes) all += " " + std::string(name) + "=" + value;
    all += ">";
  }
  return all;
}

TEST(XmlText, TagsAndTextsComeInOrder) {
  EXPECT_EQ(tokens_of("<?xml version=\"1.0\"?>\n<a k=\"1\"\n m = '2'>\n <!-- <no> --> t u <b/> v<c></c >\n</a>\n"),
            "<a k=1 m=2>t u<b></b>v<c></c></a>");
  EXPECT_EQ(tokens_of("<a k=\"&lt;&amp;lt;&quot;&apos;&gt;&#65;&other;\"/>"), "<a k=<&lt;\"'>&#65;&other;></a>");
  EXPECT_EQ(tokens_of("\xEF\xBB\xBF<a/>"), "<a></a>") << "a byte order mark";
}

TEST(XmlText, AnElementIsLeftOutWithAllInIt) {
  const std::string document = "<a><b><b/>t<c/></b><d/></a>";
  XmlText xml(document, "a.xml");
  EXPECT_TRUE(xml.next().opens("a"));
  EXPECT_TRUE(xml.next().opens("b"));
  xml.skip_element();
  EXPECT_EQ(xml.rest(), "<d/></a>");
  EXPECT_TRUE(xml.next().opens("d"));
  xml.skip_element();
  EXPECT_EQ(xml.next().name, "a");
  EXPECT_EQ(xml.next().kind, XmlToken::Kind::end);
}

TEST(XmlText, WhatIsNoXmlIsRefusedWithItsLine) {
  const auto refused = [](const std::string& document, const std::vector<std::string>& words) {
    expect_error(Status::usage, words, [&] { tokens_of(document); });
  };
  refused("<a>\n<b>\n</a>", {"a.xml, line 3", "</a> closes <b>"});
  refused("</a>", {"</a> closes nothing"});
  refused("<a>\n\n", {"line 3", "<a> is not closed"});
  refused("<a", {"within a tag"});
  refused("<a><!-- ", {"<!-- has no -->"});
  refused("<!DOCTYPE a><a/>", {"<!DOCTYPE a> is not read"});
  refused("<a><![CDATA[1]]></a>", {"is not read"});
  refused("<a/>\nb", {"line 2", "'b' stands outside"});
  refused("<a k>", {"'k' has no value"});
  refused("<a k=1>", {"not in quotation marks"});
  refused("<a k=\"1>", {"not in quotation marks"});
  refused("<a k=\"1\" k=\"2\"/>", {"'k' stands twice"});
  refused("<>", {"no name"});
  std::string deep;
  for (int k = 0; k < 200; ++k) deep += "<a>";
  refused(deep, {"more than 100 elements are open"});
}

}  // namespace
}  // namespace jetpinn
