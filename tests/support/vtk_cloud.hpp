// Files of points for VTK in every way that VTK writes them, made by plain loops.
#pragma once

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn::testing {

struct VtkStyle {
  std::string format = "ascii";  // or "binary", "appended"
  std::string encoding = "raw";  // of appended, or "base64"
  bool wide = true, zlib = false, single = false;
  bool apart = false;  // base64 of a header by itself, as some writers have it
  std::string kind = "UnstructuredGrid";
};

inline std::string base64_of(const std::string& bytes) {
  const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= bytes.size() - i ? digits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

class VtkCloud {
 public:
  struct Array {
    std::string name;
    int components;
    std::vector<double> values;
  };

  explicit VtkCloud(VtkStyle style) : style_(std::move(style)) {}

  std::string text(const std::vector<double>& places, const std::vector<Array>& arrays) {
    std::string body = fmt::format("  <{0}>\n    <Piece NumberOfPoints=\"{1}\" NumberOfCells=\"0\">\n      <PointData>\n",
                                   style_.kind, places.size() / 3);
    for (const Array& array : arrays) body += array_text(array);
    body += "      </PointData>\n      <Points>\n" + array_text({"Points", 3, places}) +
            "      </Points>\n      <Cells>\n      </Cells>\n    </Piece>\n";
    std::string text = fmt::format(
        "<?xml version=\"1.0\"?>\n<!-- by a test -->\n<VTKFile type=\"{}\" version=\"1.0\" byte_order=\"LittleEndian\" "
        "header_type=\"{}\"{}>\n{}  </{}>\n",
        style_.kind, style_.wide ? "UInt64" : "UInt32", style_.zlib ? " compressor=\"vtkZLibDataCompressor\"" : "", body,
        style_.kind);
    if (style_.format == "appended")
      text += fmt::format("  <AppendedData encoding=\"{}\">\n   _", style_.encoding) + appended_ + "\n  </AppendedData>\n";
    return text + "</VTKFile>\n";
  }

 private:
  std::string array_text(const Array& array) {
    std::string head = fmt::format("        <DataArray type=\"{}\" Name=\"{}\" NumberOfComponents=\"{}\" format=\"{}\"",
                                   style_.single ? "Float32" : "Float64", array.name, array.components, style_.format);
    if (style_.format == "appended") {
      head += fmt::format(" offset=\"{}\"/>\n", appended_.size());
      appended_ += coded(array.values, style_.encoding == "base64");
      return head;
    }
    std::string values;
    for (double value : array.values) values += fmt::format("{:.17g}\n", value);
    return head + ">\n" + (style_.format == "ascii" ? values : coded(array.values, true)) +
           "\n<InformationKey name=\"L2_NORM_RANGE\"><Value index=\"0\"> 1 </Value></InformationKey></DataArray>\n";
  }

  std::string number(std::uint64_t value) const {
    return {reinterpret_cast<const char*>(&value), style_.wide ? std::size_t{8} : std::size_t{4}};
  }

  std::string bytes_of(const std::vector<double>& values) const {
    std::string bytes;
    for (double value : values) {
      const auto narrow = static_cast<float>(value);
      bytes.append(style_.single ? reinterpret_cast<const char*>(&narrow) : reinterpret_cast<const char*>(&value),
                   style_.single ? sizeof narrow : sizeof value);
    }
    return bytes;
  }

  std::string coded(const std::vector<double>& values, bool base64) const {
    const std::string bytes = bytes_of(values);
    const auto encoded = [&](const std::string& part) { return base64 ? base64_of(part) : part; };
    if (!style_.zlib) {
      const std::string header = number(bytes.size());
      return style_.apart ? encoded(header) + encoded(bytes) : encoded(header + bytes);
    }
    constexpr std::size_t block = 1000;
    std::string lengths, blocks;
    for (std::size_t begin = 0; begin < bytes.size(); begin += block) {
      const std::string part = bytes.substr(begin, block);
      uLongf size = ::compressBound(static_cast<uLong>(part.size()));
      std::string packed(size, '\0');
      ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(part.data()),
                 static_cast<uLong>(part.size()));
      packed.resize(size);
      lengths += number(size);
      blocks += packed;
    }
    const std::size_t count = (bytes.size() + block - 1) / block;
    return encoded(number(count) + number(block) + number(bytes.size() % block) + lengths) + encoded(blocks);
  }

  VtkStyle style_;
  std::string appended_;
};

}  // namespace jetpinn::testing
