#include "jetpinn/problem/windows.hpp"

#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {
namespace {

using testing::monitor;
using testing::source;
using testing::term;

using Places = std::vector<std::vector<bool>>;

WindowOptions of_count(int count) {
  WindowOptions options;
  options.count = count;
  return options;
}

WindowOptions of_edges(const std::vector<std::string>& edges) {
  WindowOptions options;
  for (const std::string& edge : edges) options.edges.push_back(source(edge));
  return options;
}

Windows windows_of(const ProblemText& text, const WindowOptions& options) {
  return make_windows(build_problem(text), text, options);
}

const TermText heat_term = term("heat", "u_t - u_xx"), start_term = term("start", "u - x", "t == 0");

void expect_refused(const ProblemText& text, const WindowOptions& options, const std::string& why) {
  testing::expect_error(Status::usage, {why}, [&] { windows_of(text, options); });
}

TEST(Windows, TileTheDomain) {
  const ProblemText text = testing::text_of({heat_term, start_term});
  EXPECT_EQ(windows_of(text, of_count(4)).edges, (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
  EXPECT_EQ(windows_of(text, of_edges({"0", "1/8", "1"})).edges, (std::vector<double>{0, 0.125, 1}));
  const std::string domain = "windows that do not tile the domain, t = [0, 1]: ";
  expect_refused(text, of_edges({"0.5", "1"}), domain + "the first edge is 0.5");
  expect_refused(text, of_edges({"0", "0.5"}), domain + "the last edge is 0.5");
  expect_refused(text, of_edges({"0", "0.5", "0.5", "1"}), domain + "edges rise");
  expect_refused(text, of_edges({"0"}), domain + "name both bounds");
  WindowOptions both = of_edges({"0", "0.5", "1"});
  both.count = 3;
  expect_refused(text, both, "the edges are those of 2 windows");
}

TEST(Windows, HoldWhatHasAPlaceInThem) {
  ProblemText text =
      testing::text_of({heat_term, start_term, term("late", "u - 1", "t == 1"), term("edge", "u - 1", "t == 0.5"),
                        term("wall", "u", "x == 1 && t < 0.4"), term("corner", "u", "x == 1 && x*t > 0.8")});
  TermText part = term("part", "u_t - u");
  part.on = source("t > 0.6");
  text.terms.insert(text.terms.begin() + 1, part);
  text.monitors = {monitor(MonitorKind::mean, "u", ""), monitor(MonitorKind::mean, "u", "t == 1")};
  const Windows windows = windows_of(text, of_count(2));
  EXPECT_EQ(windows.begins, (std::vector<bool>{false, false, true, false, false, false, false}));
  //                                heat   part  start  late   edge   wall  corner
  EXPECT_EQ(windows.terms,
            (Places{{true, false, true, false, true, true, false}, {true, true, false, true, false, false, true}}));
  EXPECT_EQ(windows.monitors, (Places{{true, false}, {true, true}}));
}

TEST(Windows, FollowACoordinateThatIsFixedWhereItBegins) {
  WindowOptions along_x = of_count(2);
  along_x.coordinate = source("x");
  expect_refused(testing::text_of({heat_term, start_term}), along_x, "no condition holds at x == -1 alone");
  EXPECT_EQ(windows_of(testing::text_of({heat_term, term("left", "u", "x == -1")}), along_x).edges,
            (std::vector<double>{-1, 0, 1}));
  ProblemText timeless = testing::text_of({heat_term, start_term});
  timeless.time = "";
  expect_refused(timeless, of_count(2), "the problem has no time");
  expect_refused(testing::text_of({heat_term, start_term, term("all", "u", "boundary")}), of_count(2),
                 "places of one t beside others");
  expect_refused(testing::text_of({heat_term, term("ends", "u", "t == 0 || t == 1")}), of_count(2),
                 "places of one t beside others");
}

// Anywhere but in a condition at the first edge; in an output transform it is no coordinate.
TEST(Windows, TrainNumbersOfTheirOwn) {
  ProblemText text =
      testing::text_of({term("heat", "u_t - k*u_xx"), start_term, term("walls", "u - k", "x == 1")}, "", "k*u + t");
  text.trained["k"].start = source("0.1");
  EXPECT_EQ(windows_of(text, of_count(3)).count(), 3u);
  text = testing::text_of({heat_term, start_term}, "", "k*x + t*u");
  text.trained["k"].start = source("0.1");
  expect_refused(text, of_count(2), "builds in what holds at t == 0");
}

TEST(Windows, RefuseWhatASliceCannotHold) {
  const auto transformed = [](const std::string& output) { return testing::text_of({heat_term, start_term}, "", output); };
  for (const char* output : {"x + t*u", "cos(x)*exp(-t) + (1 - exp(-t))*u"})
    expect_refused(transformed(output), of_count(2), "builds in what holds at t == 0");
  for (const char* output : {"(1 - x^2)*u", "exp(-t)*u", "u + t"})
    EXPECT_NO_THROW(windows_of(transformed(output), of_count(2)));
  ProblemText trained = testing::text_of({term("heat", "u_t - u_xx"), term("start", "u - k*x", "t == 0")});
  trained.trained["k"].start = source("0.1");
  expect_refused(trained, of_count(2), "'k' is trained, and windows take over this condition at t");
  ProblemText staged = testing::text_of({heat_term, term("start", "u - c*x", "t == 0")});
  staged.constants["c"] = source("1");
  staged.stage_constants.resize(1);
  staged.stage_constants[0]["c"] = source("2");
  expect_refused(staged, of_count(2), "a stage changes a constant of this condition");
}

// One mean for each window would be another constraint; at a single t it is in one window.
TEST(Windows, LeaveAMeanWhole) {
  const auto with = [](TermText mean) {
    mean.reduction = Reduction::square_of_mean;
    return testing::text_of({heat_term, start_term, mean});
  };
  const std::string why = "which lie in 2 windows of t; each of them would square a mean of its own";
  expect_refused(with(term("mass", "u - 1")), of_count(2), "give it a region (in) inside of one window");
  expect_refused(with(term("wall", "u - 1", "x == 1")), of_count(2), "give it a set (on) inside of one window");
  expect_refused(with(term("wall", "u - 1", "x == 1 && t > 0.4")), of_count(2), why);
  expect_refused(with(term("mass", "u - 1")), of_count(3), "which lie in 3 windows of t");
  TermText measured = term("measured", "u - data.u", "t == 0");
  measured.on.reset();
  measured.points = source("measured.h5");
  expect_refused(with(measured), of_count(2), "which may lie in 2 windows of t");
  EXPECT_NO_THROW(windows_of(with(term("mass", "u - 1")), of_count(1)));
  for (const char* on : {"t == 0", "t == 0.5", "t == 1", "x == 1 && t > 0.6"})
    EXPECT_NO_THROW(windows_of(with(term("mass", "u - 1", on)), of_count(2))) << on;
}

}  // namespace
}  // namespace jetpinn
