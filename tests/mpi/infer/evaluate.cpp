#include "jetpinn/infer/evaluate.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/function_engine.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

using testing::FunctionEngine;
using testing::SharedFolder;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

// u(t, x) and p(t, x) on [0, 1] x [-1, 1].
Problem sample_problem() {
  Problem problem;
  problem.symbols.coordinates = {"t", "x"};
  problem.symbols.time = 0;
  problem.symbols.fields = {"u", "p"};
  problem.lower = {0, -1};
  problem.upper = {1, 1};
  problem.outputs = {problem.graph.field(0), problem.graph.field(1)};
  return problem;
}

double u(const double* place) { return std::sin(3 * place[1]) * std::exp(-place[0]); }
double p(const double* place) { return place[0] - 2 * place[1]; }

// 30 x 30 points over the domain and 100 beyond it.
void write_reference(const std::string& path, const std::vector<std::string>& fields) {
  PointTable table;
  table.names = {"t", "x"};
  table.names.insert(table.names.end(), fields.begin(), fields.end());
  table.columns.resize(table.names.size());
  for (int i = 0; i < 1000; ++i) {
    const bool outside = i % 10 == 9;
    const int inner = i - i / 10;
    const double place[] = {(inner / 30) / 29.0, outside ? 1.5 : -1 + 2 * (inner % 30) / 29.0};
    table.columns[0].push_back(place[0]);
    table.columns[1].push_back(place[1]);
    for (std::size_t f = 0; f < fields.size(); ++f) table.columns[2 + f].push_back(fields[f] == "u" ? u(place) : p(place));
  }
  write_point_table(path, table);
}

TEST(Evaluate, TakesTheFilesPointsInsideTheDomainOnAnyNumberOfRanks) {
  Communicator& world = test::world();
  const SharedFolder folder;
  world.agree("test", [&] { if (world.root()) write_reference(folder.file("ref.h5"), {"u", "p"}); });
  Problem problem = sample_problem();
  problem.reference_file = folder.file("ref.h5");
  problem.free_constant = {1};
  const ReferenceSet reference(world, problem);
  EXPECT_EQ(reference.points(), 900);

  // u is off by 1 % everywhere, p by a constant that does not count and by 0.001 (x grows to 1).
  FunctionEngine engine({[](const double* place) { return 1.01 * u(place); },
                         [](const double* place) { return p(place) + 7 + 0.001 * place[1]; }});
  const auto errors = reference.errors(world, engine, nullptr);
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].field, "u");
  // 900 addends of one sign, each rounded thrice; the difference of two numbers near 1 is known to epsilon only.
  EXPECT_NEAR(errors[0].rel_l2, 0.01, 1000 * epsilon);
  EXPECT_NEAR(errors[0].max_abs, 0.01, 1e-4);   // sin(3x) nearly reaches 1 on the grid
  // |0.001 x|_2 / |t - 1/2 - 2 x|_2 with equal variances s of x and s/4 of t: 0.001 sqrt(s / (s/4 + 4 s)).
  EXPECT_NEAR(errors[1].rel_l2, 0.001 / std::sqrt(4.25), 1e6 * epsilon);   // the constant 7 takes away four digits
  EXPECT_NEAR(errors[1].max_abs, 0.001, 100 * epsilon);

  // R2, mean absolute error and root mean square, in plain loops.
  double sum = 0, absolute = 0, squares = 0;
  for (int i = 0; i < 900; ++i) {
    const double place[] = {(i / 30) / 29.0, -1 + 2 * (i % 30) / 29.0}, value = u(place);
    sum += value;
    absolute += std::abs(0.01 * value);
    squares += value * value;
  }
  const double spread = squares - sum * sum / 900;
  EXPECT_NEAR(errors[0].mae, absolute / 900, 1000 * epsilon);
  EXPECT_NEAR(errors[0].rmse, 0.01 * std::sqrt(squares / 900), 1000 * epsilon);
  EXPECT_NEAR(1 - errors[0].r2, 1e-4 * squares / spread, 1000 * epsilon);
  EXPECT_NEAR(1 - errors[1].r2, errors[1].rel_l2 * errors[1].rel_l2, 1000 * epsilon);   // both without their means
}

