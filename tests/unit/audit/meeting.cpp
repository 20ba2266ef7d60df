#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;

AuditCase with_conditions(const std::string& start, const std::string& walls, const std::string& on = "x == -1 || x == 1") {
  return AuditCase({term("heat", "u_t - u_xx"), term("start", start, "t == 0"), term("walls", walls, on)});
}

TEST(AuditMeetings, ACornerWithTwoValues) {
  const std::string sentence = with_conditions("u - 1 - x", "u").sentence("contradiction");
  EXPECT_NE(sentence.find("'start' (problem.conditions.0) and 'walls' (problem.conditions.1) ask for u = 2 and 0"),
            std::string::npos)
      << sentence;
  EXPECT_NE(sentence.find("t = 0, x = 1"), std::string::npos) << sentence;
}

TEST(AuditMeetings, ValuesThatMatchAreSilent) {
  EXPECT_TRUE(with_conditions("u - sin(pi*x)", "u").silent());
  EXPECT_TRUE(with_conditions("u - x", "2*u - 2*x*exp(-t)").silent());
  EXPECT_TRUE(with_conditions("u - 0.3333", "u - 1/3").silent());          // a rounded constant
  EXPECT_TRUE(with_conditions("u - 1", "u_x").silent());                   // of different derivatives
  // not linear: nothing is asked for in so many words
  EXPECT_TRUE(with_conditions("u - 1", "u*u - x").silent());
  EXPECT_TRUE(with_conditions("u - 1", "u", "(x == -1 || x == 1) && t > 0.1").silent());   // they do not meet
}

TEST(AuditMeetings, TheLidOfACavityInOneCondition) {
  AuditCase cavity(
      {term("flow", "u_tt + u_xx"), term("border", "u - where(x == 1, 1, 0)", "t == 0 || t == 1 || x == -1 || x == 1")});
  const std::string sentence = cavity.sentence("contradiction");
  EXPECT_NE(sentence.find("'border' (problem.conditions.0) ask for u = 0 and 1 where two of its faces meet"),
            std::string::npos)
      << sentence;
  AuditCase smooth({term("flow", "u_tt + u_xx"),
                    term("border", "u - where(x == 1, 4*t*(1 - t), 0)", "t == 0 || t == 1 || x == -1 || x == 1")});
  EXPECT_TRUE(smooth.silent());
}

TEST(AuditMeetings, TheSameFaceAskedTwice) {
  EXPECT_EQ(with_conditions("u - x", "u - x - 0.5", "t == 0").warnings("contradiction").size(), 1u);
}

TEST(AuditMeetings, APeriodicCoordinateMakesTwoFacesOne) {
  AuditCase ends({term("straight", "u_xx + u_t"), term("ends", "u - x", "x == -1 || x == 1")});
  EXPECT_TRUE(ends.silent());
  ends.network.periodic = {"x"};
  const std::string sentence = ends.sentence("periodic");
  EXPECT_NE(sentence.find("'ends' (problem.conditions.0) ask for u = -1 at t = 0, x = -1 and 1 at t = 0, x = 1"),
            std::string::npos)
      << sentence;
  AuditCase alike({term("straight", "u_xx + u_t"), term("ends", "u - x^2", "x == -1 || x == 1")});
  alike.network.periodic = {"x"};
  EXPECT_TRUE(alike.silent());
}

TEST(AuditMeetings, AMeanAsksForNoValueAtACorner) {
  AuditCase channel = with_conditions("u - 1/3", "u");
  EXPECT_FALSE(channel.of_kind("contradiction").empty());
  channel.problem.terms[1].reduction = Reduction::square_of_mean;
  EXPECT_TRUE(channel.silent());
}

TEST(AuditMeetings, WhatReadsItsPlaceIsNotCompared) {
  EXPECT_TRUE(AuditCase({term("flow", "u_t - u_xx"), term("start", "u - sdf", "t == 0"),
                         term("left", "dn(u) - 1", "x == -1"), term("right", "n_x*u - 3", "x == 1")})
                  .silent());
}

}  // namespace
}  // namespace jetpinn
