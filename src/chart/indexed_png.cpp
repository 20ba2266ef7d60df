#include "jetpinn/chart/indexed_png.hpp"

#include <algorithm>

// PNG specification (W3C 2003); its compressed data as stored blocks of deflate (RFC 1951) inside zlib's format (RFC 1950).
namespace jetpinn {
namespace {

void put(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
}

std::uint32_t crc(const std::string& bytes) {
  std::uint32_t sum = 0xffffffffu;
  for (const char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
  }
  return ~sum;
}

std::uint32_t adler(const std::string& bytes) {
  std::uint32_t a = 1, b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

std::string chunk(const std::string& type, const std::string& data) {
  std::string out;
  put(out, static_cast<std::uint32_t>(data.size()));
  out += type + data;
  put(out, crc(type + data));
  return out;
}

std::string stored(const std::string& bytes) {
  constexpr std::size_t longest = 65535;
  std::string out = "\x78\x01";
  for (std::size_t first = 0; first < bytes.size(); first += longest) {
    const std::size_t length = std::min(longest, bytes.size() - first);
    out += static_cast<char>(first + length == bytes.size());
    for (const std::size_t word : {length, ~length})
      out += static_cast<char>(word & 255), out += static_cast<char>(word >> 8 & 255);
    out.append(bytes, first, length);
  }
  put(out, adler(bytes));
  return out;
}

}  // namespace

std::string indexed_png(ColourMap map, int columns, int rows, const std::vector<std::uint8_t>& levels) {
  std::string header, palette, rows_of_bytes;
  put(header, static_cast<std::uint32_t>(columns));
  put(header, static_cast<std::uint32_t>(rows));
  header += std::string("\x08\x03\0\0\0", 5);   // 8 bits that index a palette
  for (const auto& colour : map_palette(map))
    for (const std::uint8_t channel : colour) palette += static_cast<char>(channel);
  palette += std::string(3, '\xff');
  for (int row = 0; row < rows; ++row) {
    rows_of_bytes += '\0';   // no filter
    for (int column = 0; column < columns; ++column)
      rows_of_bytes += static_cast<char>(
          levels[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column)]);
  }
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("PLTE", palette) +
         chunk("tRNS", std::string(map_levels, '\xff') + '\0') + chunk("IDAT", stored(rows_of_bytes)) + chunk("IEND", "");
}

}  // namespace jetpinn