TEST(Evaluate, ExactSolutionIsComparedOnTheWholeDomain) {
  Communicator& world = test::world();
  Problem problem = sample_problem();
  ExpressionGraph& graph = problem.graph;
  problem.exact = {
      {1, graph.make(Op::add, graph.coordinate(0), graph.make(Op::multiply, graph.constant(-2), graph.coordinate(1)))}};
  const ReferenceSet reference(world, problem);
  EXPECT_GE(reference.points(), 10000);
  double lowest[2] = {0, 0}, highest[2] = {0, 0};
  FunctionEngine engine({u, [&](const double* place) {
                           for (int d = 0; d < 2; ++d) {
                             lowest[d] = std::max(lowest[d], -place[d]);
                             highest[d] = std::max(highest[d], place[d]);
                           }
                           return p(place);
                         }});
  const auto errors = reference.errors(world, engine, nullptr);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].field, "p");
  EXPECT_LE(errors[0].max_abs, 4 * epsilon);
  world.max("test", lowest, 2);
  world.max("test", highest, 2);
  EXPECT_EQ(lowest[1], 1);
  EXPECT_EQ(highest[0], 1);
  EXPECT_EQ(highest[1], 1);
}

// An equation of u alone where the coordinate x is below a bound.
Term equation_of_u(Problem& problem, double bound) {
  ExpressionGraph& graph = problem.graph;
  Term term;
  term.name = "left";
  term.stated = term.residuals = {graph.field(0)};
  const NodeId left = graph.make(Op::less, graph.coordinate(1), graph.constant(bound));
  term.region = condition_region(graph, left, problem.lower, problem.upper, problem.symbols.coordinates);
  return term;
}

// Where u has no equation its network is far off, and its exact solution has no value.
TEST(Evaluate, AFieldOfARegionIsComparedThere) {
  Communicator& world = test::world();
  Problem problem = sample_problem();
  problem.terms = {equation_of_u(problem, 0)};
  ExpressionGraph& graph = problem.graph;
  problem.exact = {{0, graph.call("sqrt", graph.negate(graph.coordinate(1)))}, {1, graph.coordinate(0)}};
  FunctionEngine engine({[](const double* place) { return place[1] < 0 ? 1.01 * std::sqrt(-place[1]) + 7 : 99; },
                         [](const double* place) { return 0.98 * place[0]; }});
  problem.free_constant = {0};
  const ReferenceSet reference(world, problem);
  EXPECT_EQ(reference.points(), 10000);
  const auto errors = reference.errors(world, engine, nullptr);
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_NEAR(errors[0].rel_l2, 0.01, 1e-11);  // behind a mean of 7 with sums of thousands of numbers
  EXPECT_NEAR(errors[1].rel_l2, 0.02, 1000 * epsilon);
  EXPECT_EQ(reference.notes(), std::vector<std::string>{"u is compared where its equations hold, at 5000 of 10000 points"});
  const ReferenceFacts facts = reference.facts(world);
  EXPECT_NEAR(facts.ranges[0].high, -facts.ranges[0].low, 4 * epsilon);
  EXPECT_NEAR(facts.ranges[0].high, 0.45, 0.05);  // half of 1 - sqrt(0.01)
}

