// What the XML of a file of points for VTK says (VTK XML file formats, "UnstructuredGrid" .vtu and "PolyData" .vtp): its
// points and the arrays at them, where they lie and how they are written. Cells are left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jetpinn {

struct VtkArray {
  enum class Format : char { ascii, binary, appended };
  std::string name, type;  // "Float64"
  std::int64_t components = 1;
  Format format = Format::ascii;
  std::string_view text;    // of ascii and binary
  std::int64_t offset = 0;  // of appended, in bytes behind the underscore
  std::int64_t line = 0;    // of the file
};

struct VtkPiece {
  std::int64_t points = 0;
  VtkArray places;  // three components
  std::vector<VtkArray> arrays;
  std::string normals;  // the array that is named as such; empty: none
};

struct VtkPoints {
  bool wide = false;         // header_type="UInt64", lengths of eight bytes
  std::string compressor;    // empty: none
  bool appended_raw = true;  // else base64
  std::string_view appended;
  std::vector<VtkPiece> pieces;

  std::int64_t points() const;
};

// Views into `bytes`. Throws Error (usage) naming the file, its line and how to come by a file that is read; the arrays have
// not been looked at.
VtkPoints parse_vtk_points(std::string_view bytes, const std::string& path);

}  // namespace jetpinn
