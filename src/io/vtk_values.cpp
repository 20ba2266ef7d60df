#include "jetpinn/io/vtk_values.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/vtk_bytes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace jetpinn {
namespace {

static_assert(std::numeric_limits<double>::is_iec559 && std::endian::native == std::endian::little);

constexpr const char* zlib_compressor = "vtkZLibDataCompressor";
constexpr std::string_view number_blanks = " \t\r\n";

struct NumberType {
  std::string_view name;
  std::size_t bytes;
  double (*read)(const char*);
};

template <class T>
double read_as(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

template <class T>
constexpr NumberType type_row(std::string_view name) {
  return {name, sizeof(T), read_as<T>};
}

constexpr std::array<NumberType, 10> number_types{type_row<double>("Float64"),       type_row<float>("Float32"),
                                                  type_row<std::int64_t>("Int64"),   type_row<std::int32_t>("Int32"),
                                                  type_row<std::int16_t>("Int16"),   type_row<std::int8_t>("Int8"),
                                                  type_row<std::uint64_t>("UInt64"), type_row<std::uint32_t>("UInt32"),
                                                  type_row<std::uint16_t>("UInt16"), type_row<std::uint8_t>("UInt8")};

class ValueReader {
 public:
  ValueReader(const VtkPoints& file, const VtkArray& array, std::int64_t tuples, const std::string& path)
      : file_(file),
        array_(array),
        path_(path),
        count_(static_cast<std::uint64_t>(tuples) * static_cast<std::uint64_t>(array.components)) {}

  std::vector<double> read() const {
    const auto type = std::find_if(number_types.begin(), number_types.end(),
                                   [&](const NumberType& row) { return row.name == array_.type; });
    if (type == number_types.end())
      fail(fmt::format("its type is '{}', and numbers are Float32, Float64, or integers", array_.type.substr(0, 40)),
           "write it as Float64");
    return array_.format == VtkArray::Format::ascii ? read_ascii() : read_binary(*type);
  }

 private:
  std::vector<double> read_ascii() const {
    std::string_view text = array_.text;
    if (count_ > text.size() / 2 + 1)  // a digit and a blank each
      fail(fmt::format("it has {} characters, and its points take {} numbers", text.size(), count_));
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(count_));
    for (;;) {
      text.remove_prefix(std::min(text.find_first_not_of(number_blanks), text.size()));
      if (text.empty()) break;
      const std::string_view word = text.substr(0, std::min(text.find_first_of(number_blanks), text.size()));
      if (values.size() == count_) fail(fmt::format("it has more than {} numbers", count_));
      values.push_back(number_in(word));
      text.remove_prefix(word.size());
    }
    if (values.size() != count_) fail(fmt::format("it has {} numbers, and its points take {}", values.size(), count_));
    return values;
  }

  double number_in(std::string_view word) const {
    std::string_view digits = word;
    if (digits.size() > 1 && digits[0] == '+') digits.remove_prefix(1);
    double value = 0;
    const auto [end, trouble] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end != digits.data() + digits.size() || trouble == std::errc::invalid_argument)
      fail(fmt::format("'{}' is no number", word.substr(0, 40)));
    return trouble == std::errc() ? value : std::strtod(std::string(digits).c_str(), nullptr);
  }

  std::vector<double> read_binary(const NumberType& type) const {
    const bool compressed = !file_.compressor.empty();
    if (compressed && file_.compressor != zlib_compressor)
      fail(fmt::format("it is compressed by '{}'", file_.compressor.substr(0, 40)),
           "write the file with ZLib or without compression (in ParaView: File, Save Data, Compressor Type)");
    std::string reason;
    const std::vector<char> bytes = vtk_array_bytes(source(), file_.wide, compressed, count_ * type.bytes, reason);
    if (!reason.empty()) fail(reason);
    std::vector<double> values(static_cast<std::size_t>(count_));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = type.read(bytes.data() + i * type.bytes);
    return values;
  }

  VtkBytes source() const {
    if (array_.format == VtkArray::Format::binary) return {array_.text, true};
    const auto offset = static_cast<std::uint64_t>(array_.offset);
    if (offset >= file_.appended.size())
      fail(fmt::format("its offset is {}, and <AppendedData> has {} bytes", offset, file_.appended.size()));
    return {file_.appended.substr(static_cast<std::size_t>(offset)), !file_.appended_raw};
  }

  [[noreturn]] void fail(const std::string& reason, const std::string& mend = "write the file again") const {
    throw Error(Status::usage,
                fmt::format("{}, line {}, array '{}': {}; {}", path_, array_.line, array_.name.substr(0, 80), reason, mend));
  }

  const VtkPoints& file_;
  const VtkArray& array_;
  const std::string& path_;
  std::uint64_t count_;  // below 2^48 · 100
};

}  // namespace

std::vector<double> vtk_values(const VtkPoints& file, const VtkArray& array, std::int64_t tuples, const std::string& path) {
  return ValueReader(file, array, tuples, path).read();
}

}  // namespace jetpinn