TEST(Evaluate, AFileHasToHoldPointsOfTheRegion) {
  Communicator& world = test::world();
  const SharedFolder folder;
  world.agree("test", [&] {
    if (world.root()) write_reference(folder.file("ref.h5"), {"u", "p"});
  });
  Problem problem = sample_problem();
  problem.reference_file = folder.file("ref.h5");
  problem.terms = {equation_of_u(problem, 0)};
  FunctionEngine engine({[](const double* place) { return place[1] < 0 ? u(place) : 99; }, p});
  const auto errors = ReferenceSet(world, problem).errors(world, engine, nullptr);
  EXPECT_EQ(errors[0].max_abs, 0);
  EXPECT_EQ(errors[1].max_abs, 0);
  problem.exact = {{0, problem.graph.coordinate(0)}};
  problem.reference_file.clear();
  problem.terms[0].region.pieces[0].lower[1] = 0.001;  // between two points of the grid
  problem.terms[0].region.pieces[0].upper[1] = 0.002;
  testing::expect_error(Status::usage, {"none of its 10000 points lies where the equations of 'u' hold"},
                        [&] { ReferenceSet(world, problem); });
}

// A reference without size: the error is given against the largest of the other fields, and against 1 where there is none.
TEST(Evaluate, AFieldThatIsZeroEverywhereHasAnError) {
  Communicator& world = test::world();
  Problem problem = sample_problem();
  problem.exact = {{0, problem.graph.constant(0)}, {1, problem.graph.constant(-4)}};
  const ReferenceSet reference(world, problem);
  FunctionEngine engine({[](const double*) { return 0.02; }, [](const double*) { return -4.04; }});
  const auto errors = reference.errors(world, engine, nullptr);
  EXPECT_NEAR(errors[0].rel_l2, 0.02 / 4, 1e-13);   // sums of 10 000 equal numbers
  EXPECT_NEAR(errors[1].rel_l2, 0.01, 1e-13);
  EXPECT_TRUE(errors[0].absolute);
  EXPECT_FALSE(errors[1].absolute);
  EXPECT_EQ(
      reference.notes(),
      std::vector<std::string>{"the reference of u is 0 everywhere: its error is given against 4, the largest of the other "
                               "fields (root mean square)"});

  problem.free_constant = {1};   // without its mean p has no size either
  const ReferenceSet both(world, problem);
  const auto absolute = both.errors(world, engine, nullptr);
  EXPECT_NEAR(absolute[0].rel_l2, 0.02, 1e-13);
  EXPECT_NEAR(absolute[1].rel_l2, 0, 1e-12);
  EXPECT_EQ(both.notes().size(), 2u);
  EXPECT_EQ(both.notes()[1], "the reference of p is constant everywhere: its error is given against 1");
  EXPECT_EQ(both.size_notes(), both.notes()) << "no row was left out";
}

