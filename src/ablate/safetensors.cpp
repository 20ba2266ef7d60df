#include "jetpinn/ablate/safetensors.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace jetpinn {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw Error(Status::usage, path + ": " + reason + "; copy or write it again");
}

std::int64_t bytes_of(const std::string& type) {
  if (type == "F64" || type == "I64" || type == "U64") return 8;
  if (type == "F32" || type == "I32" || type == "U32") return 4;
  return type == "F16" || type == "BF16" || type == "I16" || type == "U16" ? 2 : 1;
}

float from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16, exponent = (half >> 10) & 0x1fu, fraction = half & 0x3ffu;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent == 0) {
    const float small = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -small : small;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

SafeTensor tensor_of(const std::string& path, const std::string& name, const nlohmann::json& entry, std::int64_t data,
                     std::int64_t file) {
  SafeTensor tensor;
  tensor.name = name;
  try {
    tensor.type = entry.at("dtype").get<std::string>();
    tensor.shape = entry.at("shape").get<std::vector<std::int64_t>>();
    const auto places = entry.at("data_offsets").get<std::array<std::int64_t, 2>>();
    if (places[0] < 0 || places[1] < places[0] || places[1] > file - data)
      refuse(path,
             "the tensor '" + name + "' reaches beyond the end of the file, which is truncated or no safetensors file");
    tensor.begin = data + places[0];
    tensor.end = data + places[1];
  } catch (const nlohmann::json::exception&) {
    refuse(path, "the entry of the tensor '" + name + "' is damaged");
  }
  std::int64_t bytes = bytes_of(tensor.type);
  for (const std::int64_t extent : tensor.shape) {
    if (extent < 0 || (extent > 0 && bytes > file / extent))
      refuse(path, fmt::format("the tensor '{}' claims the shape [{}], more than the file holds", name,
                               fmt::join(tensor.shape, ", ")));
    bytes *= extent;
  }
  if (bytes != tensor.end - tensor.begin)
    refuse(path, fmt::format("the tensor '{}' of {} [{}] has {} bytes", name, tensor.type, fmt::join(tensor.shape, ", "),
                             tensor.end - tensor.begin));
  return tensor;
}

}  // namespace

SafeTensorFile::SafeTensorFile(const std::string& path) : path_(path) {
  std::error_code trouble;
  if (!std::filesystem::is_regular_file(path, trouble))
    throw Error(Status::usage, "there is no file " + path + "; check the path");
  const auto file = static_cast<std::int64_t>(std::filesystem::file_size(path, trouble));
  std::ifstream in(path, std::ios::binary);
  std::uint64_t length = 0;
  constexpr std::int64_t most = 100 << 20;  // as the format's own reader has it
  in.read(reinterpret_cast<char*>(&length), sizeof length);
  if (!in || length < 2 || length > static_cast<std::uint64_t>(std::min(most, file - 8)))
    refuse(path, "it is no safetensors file, or truncated");
  std::string header(static_cast<std::size_t>(length), '\0');
  in.read(header.data(), static_cast<std::streamsize>(length));
  const nlohmann::json json = nlohmann::json::parse(header, nullptr, false);
  if (!in || !json.is_object()) refuse(path, "its header is no JSON object");
  for (const auto& [name, entry] : json.items())
    if (name != "__metadata__")
      tensors_.push_back(tensor_of(path, name, entry, 8 + static_cast<std::int64_t>(length), file));
}

const SafeTensor* SafeTensorFile::find(const std::string& name) const {
  for (const SafeTensor& tensor : tensors_)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

std::vector<float> SafeTensorFile::read(const SafeTensor& tensor) const {
  if (tensor.type != "F64" && tensor.type != "F32" && tensor.type != "F16" && tensor.type != "BF16")
    throw Error(Status::usage,
                path_ + ": the tensor '" + tensor.name + "' holds " + tensor.type +
                    ", and F64, F32, F16 and BF16 are read; store it as one of these, or pick others with --match");
  const auto bytes = static_cast<std::size_t>(tensor.end - tensor.begin);
  std::vector<char> raw(bytes);
  std::ifstream in(path_, std::ios::binary);
  in.seekg(tensor.begin);
  in.read(raw.data(), static_cast<std::streamsize>(bytes));
  if (!in) refuse(path_, "the tensor '" + tensor.name + "' cannot be read");
  std::vector<float> numbers(bytes / static_cast<std::size_t>(bytes_of(tensor.type)));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (tensor.type == "F32") {
      std::memcpy(&numbers[i], raw.data() + 4 * i, 4);
    } else if (tensor.type == "F64") {
      double wide = 0;
      std::memcpy(&wide, raw.data() + 8 * i, 8);
      numbers[i] = static_cast<float>(wide);
    } else {
      std::uint16_t half = 0;
      std::memcpy(&half, raw.data() + 2 * i, 2);
      numbers[i] = tensor.type == "F16" ? from_half(half) : std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16);
    }
  }
  return numbers;
}

}  // namespace jetpinn
