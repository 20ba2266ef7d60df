#include "jetpinn/ablate/weight_source.hpp"

#include "jetpinn/ablate/safetensors.hpp"
#include "jetpinn/ablate/weight_import.hpp"
#include "jetpinn/io/hdf5.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <utility>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

WeightLabels labels_of(std::vector<double> values, std::size_t classes) {
  return {std::move(values), std::vector<std::string>(classes, "class")};
}

TEST(WeightLabels, AreChecked) {
  const std::vector<double> sound{0, 1, 2, 0, 1, 2, 0, 1, 2, 0};
  check_labels(labels_of(sound, 3), "file");
  expect_error(Status::usage, {"file", "label of sample 2 is 2", "0 to 1"},
               [&] { check_labels(labels_of(sound, 2), "file"); });
  expect_error(Status::usage, {"sample 0 is -1"}, [] { check_labels(labels_of(std::vector<double>(10, -1), 3), "file"); });
  expect_error(Status::usage, {"all 10 samples have the label 1"},
               [] { check_labels(labels_of(std::vector<double>(10, 1), 3), "file"); });
  expect_error(Status::usage, {"it has 3 samples"}, [] { check_labels(labels_of({0, 1, 2}, 3), "file"); });
  expect_error(Status::usage, {"sample 9 is not finite"}, [&] {
    std::vector<double> values = sound;
    values[9] = NAN;
    check_labels(labels_of(values, 0), "file");
  });
}

TEST(WeightSource, NamesTheSampleAndTheLayerOfWhatIsNotFinite) {
  std::vector<float> data(3 * 4 * 5, 1.0F);
  check_finite(data, 7, 4, 5, "A", "file");
  data[(1 * 4 + 2) * 5 + 3] = NAN;
  expect_error(Status::usage, {"file", "'A'", "sample 8, layer 2", "NaN"},
               [&] { check_finite(data, 7, 4, 5, "A", "file"); });
  data[(1 * 4 + 2) * 5 + 3] = -std::numeric_limits<float>::infinity();
  expect_error(Status::usage, {"sample 8, layer 2", "infinite"}, [&] { check_finite(data, 7, 4, 5, "A", "file"); });
}

TEST(WeightSource, SizesByName) {
  EXPECT_EQ(named_size("1k"), 1000);
  EXPECT_EQ(named_size("100k"), 100000);
  EXPECT_EQ(named_size("2k"), 0);
  expect_error(Status::usage, {"cannot read 2k"}, [] { open_weights("2k"); });
}

// What a header says, and so many bytes of numbers.
std::string write_tensors(const TemporaryFolder& folder, const std::string& name, const std::string& header,
                          const std::string& data) {
  std::ofstream file(folder.file(name), std::ios::binary);
  const std::uint64_t length = header.size();
  file.write(reinterpret_cast<const char*>(&length), sizeof length);
  file << header << data;
  return folder.file(name);
}

template <class T>
std::string bytes_of(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

TEST(SafeTensors, ReadsItsTypes) {
  const TemporaryFolder folder;
  const std::string path = write_tensors(
      folder, "t.safetensors",
      R"({"__metadata__":{"a":"b"},"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},)"
      R"("b":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]},"d":{"dtype":"F64","shape":[1],"data_offsets":[12,20]},)"
      R"("i":{"dtype":"I32","shape":[1],"data_offsets":[20,24]}})",
      bytes_of<std::uint16_t>({0x3c00, 0xc100, 0x0001, 0x7c00}) + bytes_of<std::uint16_t>({0x3f80, 0xc040}) +
          bytes_of<double>({0.1}) + bytes_of<std::int32_t>({3}));
  const SafeTensorFile file(path);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(file.read(*file.find("h")), (std::vector<float>{1, -2.5, 0x1p-24F, infinity}));
  EXPECT_EQ(file.read(*file.find("b")), (std::vector<float>{1, -3}));
  EXPECT_EQ(file.read(*file.find("d")), (std::vector<float>{0.1F}));
  expect_error(Status::usage, {"'i' holds I32"}, [&] { file.read(*file.find("i")); });
}

TEST(SafeTensors, RefusesWhatIsDamaged) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& header, const std::string& data, const char* word) {
    const std::string path = write_tensors(folder, "t.safetensors", header, data);
    expect_error(Status::usage, {path, word}, [&] { SafeTensorFile{path}; });
  };
  refused(R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})", "123456789", "beyond the end");
  refused(R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,8]}})", "12345678", "has 8 bytes");
  refused(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})", "12345678",
          "more than the file holds");
  refused(R"({"a":{"dtype":"F32","shape":"x","data_offsets":[0,8]}})", "12345678", "damaged");
  refused(R"([1, 2])", "", "no JSON object");
  std::ofstream(folder.file("short")) << "abc";
  expect_error(Status::usage, {"truncated"}, [&] { SafeTensorFile{folder.file("short")}; });
}