// A table in float32: 0.3 is stored as 0.30000001, 0.7 as 0.69999999.
TEST(Evaluate, RoundingTakesNoRowOutOfTheDomain) {
  Communicator& world = test::world();
  const SharedFolder folder;
  const auto rounded = [](double value) { return static_cast<double>(static_cast<float>(value)); };
  world.agree("test", [&] {
    if (!world.root()) return;
    const hsize_t rows = 4;
    const std::vector<float> t{0.7f, 0.1f, 0.7f, 0.2f}, x{0.3f, 0.3f, 0.1f, 0.31f}, values(4, 1.0f);
    const hid_t file = H5Fcreate(folder.file("ref.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, &rows, nullptr);
    for (const auto& [name, column] : {std::pair{"t", t}, {"x", x}, {"u", values}}) {
      const hid_t data = H5Dcreate2(file, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, column.data());
      H5Dclose(data);
    }
    H5Sclose(space);
    H5Fclose(file);
  });
  Problem problem = sample_problem();
  problem.upper = {0.7, 0.3};
  ASSERT_GT(rounded(0.3), 0.3);
  problem.reference_file = folder.file("ref.h5");
  const ReferenceSet reference(world, problem);
  EXPECT_EQ(reference.points(), 3);
  EXPECT_EQ(reference.left_out(), 1);
  EXPECT_EQ(reference.rows(), 4);
  ASSERT_EQ(reference.notes().size(), 1u);
  EXPECT_NE(reference.notes()[0].find("ref.h5: 1 of its 4 rows lie outside the domain and are left out"), std::string::npos);
  EXPECT_TRUE(reference.size_notes().empty());
  FunctionEngine engine(
      {[](const double* place) { return place[1] <= 0.3 ? 1.0 : 9.0; }, p});  // on the border, not beyond it
  EXPECT_EQ(reference.errors(world, engine, nullptr)[0].rel_l2, 0);
}

TEST(Evaluate, MemoryIsThatOfAPiece) {
  Communicator& world = test::world();
  Problem problem = sample_problem();
  problem.symbols.coordinates = {"a", "b", "c", "d"};
  problem.lower = {0, 0, 0, 0};
  problem.upper = {1, 1, 1, 1};
  problem.exact = {{0, problem.graph.coordinate(3)}};
  const ReferenceSet reference(world, problem);
  FunctionEngine engine({[](const double* place) { return place[3]; }, p});
  EXPECT_EQ(reference.errors(world, engine, nullptr)[0].rel_l2, 0);
  EXPECT_LE(engine.most_points, 8192);
}

TEST(Evaluate, NotANumberIsNotHidden) {
  Communicator& world = test::world();
  Problem problem = sample_problem();
  problem.exact = {{0, problem.graph.coordinate(1)}};
  const ReferenceSet reference(world, problem);
  FunctionEngine engine({[](const double* place) { return place[0] == 0 ? NAN : place[1]; }, p});
  const auto errors = reference.errors(world, engine, nullptr);
  EXPECT_TRUE(std::isnan(errors[0].rel_l2));
  EXPECT_TRUE(std::isnan(errors[0].max_abs));
}

TEST(Evaluate, UnusableReferencesAreUsageErrorsOnEveryRank) {
  Communicator& world = test::world();
  const SharedFolder folder;
  world.agree("test", [&] {
    if (!world.root()) return;
    write_reference(folder.file("u.h5"), {"u"});
    write_reference(folder.file("none.h5"), {});
  });
  Problem problem = sample_problem();
  const auto refuse = [&](const std::string& file, const std::vector<std::string>& words) {
    problem.reference_file = folder.file(file);
    testing::expect_error(Status::usage, words, [&] { ReferenceSet(world, problem); });
  };
  const std::vector<std::string> anywhere{};
  refuse("lacking.h5", anywhere);
  refuse("none.h5", anywhere);
  problem.lower[0] = 5;
  problem.upper[0] = 6;
  refuse("u.h5", {"none of its points lies inside the domain"});
}

TEST(Evaluate, WithoutReferenceThereIsNothing) {
  const ReferenceSet reference(test::world(), sample_problem());
  FunctionEngine engine({u, p});
  EXPECT_TRUE(reference.empty());
  EXPECT_TRUE(reference.errors(test::world(), engine, nullptr).empty());
}

TEST(Evaluate, JsonHasErrorsPerField) {
  Communicator& world = test::world();
  const SharedFolder folder;
  Problem problem = sample_problem();
  problem.exact = {{0, problem.graph.coordinate(1)}};
  const ReferenceSet reference(world, problem);
  if (!world.root()) return;
  write_evaluation(folder.file("evaluation.json"), {{"u", 0.5, NAN}}, reference, {{"piv", "u", 18, 0.75, 0.5, NAN}},
                   "run/network.h5", 7, nlohmann::ordered_json::object({{"physics", 1}}));
  const auto document = nlohmann::json::parse(read_text_file(folder.file("evaluation.json")));
  EXPECT_EQ(document["error"]["u"]["rel_l2"].get<double>(), 0.5);
  EXPECT_TRUE(document["error"]["u"]["max_abs"].is_null());
  EXPECT_TRUE(document["error"]["u"]["r2"].is_null());   // not known
  EXPECT_EQ(document["held_out"]["piv"]["u"],
            nlohmann::json({{"rows", 18}, {"r2", 0.75}, {"mae", 0.5}, {"rmse", nullptr}}));
  EXPECT_EQ(document["parameters"].get<std::string>(), "run/network.h5");
  EXPECT_EQ(document["step"].get<int>(), 7);
  EXPECT_EQ(document["physics"].get<int>(), 1);
  EXPECT_EQ(document["points"].get<std::int64_t>(), reference.points());
}

// The samples with a parameter k in [1, 3] behind the coordinates.
Problem with_parameter() {
  Problem problem = sample_problem();
  problem.symbols.coordinates.push_back("k");
  problem.symbols.parameters = 1;
  problem.lower.push_back(1);
  problem.upper.push_back(3);
  return problem;
}

TEST(Evaluate, AnExactSolutionIsTakenAtTheValueOfAParameter) {
  Communicator& world = test::world();
  Problem problem = with_parameter();
  problem.exact = {{0, problem.graph.coordinate(2)}};
  const ReferenceSet all(world, problem), at(world, problem, "k=2");
  EXPECT_EQ(all.points(), 22 * 22 * 22);
  EXPECT_EQ(at.points(), 100 * 100);
  // u is k there: right at 2, and off by at most 1 elsewhere.
  FunctionEngine two({[](const double*) { return 2.0; }, p});
  EXPECT_EQ(at.errors(world, two, nullptr)[0].max_abs, 0);
  EXPECT_EQ(all.errors(world, two, nullptr)[0].max_abs, 1);
  double lowest = 0, highest = 0;
  FunctionEngine seen({[&](const double* place) {
                         lowest = std::max(lowest, -place[1]);
                         highest = std::max(highest, place[0]);
                         return place[2];
                       },
                       p});
  EXPECT_EQ(at.errors(world, seen, nullptr)[0].max_abs, 0);
  world.max("test", &lowest, 1);
  world.max("test", &highest, 1);
  EXPECT_EQ(lowest, 1);
  EXPECT_EQ(highest, 1);
  EXPECT_EQ(at.notes(), std::vector<std::string>{"the errors are those at k = 2"});
  testing::expect_error(Status::usage, {"--at k=4", "was trained for k from 1 to 3"},
                        [&] { ReferenceSet(world, problem, "k=4"); });
}

TEST(Evaluate, OfAFileTheRowsWithTheValueOfAParameterCount) {
  Communicator& world = test::world();
  const SharedFolder folder;
  world.agree("test", [&] {
    if (!world.root()) return;
    write_point_table(folder.file("with.h5"),
                      {{"t", "x", "k", "u"}, {{0, 0, 1, 0.5}, {-1, 0, 1, 0}, {1, 2, 2, 3}, {1, 2, 2, 3}}});
    write_point_table(folder.file("without.h5"), {{"t", "x", "u"}, {{0, 0, 1}, {-1, 0, 1}, {2, 2, 2}}});
  });
  Problem problem = with_parameter();
  FunctionEngine k({[](const double* place) { return place[2]; }, p});
  problem.reference_file = folder.file("with.h5");
  EXPECT_EQ(ReferenceSet(world, problem).points(), 4);
  const ReferenceSet two(world, problem, "k=2");
  EXPECT_EQ(two.points(), 2);
  EXPECT_EQ(two.left_out(), 0) << "rows of other values are no loss";
  EXPECT_EQ(two.errors(world, k, nullptr)[0].max_abs, 0);
  testing::expect_error(Status::usage, {"with.h5", "none of its rows has k = 1.5"},
                        [&] { ReferenceSet(world, problem, "k=1.5"); });

  problem.reference_file = folder.file("without.h5");
  std::vector<std::string> words;  // of an error that all ranks agree on, rank 0 has them
  if (world.root()) words = {"without.h5", "no column for the parameter 'k'", "--at k=VALUE"};
  testing::expect_error(Status::usage, words, [&] { ReferenceSet(world, problem); });
  const ReferenceSet held(world, problem, "k=2");
  EXPECT_EQ(held.points(), 3);
  EXPECT_EQ(held.errors(world, k, nullptr)[0].max_abs, 0);
}

}  // namespace
}  // namespace jetpinn
