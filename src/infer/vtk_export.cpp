#include "jetpinn/infer/vtk_export.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/reorder.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/io/vtk_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t cloud_rows = 65536;  // of a cloud, at once
using Type = VtkArrays::Type;

std::string head(const VtkSource& source, const char* type) {
  return fmt::format("{}\n{}\n<VTKFile type=\"{}\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\">\n",
                     vtk_declaration, vtk_mark_line(source.mark), type);
}

// What an image says of coordinates that it does not span. ParaView takes the time from the name TimeValue.
std::string fixed_values(const VtkSource& source, const VtkLayout& layout, std::int64_t frame) {
  std::string text;
  const auto add = [&](const std::string& name, double value) {
    text += fmt::format(
        "      <DataArray type=\"Float64\" Name=\"{}\" NumberOfTuples=\"1\" format=\"ascii\">{:.17g}</DataArray>\n",
        xml_escaped(name), value);
  };
  for (const auto& [coordinate, value] : fixed_coordinates(source, layout, frame)) {
    if (coordinate == source.time) add("TimeValue", value);
    add(source.coordinates[static_cast<std::size_t>(coordinate)], value);
  }
  return text.empty() ? "" : "    <FieldData>\n" + text + "    </FieldData>\n";
}

// The text of an image, and the arrays behind it.
std::pair<std::string, VtkArrays> image_text(const VtkSource& source, const VtkLayout& layout, std::int64_t frame) {
  const VtkBox box = vtk_box(source, layout);
  const auto& [count, origin, spacing] = box;
  const std::string extent = fmt::format("0 {} 0 {} 0 {}", count[0] - 1, count[1] - 1, count[2] - 1);
  VtkArrays arrays;
  std::string text = head(source, "ImageData");
  text += fmt::format(
      "  <ImageData WholeExtent=\"{}\" Origin=\"{:.17g} {:.17g} {:.17g}\" Spacing=\"{:.17g} {:.17g} {:.17g}\">\n", extent,
      origin[0], origin[1], origin[2], spacing[0], spacing[1], spacing[2]);
  text += fixed_values(source, layout, frame);
  text += fmt::format("    <Piece Extent=\"{}\">\n      <PointData>\n", extent);
  for (const std::string& name : source.quantities)
    text += "        " + arrays.add(name, Type::real, box.points()) + "\n";
  return {text + "      </PointData>\n    </Piece>\n  </ImageData>\n", std::move(arrays)};
}

// The table's axes, in its order, as a file of this layout wants them.
std::vector<ReorderAxis> file_order(const VtkSource& source, const VtkLayout& layout) {
  std::vector<ReorderAxis> axes;
  for (const GridAxis& axis : source.grid->axes) axes.push_back({axis.count, 0, axis.last < axis.first, false});
  if (layout.frames >= 0)
    axes[static_cast<std::size_t>(layout.frames)] = {axes[static_cast<std::size_t>(layout.frames)].count, 0, false, true};
  std::int64_t step = 1;
  for (int a : layout.along) {
    axes[static_cast<std::size_t>(a)].step = step;
    step *= axes[static_cast<std::size_t>(a)].count;
  }
  return axes;
}

// All values of the table into the files of a layout, one for each frame.
void fill_images(const VtkSource& source, const VtkLayout& layout, const VtkArrays& arrays, std::vector<VtkFile>& files) {
  const PointTableReader table(source.table, {});
  const std::vector<ReorderAxis> axes = file_order(source, layout);
  std::int64_t open = 0;   // the one file that holds a descriptor
  for (std::size_t q = 0; q < source.quantities.size(); ++q)
    reorder(
        axes,
        [&](std::int64_t first, std::int64_t count, double* out) {
          table.read_any(source.quantities[q], first, count, out);
        },
        [&](std::int64_t frame, std::int64_t first, std::int64_t count, const double* values) {
          if (frame != open) files[static_cast<std::size_t>(std::exchange(open, frame))].release();
          files[static_cast<std::size_t>(frame)].write(arrays, q, first, count, values);
        });
}

void write_image(const VtkSource& source, const std::string& path) {
  AtomicFile place(path);
  const VtkLayout layout = vtk_layout(source, VtkKind::image);
  const auto [text, arrays] = image_text(source, layout, 0);
  std::vector<VtkFile> files;
  files.emplace_back(place.temporary(), text, arrays);
  fill_images(source, layout, arrays, files);
  files[0].finish();
  place.commit();
}

