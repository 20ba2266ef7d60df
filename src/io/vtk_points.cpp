#include "jetpinn/io/vtk_points.hpp"

#include "jetpinn/base/utf8.hpp"
#include "jetpinn/io/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace jetpinn {
namespace {

constexpr std::int64_t most_vtk_points = std::int64_t{1} << 48, most_components = 100;
constexpr std::size_t most_pieces = 100'000, most_arrays = 1000;  // of a file, of a piece
constexpr const char* write_points_again = "write the file again";
constexpr const char* other_file = "write it as .vtu or .vtp (in ParaView: File, Save Data)";

std::string shown_value(const std::string& value) { return shortened(value, 40); }

class VtkDocument {
 public:
  VtkDocument(std::string_view bytes, const std::string& path) : xml_(bytes, path) {}

  VtkPoints read() {
    XmlToken root = xml_.next();
    if (!root.opens("VTKFile")) xml_.fail(root.line, "it is no VTK XML file: it does not begin with <VTKFile>", other_file);
    read_root(root);
    for (XmlToken token = xml_.next(); token.kind != XmlToken::Kind::close; token = xml_.next()) {
      if (token.opens(kind_)) {
        read_pieces();
      } else if (token.opens("AppendedData")) {
        read_appended(token);
        require_points(root);
        return std::move(points_);
      } else {
        skip(token);
      }
    }
    if (xml_.next().kind != XmlToken::Kind::end) xml_.fail(root.line, "elements follow </VTKFile>", write_points_again);
    require_points(root);
    return std::move(points_);
  }

 private:
  void read_root(const XmlToken& root) {
    kind_ = text_of(root, "type", "");
    if (kind_ != "UnstructuredGrid" && kind_ != "PolyData")
      xml_.fail(root.line,
                fmt::format("it holds '{}', and points are read of an UnstructuredGrid or PolyData", shown_value(kind_)),
                other_file);
    if (text_of(root, "byte_order", "LittleEndian") != "LittleEndian")
      xml_.fail(root.line, "its bytes are in the order of other machines (byte_order is not LittleEndian)",
                "open it in ParaView here and save it again, which turns them round");
    const std::string header = text_of(root, "header_type", "UInt32");
    points_.wide = header == "UInt64";
    if (!points_.wide && header != "UInt32")
      xml_.fail(root.line, fmt::format("header_type is '{}', and lengths are UInt32 or UInt64", shown_value(header)),
                write_points_again);
    points_.compressor = text_of(root, "compressor", "");
  }

  void read_pieces() {
    for (XmlToken token = xml_.next(); token.kind != XmlToken::Kind::close; token = xml_.next()) {
      if (!token.opens("Piece")) {
        skip(token);
        continue;
      }
      if (points_.pieces.size() == most_pieces) xml_.fail(token.line, "it has too many pieces", "write one piece");
      read_piece(token);
    }
  }

  void read_piece(const XmlToken& tag) {
    VtkPiece piece;
    piece.points = count_of(tag, "NumberOfPoints", 0, most_vtk_points);
    bool placed = false;
    for (XmlToken token = xml_.next(); token.kind != XmlToken::Kind::close; token = xml_.next()) {
      if (token.opens("PointData")) {
        piece.normals = text_of(token, "Normals", "");
        piece.arrays = read_arrays();
      } else if (token.opens("Points")) {
        std::vector<VtkArray> places = read_arrays();
        if (places.size() != 1 || places[0].components != 3)
          xml_.fail(token.line, "<Points> is one array of three components", write_points_again);
        piece.places = std::move(places[0]);
        placed = true;
      } else {
        skip(token);
      }
    }
    if (piece.points == 0) return;  // which has no <Points> in some files
    if (!placed) xml_.fail(tag.line, "this piece has no <Points>", write_points_again);
    points_.pieces.push_back(std::move(piece));
  }

  std::vector<VtkArray> read_arrays() {
    std::vector<VtkArray> arrays;
    for (XmlToken token = xml_.next(); token.kind != XmlToken::Kind::close; token = xml_.next()) {
      if (!token.opens("DataArray")) {  // an Array is one of texts
        skip(token);
        continue;
      }
      if (arrays.size() == most_arrays) xml_.fail(token.line, "it has too many arrays", "leave out those that are not used");
      arrays.push_back(read_array(token));
    }
    return arrays;
  }

