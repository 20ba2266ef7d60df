#include "jetpinn/infer/network_file.hpp"

#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/network/pattern_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

struct NetworkSample {
  Problem problem;
  Network network;
  std::vector<double> parameters;

  NetworkSample() {
    ExpressionGraph& graph = problem.graph;
    problem.symbols.coordinates = {"t", "x"};
    problem.symbols.fields = {"u", "v"};
    problem.symbols.constants = {{"k", 0.1}};
    problem.lower = {0, -1};
    problem.upper = {1, 1};
    const NodeId x = graph.coordinate(1), sine = graph.call("sin", graph.field(1));
    problem.outputs = {graph.field(0), graph.make(Op::add, sine, graph.make(Op::multiply, x, sine))};
    NetworkOptions options;
    options.hidden = {3};
    options.periodic = {"x"};
    network = make_network(options, problem.symbols.coordinates, 2, problem.lower, problem.upper);
    parameters.resize(static_cast<std::size_t>(network.parameters));
    std::iota(parameters.begin(), parameters.end(), 0.5);
  }
  void write(const std::string& path) const { write_network_file(path, problem, network, parameters.data(), 12); }
};

std::vector<std::string> read_texts(const std::string& path, const char* dataset) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, dataset, H5P_DEFAULT);
  const hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  std::vector<char*> raw(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data());
  std::vector<std::string> texts(raw.begin(), raw.end());
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw.data());
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
  return texts;
}

TEST(NetworkFile, ParametersComeBack) {
  const TemporaryFolder folder;
  const NetworkSample sample;
  sample.write(folder.file("network.h5"));
  EXPECT_EQ(load_parameters(folder.file("network.h5"), sample.network.parameters), sample.parameters);
  EXPECT_EQ(steps_of_network(folder.file("network.h5")), 12);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"network.h5"});
}