// Two layers of LoRA factors, named so that 10 must come behind 2.
std::string write_pair(const TemporaryFolder& folder, const std::string& name, std::int64_t columns) {
  const auto entry = [&](const std::string& tensor, std::int64_t rows, std::int64_t wide, std::int64_t begin) {
    const std::string shape = "[" + std::to_string(rows) + "," + std::to_string(wide) + "]";
    return "\"" + tensor + R"(":{"dtype":"F32","shape":)" + shape + ",\"data_offsets\":[" + std::to_string(begin) + "," +
           std::to_string(begin + 4 * rows * wide) + "]}";
  };
  const std::int64_t a = 4 * columns, b = 4 * 3;
  std::vector<float> numbers(static_cast<std::size_t>(2 * (columns + 3)));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i + 1);
  return write_tensors(folder, name,
                       "{" + entry("m.10.lora_A.weight", 1, columns, 0) + "," + entry("m.10.lora_B.weight", 3, 1, a) + "," +
                           entry("m.2.lora_A.weight", 1, columns, a + b) + "," +
                           entry("m.2.lora_B.weight", 3, 1, 2 * a + b) + "}",
                       bytes_of(numbers));
}

TEST(WeightImport, TakesPairsInTheirOrder) {
  const TemporaryFolder folder;
  write_pair(folder, "x.safetensors", 2);
  std::ofstream(folder.file("list.csv")) << "path,label\nx.safetensors,cat\nx.safetensors,dog\n";
  const WeightFileContent content = import_weights(folder.file("list.csv"), "");
  EXPECT_EQ(content.labels.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(content.labels.values, (std::vector<double>{0, 1}));
  EXPECT_EQ(content.shape.layers, 2);
  EXPECT_EQ(content.shape.rank, 1);
  std::vector<float> a(4), b(6);
  content.make(1, a.data(), b.data(), nullptr);
  EXPECT_EQ(a, (std::vector<float>{6, 7, 1, 2}));
  EXPECT_EQ(b, (std::vector<float>{8, 9, 10, 3, 4, 5}));
  EXPECT_EQ(import_weights(folder.file("list.csv"), "m.2.").shape.layers, 1);
  std::ofstream(folder.file("marked.csv")) << "\xEF\xBB\xBFpath,label\nx.safetensors,cat\n";
  EXPECT_EQ(import_weights(folder.file("marked.csv"), "").shape.samples, 1);
}

TEST(WeightImport, SaysWhatDoesNotFit) {
  const TemporaryFolder folder;
  write_pair(folder, "x.safetensors", 2);
  write_pair(folder, "y.safetensors", 3);
  const auto refused = [&](const std::string& list, const std::vector<std::string>& words, const std::string& match = "") {
    std::ofstream(folder.file("list.csv")) << list;
    expect_error(Status::usage, words, [&] { import_weights(folder.file("list.csv"), match); });
  };
  refused("path,label\nx.safetensors,0\ny.safetensors,1\n",
          {"layers of unequal shapes", "x.safetensors", "3 x 2 of rank 1", "y.safetensors", "3 x 3 of rank 1", "--match"});
  refused("path,label\nz.safetensors,0\n", {"there is no file", "z.safetensors"});
  refused("x.safetensors,0\n", {"list.csv:1", "path,label"});
  refused("path,label\nx.safetensors,1\nx.safetensors,nan\n", {"label 'nan' of x.safetensors", "no number"});
  refused("path,label\nx.safetensors,cat\nx.safetensors,nan\n", {"label 'nan' of x.safetensors", "no number"});
  refused("path,label\nx.safetensors,1\nx.safetensors,1e400\n", {"label '1e400' of x.safetensors"});
  write_tensors(folder, "empty.safetensors", R"({"a":{"dtype":"F32","shape":[0,2],"data_offsets":[0,0]}})", "");
  refused("path,label\nempty.safetensors,0\n", {"empty.safetensors", "'a' is [0, 2], without a number"});
  refused("path,label\nx.safetensors\n", {"list.csv:2", "no comma"});
  refused("path,label\nx.safetensors,0\n", {"no matrix of it is taken", "--match nothing"}, "nothing");
  expect_error(Status::usage, {"cannot read the list"}, [] { import_weights("/nonexistent.csv", ""); });
  std::filesystem::create_symlink("/proc/self/mem", folder.file("broken.csv"));  // reading it is an error
  expect_error(Status::usage, {"cannot read the list", "broken.csv: Input/output error"},
               [&] { import_weights(folder.file("broken.csv"), ""); });
}

// Of three layers, of which the middle one is taken.
void write_network(const std::string& path, const char* format, const std::vector<std::int64_t>& shape) {
  hdf5::OutputFile file(path);
  if (format) file.attribute("/", "format", format);
  file.create_group("layers");
  const std::vector<double> numbers(4, 0.5);
  for (const char* layer : {"layers/0", "layers/1", "layers/2"}) {
    file.create_group(layer);
    file.write(std::string(layer) + "/weight", shape, numbers.data());
  }
  file.commit();
}

TEST(WeightImport, ARunsNetworkIsOfTheFormatThatIsRead) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.file("run"));
  std::ofstream(folder.file("list.csv")) << "path,label\nrun,0\n";
  const auto import = [&] { return import_weights(folder.file("list.csv"), ""); };
  const std::string network = folder.file("run/network.h5");
  write_network(network, "jetpinn network 1", {2, 2});
  EXPECT_EQ(import().shape.rows, 2);
  write_network(network, nullptr, {2, 2});
  expect_error(Status::usage, {network, "no attribute 'format'"}, import);
  write_network(network, "jetpinn network 9", {2, 2});
  expect_error(Status::usage, {network, "'jetpinn network 9'"}, import);
  write_network(network, "jetpinn network 1", {4});  // as that of a sparse matrix
  expect_error(Status::usage, {folder.file("run"), "'layers/1/weight' is no matrix of all its weights"}, import);
}

}  // namespace
}  // namespace jetpinn