  VtkArray read_array(const XmlToken& tag) {
    VtkArray array;
    array.line = tag.line;
    array.name = text_of(tag, "Name", "");
    array.type = text_of(tag, "type", "");
    if (tag.find("NumberOfComponents")) array.components = count_of(tag, "NumberOfComponents", 1, most_components);
    const std::string format = text_of(tag, "format", "ascii");
    if (format == "appended") {
      array.format = VtkArray::Format::appended;
      array.offset = count_of(tag, "offset", 0, INT64_MAX);
    } else if (format == "binary") {
      array.format = VtkArray::Format::binary;
    } else if (format != "ascii") {
      xml_.fail(tag.line,
                fmt::format("the array '{}' has the format '{}'; there is ascii, binary, appended", shown_value(array.name),
                            shown_value(format)),
                write_points_again);
    }
    for (XmlToken token = xml_.next(); token.kind != XmlToken::Kind::close; token = xml_.next()) {
      if (token.kind != XmlToken::Kind::text) {
        skip(token);  // InformationKey
        continue;
      }
      if (!array.text.empty())
        xml_.fail(token.line, fmt::format("the values of '{}' are interrupted", shown_value(array.name)),
                  write_points_again);
      array.text = token.text;
    }
    return array;
  }

  // Bytes that are no XML, up to the last closing tag of the file.
  void read_appended(const XmlToken& tag) {
    const std::string encoding = text_of(tag, "encoding", "");
    points_.appended_raw = encoding == "raw";
    if (!points_.appended_raw && encoding != "base64")
      xml_.fail(tag.line,
                fmt::format("<AppendedData> has the encoding '{}'; there is raw and base64", shown_value(encoding)),
                write_points_again);
    const std::string_view rest = xml_.rest();
    const std::size_t begin = rest.find_first_not_of(" \t\r\n"), end = rest.rfind("</AppendedData>");
    if (end == std::string_view::npos)
      xml_.fail(tag.line, "it is cut off: <AppendedData> is not closed", write_points_again);
    if (rest[begin] != '_') xml_.fail(tag.line, "<AppendedData> does not begin with an underscore", write_points_again);
    points_.appended = rest.substr(begin + 1, end - begin - 1);
  }

  void require_points(const XmlToken& root) const {
    std::int64_t left = most_vtk_points;
    for (const VtkPiece& piece : points_.pieces)
      if ((left -= piece.points) < 0)
        xml_.fail(root.line, "its pieces name more points than there can be", write_points_again);
  }

  void skip(const XmlToken& token) {
    if (token.kind == XmlToken::Kind::open) xml_.skip_element();
  }

  static std::string text_of(const XmlToken& tag, std::string_view attribute, const std::string& otherwise) {
    const std::string* value = tag.find(attribute);
    return value ? *value : otherwise;
  }

  std::int64_t count_of(const XmlToken& tag, std::string_view attribute, std::int64_t least, std::int64_t most) const {
    const std::string* text = tag.find(attribute);
    if (!text) xml_.fail(tag.line, fmt::format("<{}> has no {}", tag.name, attribute), write_points_again);
    std::int64_t value = -1;
    const auto [end, trouble] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (trouble != std::errc() || end != text->data() + text->size() || value < least || value > most)
      xml_.fail(tag.line,
                fmt::format("{} of <{}> is '{}', and it is a whole number from {} to {}", attribute, tag.name,
                            shown_value(*text), least, most),
                write_points_again);
    return value;
  }

  XmlText xml_;
  std::string kind_;
  VtkPoints points_;
};

}  // namespace

std::int64_t VtkPoints::points() const {
  std::int64_t sum = 0;
  for (const VtkPiece& piece : pieces) sum += piece.points;
  return sum;
}

VtkPoints parse_vtk_points(std::string_view bytes, const std::string& path) { return VtkDocument(bytes, path).read(); }

}  // namespace jetpinn
