#include "jetpinn/expr/names.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

using namespace jetpinn;

namespace {

std::string complaint(const SymbolTable& table) {
  try {
    check_names(table);
  } catch (const ExpressionError& e) {
    EXPECT_EQ(e.offset, 0u);
    return e.what();
  }
  return "";
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

SymbolTable plain() {
  SymbolTable table;
  table.coordinates = {"t", "x"};
  table.fields = {"u"};
  return table;
}

}  // namespace

// docs/expressions.md lists all functions and no others; docs/load.py evaluates, and the fuzzer tries, each of them.
TEST(Names, PagesKnowEveryFunction) {
  const char* root = std::getenv("JETPINN_SOURCE_DIR");
  ASSERT_NE(root, nullptr) << "JETPINN_SOURCE_DIR is not set: ctest sets it";
  const auto read = [root](const std::string& path) {
    std::ifstream file(root + ("/" + path));
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::string page = read("docs/expressions.md"), program = read("docs/load.py"), words = read("tests/fuzz/expression.dict");
  const std::string whole = page;
  page = page.substr(page.find("## Numbers, operators, functions"));
  page.resize(page.find("\n\nThese are all."));
  std::set<std::string> listed, known{"pi", "sum", "prod"};
  const std::regex row("\\n\\| ([^|]*) \\|"), span("`([^`]*)`"), name("^([a-z]\\w*)( |$|\\()");
  for (std::sregex_iterator line(page.begin(), page.end(), row), end; line != end; ++line) {
    const std::string column = (*line)[1];
    for (std::sregex_iterator code(column.begin(), column.end(), span); code != end; ++code) {
      std::string rest = (*code)[1];
      for (std::smatch match; std::regex_search(rest, match, name) && listed.insert(match[1]).second;) {
        if (match[2] != " ") break;
        rest = match.suffix();
      }
    }
  }
  for (const FunctionName& function : function_names()) {
    known.insert(function.name);
    EXPECT_TRUE(says(words, "\"" + std::string(function.name) + "(\"")) << function.name;
  }
  EXPECT_EQ(listed, known);
  for (const std::string& name : operator_names()) {
    EXPECT_TRUE(says(whole, "| `" + name + "(")) << name;
    EXPECT_TRUE(says(words, "\"" + name + "(\"")) << name;
  }
  for (const FunctionInfo& function : function_table)
    EXPECT_TRUE(says(program, "\"" + std::string(function.numpy) + "\": ")) << function.name;
}

TEST(Names, CoordinatesAreCountedInSixteenBits) {
  SymbolTable table;
  for (int i = 0; i < 32767; ++i) table.coordinates.push_back("x" + std::to_string(i));
  EXPECT_NO_THROW(check_names(table));
  table.coordinates.push_back("y");
  EXPECT_THROW(check_names(table), ExpressionError);
}

TEST(Names, SoundTablesPass) {
  SymbolTable table = plain();
  table.constants = {{"nu", 1}, {"Re_number", 100}, {"u_inf", 1}};
  table.definitions = {{"flux", "u"}, {"u_mean", "u"}};
  EXPECT_EQ(complaint(table), "");
}

TEST(Names, EveryClashIsFound) {
  SymbolTable table = plain();
  table.fields = {"u", "u_x"};
  EXPECT_TRUE(says(complaint(table), "derivative of 'u'"));
  table = plain();
  table.definitions = {{"u_xt", "u"}};
  EXPECT_TRUE(says(complaint(table), "derivative of 'u'"));
  table = plain();
  table.constants = {{"u", 1}};
  EXPECT_TRUE(says(complaint(table), "declared twice"));
  table = plain();
  table.fields = {"sin"};
  EXPECT_TRUE(says(complaint(table), "taken by the expression language"));
  table = plain();
  table.fields = {"d"};
  EXPECT_TRUE(says(complaint(table), "taken by the expression language"));
  table = plain();
  table.fields = {"2u"};
  EXPECT_TRUE(says(complaint(table), "beginning with a letter"));
  table = plain();
  table.fields = {"u-v"};
  EXPECT_TRUE(says(complaint(table), "letters, digits"));
}

TEST(Names, ADeclaredNameWinsOverTheDerivativeReading) {
  SymbolTable table = plain();
  table.constants = {{"v_x", 7}};  // no v is declared, so this is a name like any other
  EXPECT_EQ(complaint(table), "");
  ExpressionGraph graph;
  EXPECT_TRUE(graph.is_constant(parse_expression(graph, table, "v_x"), 7));
}

TEST(Names, NearestName) {
  const std::vector<std::string> names{"velocity", "pressure", "u", "temperature"};
  EXPECT_EQ(nearest_name("velocty", names), "velocity");
  EXPECT_EQ(nearest_name("presure", names), "pressure");
  EXPECT_EQ(nearest_name("tempreature", names), "temperature");
  EXPECT_EQ(nearest_name("U", {"u"}), "u");
  EXPECT_EQ(nearest_name("L-BFGS", {"adam", "bfgs", "lbfgs"}), "lbfgs");
  EXPECT_EQ(nearest_name("RAR-D", {"rad", "rar_d", "rar_g"}), "rar_d");
  EXPECT_EQ(nearest_name("-", {"_"}), "");
  EXPECT_EQ(nearest_name("banana", names), "");
  EXPECT_EQ(nearest_name("x", {"sqrt"}), "");
  EXPECT_EQ(nearest_name(std::string(10000, 'a'), names), "");
}
