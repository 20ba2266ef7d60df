#include "jetpinn/app/window_plan.hpp"

#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace jetpinn {
namespace {

const char* const heat = R"toml(name = "heat"
[problem]
coordinates = ["t", "x"]
domain = { t = [0, 1], x = [0, 1] }
[[problem.equations]]
name = "heat"
residual = "u_t - u_xx"
[[problem.conditions]]
name = "initial"
on = "t == 0"
residual = "u - x"
[[problem.conditions]]
name = "late"
on = "t == 1"
residual = "u"
[network]
hidden = [6, 6]
[sampling]
points = { heat = 300, initial = 40, late = 20 }
[training]
windows = { edges = [0, 0.5, 1] }
)toml";

struct Planned {
  explicit Planned(const std::vector<std::string>& overrides)
      : config(parse_config(heat, "heat.toml", overrides)),
        whole(assemble(build_problem(config.problem), config.network, config.sampling, 0, 1)),
        windows(make_windows(*whole.problem, config.problem, config.training.windows)),
        plans(plan_windows(whole, config, windows, 1)) {}

  Config config;
  Assembly whole;
  Windows windows;
  std::vector<WindowPlan> plans;
};

TEST(WindowPlan, CountsWhatHasAPlaceInEachWindow) {
  const Planned planned({});
  ASSERT_EQ(planned.plans.size(), 2u);
  EXPECT_EQ(planned.plans[0].points, 340);
  EXPECT_EQ(planned.plans[1].points, 360) << "with the condition that is taken over";
  EXPECT_GT(planned.plans[0].bytes, 0);
  EXPECT_EQ(terms_of_window(*planned.whole.problem, planned.windows, 0, planned.plans[0]),
            (std::vector<bool>{true, true, false}));
  EXPECT_EQ(terms_of_window(*planned.whole.problem, planned.windows, 1, planned.plans[1]),
            (std::vector<bool>{true, true, true}));
  EXPECT_EQ(window_text(*planned.whole.problem, planned.windows, 1), "t from 0.5 to 1");
}

TEST(WindowPlan, DealsRowsOfATable) {
  const testing::TemporaryFolder folder;
  write_point_table(folder.file("data.h5"), {{"t", "x", "u"}, {{0, 0.5, 0.51, 1}, {0.1, 0.2, 0.3, 0.4}, {1, 1, 1, 1}}});
  const Planned planned(
      {"problem.conditions.2={ name = 'measured', points = '" + folder.file("data.h5") + "', residual = 'u - data.u' }"});
  EXPECT_EQ(planned.plans[0].rows, (std::vector<std::int64_t>{0, 0, 0, 2}));
  EXPECT_EQ(planned.plans[1].rows, (std::vector<std::int64_t>{0, 0, 0, 2}));
}

TEST(WindowPlan, RefusesAWindowInWhichNoEquationHolds) {
  testing::expect_error(Status::usage, {"no equation has points in window 0, t from 0 to 0.5"},
                        [] { Planned({"problem.equations.0.in=t > 0.6"}); });
}

}  // namespace
}  // namespace jetpinn