TEST(NetworkFile, LayersHaveTheirShapes) {
  const TemporaryFolder folder;
  NetworkSample().write(folder.file("network.h5"));
  const hdf5::InputFile file(folder.file("network.h5"));
  EXPECT_EQ(file.shape("layers/0/weight"), (std::vector<std::int64_t>{3, 3}));   // t, cos x, sin x
  EXPECT_EQ(file.shape("layers/1/weight"), (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(file.shape("layers/1/bias"), (std::vector<std::int64_t>{2}));
  double first = 0;
  file.read_rows("layers/1/bias", 0, 1, &first);
  EXPECT_EQ(first, 18.5);   // after 3 x 3 + 3 + 3 x 2 parameters
}

TEST(NetworkFile, TransformsAreAProgramWithEveryStepAfterItsOperands) {
  const TemporaryFolder folder;
  NetworkSample().write(folder.file("network.h5"));
  const auto program = read_texts(folder.file("network.h5"), "output/program");
  ASSERT_EQ(program.size(), 6u) << "two fields, x, sin(v) once, x*sin(v), the sum";
  for (std::size_t line = 0; line < program.size(); ++line)
    if (const bool sum = program[line].rfind("add ", 0) == 0; sum || program[line].rfind("multiply ", 0) == 0) {
      std::size_t end = 0;
      const std::string operands = program[line].substr(sum ? 4 : 9);
      EXPECT_LT(std::stoul(operands, &end), line);
      EXPECT_LT(std::stoul(operands.substr(end)), line);
    }
  EXPECT_NE(std::find(program.begin(), program.end(), "coordinate 1"), program.end());
}

std::vector<std::int64_t> read_numbers(const std::string& path, const char* dataset) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, dataset, H5P_DEFAULT);
  const hid_t space = H5Dget_space(set);
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  H5Dread(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
  return numbers;
}

TEST(NetworkFile, SeveralNetworksHaveTheirFeaturesLayersAndFields) {
  const TemporaryFolder folder;
  NetworkSample sample;
  NetworkOptions plain, deep;
  plain.hidden = {3};
  deep.hidden = {4, 5};
  deep.periodic = {"x"};
  sample.network = make_networks({{deep, "v", {1}}, {plain, "u", {0}}}, sample.problem.symbols.coordinates,
                                 sample.problem.lower, sample.problem.upper);
  sample.parameters.assign(static_cast<std::size_t>(sample.network.parameters), 0.25);
  const std::string path = folder.file("network.h5");
  sample.write(path);
  EXPECT_EQ(read_numbers(path, "networks/features"), (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(read_numbers(path, "networks/layers"), (std::vector<std::int64_t>{5, 3}));
  EXPECT_EQ(read_numbers(path, "networks/fields"), (std::vector<std::int64_t>{1, 0}));
  const hdf5::InputFile file(path);
  EXPECT_EQ(file.shape("layers/2/weight"), (std::vector<std::int64_t>{5, 1}));
  EXPECT_EQ(file.shape("layers/3/weight"), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(load_parameters(path, sample.network.parameters), sample.parameters);
}

// The parameters of another pattern with as many weights would go to other places.
TEST(NetworkFile, AnotherPatternIsFoundBitByBit) {
  const TemporaryFolder folder;
  const auto with_kept = [&](const std::vector<std::int64_t>& kept) {
    NetworkSample sample;
    NetworkOptions options;
    options.hidden = {4};
    options.pattern = folder.file("pattern.h5");
    write_patterns(options.pattern, {std::make_shared<const SparsePattern>(SparsePattern{2, 4, kept}),
                                     std::make_shared<const SparsePattern>(SparsePattern{4, 2, {1, 2, 3}})});
    sample.network =
        make_network(options, sample.problem.symbols.coordinates, 2, sample.problem.lower, sample.problem.upper);
    sample.parameters.assign(static_cast<std::size_t>(sample.network.parameters), 0.25);
    return sample;
  };
  const std::string path = folder.file("network.h5");
  const NetworkSample sample = with_kept({0, 3, 5});
  sample.write(path);
  require_patterns(path, sample.network);
  const NetworkSample other = with_kept({0, 3, 6});
  ASSERT_EQ(other.network.parameters, sample.network.parameters);
  expect_error(Status::usage, {path, "layers/0/kept", "other weights"}, [&] { require_patterns(path, other.network); });
  NetworkSample().write(path);  // of whole matrices
  expect_error(Status::usage, {path, "layers/0/kept"}, [&] { require_patterns(path, sample.network); });
  require_patterns(folder.file("none.h5"), NetworkSample().network);  // a network without patterns asks for nothing
}

TEST(NetworkFile, UnfitFilesAreUsageErrors) {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.h5");
  NetworkSample sample;
  sample.write(path);
  expect_error(Status::usage, {path, "20 parameters", "has 7"}, [&] { load_parameters(path, 7); });
  expect_error(Status::usage, {"no such file"}, [&] { load_parameters(folder.file("none.h5"), 7); });
  sample.parameters[5] = std::numeric_limits<double>::quiet_NaN();
  sample.write(path);
  expect_error(Status::usage, {"not finite"}, [&] { load_parameters(path, 20); });
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  expect_error(Status::usage, {path}, [&] { load_parameters(path, 20); });
  expect_error(Status::storage, {"/nowhere/network.h5"}, [&] { sample.write("/nowhere/network.h5"); });
  hdf5::OutputFile bare(path);
  bare.write("parameters", {20}, std::vector<double>(20).data());
  bare.commit();
  expect_error(Status::usage, {path, "no attribute 'format'", "put back the network.h5"},
               [&] { load_parameters(path, 20); });
  hdf5::OutputFile later(path);
  later.attribute("/", "format", "jetpinn network 9");
  later.attribute("/", "version", "7.0");
  later.write("parameters", {20}, sample.parameters.data());
  later.commit();
  expect_error(Status::usage, {path, "'jetpinn network 9'", "the version that wrote it (7.0)"},
               [&] { load_parameters(path, 20); });
}

}  // namespace
}  // namespace jetpinn
