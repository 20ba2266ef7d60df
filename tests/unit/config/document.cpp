#include "jetpinn/config/document.hpp"

#include "support/config_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(document, keeps_the_order_of_the_file) {
  const Value root = parse_document("b = 1\na = { z = 1, y = 2 }\n", "a.toml");
  EXPECT_EQ(root.entries[0].key, "b");
  EXPECT_EQ(root.find("a")->entries[0].key, "z");
}

TEST(document, places_begin_inside_the_quotes) {
  const std::string text = "a = 'one'\n  b = \"\"\"\ntwo\n\"\"\"\nc = [ 1.5,\n  \"ü\", 'x' ]\n\"d e\" = '''x'''\n";
  const Value root = parse_document(text, "a.toml");
  const auto expect = [](const Value& value, int line, int column, const std::string& content) {
    EXPECT_EQ(value.place.line, line) << content;
    EXPECT_EQ(value.place.column, column) << content;
    EXPECT_EQ(value.place.text, content);
  };
  expect(*root.find("a"), 1, 6, "one");
  expect(*root.find("b"), 3, 1, "two\n");
  expect(root.find("c")->items[0], 5, 7, "1.5");
  expect(root.find("c")->items[1], 6, 4, "ü");
  expect(root.find("c")->items[2], 6, 9, "x");
  expect(*root.find("d e"), 7, 12, "x");
  EXPECT_EQ(root.entries[3].place.column, 2);
}

TEST(document, an_override_is_toml_or_else_a_string) {
  Value root;
  for (const char* assignment :
       {"a=1", "b=1e-3", "c=tanh", "d=\"x\"", "e=[1, 'y']", "f.g.h=true", "i=2 s", "j=", "k=x == 1", "l=\"open"})
    apply_override(root, assignment);
  EXPECT_EQ(root.find("a")->kind, Value::Kind::integer);
  EXPECT_EQ(root.find("b")->number, 1e-3);
  EXPECT_EQ(root.find("c")->place.text, "tanh");
  EXPECT_EQ(root.find("d")->place.text, "x");
  EXPECT_EQ(root.find("e")->items[1].place.text, "y");
  EXPECT_TRUE(root.find("f")->find("g")->find("h")->flag);
  EXPECT_EQ(root.find("i")->place.text, "2 s");
  EXPECT_EQ(root.find("j")->place.text, "");
  EXPECT_EQ(root.find("k")->place.text, "x == 1");
  EXPECT_EQ(root.find("l")->place.text, "\"open");
  apply_override(root, "list.0.a=1");
  apply_override(root, "list.1.a=2");
  EXPECT_EQ(root.find("list")->items[1].find("a")->integer, 2);
}

TEST(document, refuses_what_nests_beyond_the_stack) {
  std::string dotted = "a", quoted = "\"a\"", marked = "'!'", prose = "# one";
  for (int i = 0; i < 50000; ++i) {
    dotted += ".a", quoted += " . 'a'", prose += " word, two. three";
    marked += i % 2 ? ".\"#=\\\"\"" : ".'[,]'";
  }
  for (const std::string& text : {"x = 1\n" + dotted + " = 1", "[" + quoted + "]", "x = { " + dotted + " = 1 }",
                                  marked + " = 1", "[[" + marked + "]]", "y = \"\"\"a\"\"\"\"\"\n" + dotted + " = 1",
                                  "y = '''\n'a''''\n" + marked + " = 1", "x = " + std::string(50000, '[')}) {
    try {
      parse_document(text, "a.toml");
      ADD_FAILURE() << text.substr(0, 20);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      EXPECT_LT(std::string(error.what()).size(), 1500u);
    }
  }
  for (const std::string& assignment : {"a={" + dotted + "=1}", dotted + "=1", "a={" + marked + " = 1}"}) {
    Value root;
    EXPECT_EQ(message_of([&] { apply_override(root, assignment); }).find("--set"), 0u) << assignment.substr(0, 20);
  }
  EXPECT_EQ(parse_document("x = '''\n" + dotted + "'''\n", "a.toml").find("x")->place.text, dotted);   // text, no key
  EXPECT_EQ(parse_document(prose + "\nx = 0.5", "a.toml").find("x")->number, 0.5);
}

TEST(document, a_line_may_hold_everything) {
  // Every value knows its place, in a line of mixed characters too; walking along the line for each would take minutes.
  std::string text = "x = [";
  for (int i = 0; i < 100'000; ++i) text += i % 7 ? "1, " : "'\u00fc', ";
  text += "'end']";
  const Value root = parse_document(text, "a.toml");
  const Value& last = root.find("x")->items.back();
  EXPECT_EQ(text.compare(last.place.begin, 3, "end"), 0);
  EXPECT_EQ(root.find("x")->place.text.back(), ']');
}

TEST(document, what_is_written_reads_back) {
  const std::string text =
      "a = \"tab\\t quote\\\" back\\\\slash\"\nb = '''\nlines\n of \"\"\"text\"\"\"'''\nc = -0.0\nd = 1e300\ne = [[1, 2], "
      "[]]\nf = { \"x y\" = {} }\n"
      "[g]\nh = 0.1\n[[g.i]]\nj = 1\n[[g.i]]\n";
  const std::string once = write_document(parse_document(text, "a.toml"));
  const Value root = parse_document(once, "b.toml");
  EXPECT_EQ(write_document(root), once);
  EXPECT_EQ(root.find("a")->place.text, "tab\t quote\" back\\slash");
  EXPECT_EQ(root.find("b")->place.text, "lines\n of \"\"\"text\"\"\"");
  EXPECT_EQ(root.find("d")->number, 1e300);
  EXPECT_EQ(root.find("g")->find("i")->items.size(), 2u);
}

}  // namespace
}  // namespace jetpinn