// A folder beside its place, removed unless it came there.
class NewFolder {
 public:
  explicit NewFolder(std::string path) : path_(std::move(path)), temporary_(path_ + ".tmp-" + std::to_string(::getpid())) {
    std::error_code trouble;
    fs::create_directory(temporary_, trouble);
    if (trouble) fail_to_write(temporary_, trouble.value());
  }
  ~NewFolder() {
    std::error_code trouble;
    fs::remove_all(temporary_, trouble);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  const std::string& temporary() const { return temporary_; }
  void replace() {
    std::error_code trouble;
    fs::remove_all(path_, trouble);
    if (!trouble) fs::rename(temporary_, path_, trouble);
    if (trouble) fail_to_write(path_, trouble.value());
    flush_folder(fs::path(path_).parent_path().empty() ? "." : fs::path(path_).parent_path().string());
  }

 private:
  std::string path_, temporary_;
};

void write_film(const VtkSource& source, const std::string& path) {
  const VtkLayout layout = vtk_layout(source, VtkKind::film);
  const GridAxis& times = source.axis(layout.frames);
  NewFolder folder(film_folder(path));
  const std::string folder_name = fs::path(film_folder(path)).filename().string();
  std::vector<VtkFile> files;
  std::string list;
  VtkArrays arrays;
  for (std::int64_t i = 0; i < times.count; ++i) {
    auto [text, behind] = image_text(source, layout, i);
    files.emplace_back(film_image(folder.temporary(), i), text, behind);
    files.back().release();
    arrays = std::move(behind);   // the same for all
    list += fmt::format("    <DataSet timestep=\"{:.17g}\" part=\"0\" file=\"{}\"/>\n", times.at(i),
                        xml_escaped(film_image(folder_name, i)));
  }
  fill_images(source, layout, arrays, files);
  for (VtkFile& file : files) file.finish();
  // A collection that is there names images that are whole: the old one goes before its images do,
  // the new one comes after its own.
  std::error_code trouble;
  fs::remove(path, trouble);
  folder.replace();
  write_text_file(path, head(source, "Collection") + "  <Collection>\n" + list + "  </Collection>\n</VTKFile>\n");
}

void write_cloud(const VtkSource& source, const std::string& path) {
  AtomicFile place(path);
  const std::int64_t rows = source.rows;
  std::vector<std::string> columns = source.coordinates;
  columns.insert(columns.end(), source.quantities.begin(), source.quantities.end());

  VtkArrays arrays;
  std::string text = head(source, "PolyData") +
                     fmt::format(
                         "  <PolyData>\n    <Piece NumberOfPoints=\"{0}\" NumberOfVerts=\"{0}\" NumberOfLines=\"0\" "
                         "NumberOfStrips=\"0\" NumberOfPolys=\"0\">\n      <PointData>\n",
                         rows);
  for (const std::string& name : columns) text += "        " + arrays.add(name, Type::real, rows) + "\n";
  text += "      </PointData>\n      <Points>\n        " + arrays.add("Points", Type::real, rows, 3) +
          "\n      </Points>\n      <Verts>\n";
  text += "        " + arrays.add("connectivity", Type::integer, rows) + "\n        " +
          arrays.add("offsets", Type::integer, rows) + "\n";
  text += "      </Verts>\n    </Piece>\n  </PolyData>\n";
  VtkFile file(place.temporary(), text, arrays);

  const PointTableReader table(source.table, {});
  const std::vector<int> axes = cloud_axes(source);
  const std::size_t points = columns.size(), connectivity = points + 1, offsets = points + 2;
  std::vector<double> values(cloud_rows), places(3 * cloud_rows, 0.0);
  std::vector<std::int64_t> numbers(cloud_rows);
  for (std::int64_t first = 0; first < rows; first += cloud_rows) {
    const std::int64_t count = std::min(cloud_rows, rows - first);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      table.read_any(columns[c], first, count, values.data());
      file.write(arrays, c, first, count, values.data());
      const auto axis = std::find(axes.begin(), axes.end(), static_cast<int>(c));
      if (c >= source.coordinates.size() || axis == axes.end()) continue;
      for (std::int64_t i = 0; i < count; ++i)
        places[static_cast<std::size_t>(3 * i + (axis - axes.begin()))] = values[static_cast<std::size_t>(i)];
    }
    file.write(arrays, points, 3 * first, 3 * count, places.data());
    std::iota(numbers.begin(), numbers.end(), first);
    file.write(arrays, connectivity, first, count, numbers.data());
    std::iota(numbers.begin(), numbers.end(), first + 1);
    file.write(arrays, offsets, first, count, numbers.data());
  }
  file.finish();
  place.commit();
}

}  // namespace

const char* ending_of(VtkKind kind) { return kind == VtkKind::image ? ".vti" : kind == VtkKind::film ? ".pvd" : ".vtp"; }

std::string film_folder(const std::string& path) { return fs::path(path).replace_extension().string() + "_film"; }

std::string film_image(const std::string& folder, std::int64_t number) {
  return fmt::format("{}/{:06d}.vti", folder, number);
}

// "?>" in the mark would end the line, a line's end would begin another.
std::string vtk_mark_line(const std::string& mark) {
  std::string text;
  for (char c : mark) text += c == '&' ? "&amp;" : c == '>' ? "&gt;" : c == '\n' ? " " : std::string(1, c);
  return "<?jetpinn " + text + "?>";
}

std::optional<std::string> mark_of_vtk_line(const std::string& line) {
  const std::string begin = "<?jetpinn ", end = "?>";
  if (line.size() < begin.size() + end.size() || line.compare(0, begin.size(), begin) != 0 ||
      line.compare(line.size() - end.size(), end.size(), end) != 0)
    return {};
  std::string mark;
  const std::string text = line.substr(begin.size(), line.size() - begin.size() - end.size());
  for (std::size_t i = 0; i < text.size();) {
    const bool amp = text.compare(i, 5, "&amp;") == 0, greater = text.compare(i, 4, "&gt;") == 0;
    mark += amp ? '&' : greater ? '>' : text[i];
    i += amp ? 5 : greater ? 4 : 1;
  }
  return mark;
}

void write_vtk(const VtkSource& source, VtkKind kind, const std::string& path) {
  if (kind == VtkKind::image) write_image(source, path);
  else if (kind == VtkKind::film) write_film(source, path);
  else write_cloud(source, path);
}

}  // namespace jetpinn
