#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::source;
using testing::term;

// u in `left` and v in `right`, joined on a set, in t and x.
AuditCase joined(const std::string& left, const std::string& right, const std::string& on,
                 const std::string& residual = "u - v") {
  std::vector<TermText> terms{term("left", "u_t - u_xx"), term("right", "v_t - v_xx"), term("joint", residual, on)};
  terms[0].on = source(left);
  terms[1].on = source(right);
  AuditCase joint(terms);
  joint.problem.fields = {"u", "v"};
  return joint;
}

std::string sentence(const AuditCase& joint) {
  const Warnings found = joint.of_kind("interface");
  EXPECT_EQ(found.size(), 1u);
  return found.empty() ? "" : found[0].text;
}

bool silent(const AuditCase& joint) { return joint.of_kind("interface").empty(); }

TEST(AuditInterfaces, RegionsThatMeetAreSilent) {
  EXPECT_TRUE(silent(joined("x < 0", "x > 0", "x == 0")));
  EXPECT_TRUE(silent(joined("x <= 0", "x >= 0", "x == 0")));
  EXPECT_TRUE(silent(joined("x < 0 || t < 0.2", "x > 0 && t > 0.2", "x == 0 && t > 0.2")));
  EXPECT_TRUE(silent(joined("x < 0", "x > -0.5", "x == 1", "v")));
  EXPECT_TRUE(silent(joined("x < 0", "x > 0", "t == 0 && x < 0", "u - 1")));
}

// Each field of a pair is read at its own place.
TEST(AuditInterfaces, LinkedPointsAreReadWhereTheyLie) {
  AuditCase wrapped = joined("x < 0", "x > 0", "x == -1", "u - other(v)");
  wrapped.problem.terms[2].pair = source("x == 1");
  EXPECT_TRUE(silent(wrapped));
  wrapped.problem.terms[2].residuals = {source("u - other(u)")};
  EXPECT_NE(sentence(wrapped).find("reads u at t = "), std::string::npos) << sentence(wrapped);
  EXPECT_NE(sentence(wrapped).find("x = 1, where none of its equations holds"), std::string::npos) << sentence(wrapped);
}

TEST(AuditInterfaces, AGapBesideAnInterface) {
  const std::string text = sentence(joined("x < 0", "x > 0.01", "x == 0"));
  EXPECT_NE(text.find("'joint' (problem.conditions.0) reads v at t = "), std::string::npos) << text;
  EXPECT_NE(text.find("none of its equations holds"), std::string::npos) << text;
  EXPECT_NE(sentence(joined("x < 0", "x > 0", "x == 1", "u")).find("reads u at"), std::string::npos);
  EXPECT_NE(sentence(joined("x < 0", "x > 0", "t == 0", "u")).find("reads u at"), std::string::npos) << "half of the face";
}

TEST(AuditInterfaces, AnOverlapBesideAnInterface) {
  const std::string text = sentence(joined("x < 0.3", "x > 0", "x == 0"));
  EXPECT_NE(text.find("joins u and v, and the equations of both hold on one side"), std::string::npos) << text;
  EXPECT_NE(text.find("x = 0: let their regions"), std::string::npos) << text;
  // A field of the whole domain has no region that could overlap.
  AuditCase whole = joined("x < 0.3", "x < 2", "x == 0");
  EXPECT_TRUE(silent(whole));
}

}  // namespace
}  // namespace jetpinn
