#include "jetpinn/io/hdf5.hpp"

#include "jetpinn/io/dataset_check.hpp"
#include "jetpinn/io/hdf5_disk.hpp"
#include "jetpinn/io/hdf5_handles.hpp"

#include <hdf5.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace jetpinn::hdf5 {
namespace {

namespace fs = std::filesystem;

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), close_type);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

// How a file to read is walked: never into another file, whatever chain of links leads there.
Handle inside_this_file() {
  Handle access(H5Pcreate(H5P_LINK_ACCESS), close_properties);
  H5Pset_elink_cb(
      access.get(), [](const char*, const char*, const char*, const char*, unsigned*, hid_t, void*) -> herr_t { return -1; },
      nullptr);
  return access;
}

Handle fixed_text_type(std::int64_t bytes) {
  Handle type(H5Tcopy(H5T_C_S1), close_type);
  H5Tset_size(type.get(), static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1)));   // none is not allowed
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

Handle stored_type(InputFile::Type type, std::int64_t count) {
  if (type == InputFile::Type::text) return fixed_text_type(count);
  return {H5Tcopy(type == InputFile::Type::real ? H5T_IEEE_F64LE : H5T_STD_I64LE), close_type};
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> result;
  for (const auto& text : texts) result.push_back(text.c_str());
  return result;
}

// Of a list of names; what is beyond is no such list.
constexpr hssize_t most_texts = 65536;
constexpr std::size_t most_text_bytes = 4096;

// An attribute of the root that holds one value; not valid where there is none.
Handle scalar_attribute(const Handle& file, const std::string& name) {
  if (H5Aexists(file.get(), name.c_str()) <= 0) return {};
  Handle attribute(H5Aopen(file.get(), name.c_str(), H5P_DEFAULT), close_attribute);
  const Handle space(attribute.valid() ? H5Aget_space(attribute.get()) : -1, close_space);
  return space.valid() && H5Sget_simple_extent_type(space.get()) == H5S_SCALAR ? std::move(attribute) : Handle();
}

}  // namespace

// ---- reading

InputFile::InputFile(std::string path) : path_(std::move(path)) {
  tame_library();
  const auto refuse = [&](const std::string& reason, const std::string& mend) {
    throw Error(Status::usage, "cannot read " + path_ + ": " + reason + "; " + mend);
  };
  std::error_code trouble;
  const auto kind = fs::status(path_, trouble).type();
  if (kind == fs::file_type::not_found) refuse("no such file", "check the path");
  if (kind == fs::file_type::directory) refuse("it is a folder", "name the file in it");
  // opening a pipe waits
  if (fs::exists(path_, trouble) && kind != fs::file_type::regular) refuse("it is no regular file", "name an HDF5 file");
  errno = 0;
  if (!std::ifstream(path_, std::ios::binary)) refuse(std::strerror(errno), "check its permissions");
  if (H5Fis_hdf5(path_.c_str()) <= 0) refuse("it is not an HDF5 file", "write it with h5py or copy it again");
  if (asks_for_driver(path_))
    refuse("it is a part of a file in several pieces, or damaged", "store it as one file or copy it again");
  file_ = Handle(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), close_file);
  if (!file_.valid()) refuse("damaged or truncated HDF5 file (" + library_reason() + ")", "copy or write it again");
}

void InputFile::fail(const std::string& dataset, const std::string& reason, const std::string& mend) const {
  throw Error(Status::usage, path_ + ", dataset '" + dataset + "': " + reason + "; " + mend);
}

std::vector<std::string> InputFile::members() const {
  std::vector<std::string> names;
  const herr_t status = H5Literate(
      file_.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr,
      [](hid_t, const char* name, const H5L_info_t*, void* data) -> herr_t {
        static_cast<std::vector<std::string>*>(data)->push_back(name);
        return 0;
      },
      &names);
  if (status < 0) throw Error(Status::usage, "cannot list " + path_ + ": " + library_reason() + "; copy or write it again");
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> InputFile::text_attribute(const std::string& name) const {
  const Handle attribute = scalar_attribute(file_, name);
  const Handle type(attribute.valid() ? H5Aget_type(attribute.get()) : -1, close_type), as = text_type();
  if (!type.valid() || H5Tis_variable_str(type.get()) <= 0) return {};
  char* text = nullptr;
  if (H5Aread(attribute.get(), as.get(), &text) < 0 || !text) return {};
  const std::string copy = text;
  H5free_memory(text);
  return copy;
}

std::optional<double> InputFile::number_attribute(const std::string& name) const {
  const Handle attribute = scalar_attribute(file_, name);
  const Handle type(attribute.valid() ? H5Aget_type(attribute.get()) : -1, close_type);
  double value = 0;
  if (!type.valid() || H5Tget_class(type.get()) != H5T_FLOAT || H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) < 0)
    return {};
  return value;
}

std::vector<std::string> InputFile::texts_attribute(const std::string& name) const {
  if (H5Aexists(file_.get(), name.c_str()) <= 0) return {};
  const Handle attribute(H5Aopen(file_.get(), name.c_str(), H5P_DEFAULT), close_attribute);
  const Handle type(attribute.valid() ? H5Aget_type(attribute.get()) : -1, close_type),
      space(attribute.valid() ? H5Aget_space(attribute.get()) : -1, close_space);
  const hssize_t count = space.valid() ? H5Sget_simple_extent_npoints(space.get()) : -1;
  if (!type.valid() || H5Tget_class(type.get()) != H5T_STRING || count < 1 || count > most_texts) return {};
  std::vector<std::string> texts;
  if (H5Tis_variable_str(type.get()) > 0) {
    const Handle as = text_type();
    std::vector<char*> read(static_cast<std::size_t>(count), nullptr);
    // h5py marks texts as UTF-8 or as ASCII
    H5Tset_cset(as.get(), H5Tget_cset(type.get()));
    if (H5Aread(attribute.get(), as.get(), read.data()) < 0) return {};
    for (char* text : read) {
      texts.emplace_back(text ? text : "");
      H5free_memory(text);
    }
    return texts;
  }
  const std::size_t bytes = H5Tget_size(type.get());
  if (bytes > most_text_bytes) return {};
  std::string read(bytes * static_cast<std::size_t>(count), '\0');
  if (H5Aread(attribute.get(), type.get(), read.data()) < 0) return {};
  for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k)
    texts.emplace_back(read.substr(k * bytes, bytes).c_str());  // up to what pads it
  return texts;
}

bool InputFile::has(const std::string& dataset) const {
  const Handle access = inside_this_file();
  // Every part of the path must be asked for: the library fails on a lacking group.
  for (std::size_t slash = dataset.find('/', 1); slash != std::string::npos; slash = dataset.find('/', slash + 1))
    if (H5Lexists(file_.get(), dataset.substr(0, slash).c_str(), access.get()) <= 0) return false;
  return H5Lexists(file_.get(), dataset.c_str(), access.get()) > 0;
}

Handle InputFile::open(const std::string& dataset) const {
  if (!has(dataset)) {
    std::string present;
    for (const auto& name : members()) present += (present.empty() ? "" : ", ") + name;
    fail(dataset, "not in the file", "it holds: " + (present.empty() ? "nothing" : present));
  }
  const Handle access = inside_this_file();
  H5L_info_t link;
  if (H5Lget_info(file_.get(), dataset.c_str(), &link, access.get()) < 0 || link.type == H5L_TYPE_EXTERNAL ||
      link.type >= H5L_TYPE_UD_MIN)
    fail(dataset, "a link into another file", "store the values in this file");
  Handle object(H5Oopen(file_.get(), dataset.c_str(), access.get()), close_object);
  if (!object.valid()) fail(dataset, library_reason(), "copy or write the file again");
  if (H5Iget_type(object.get()) != H5I_DATASET)
    fail(dataset, "not a dataset", "store 1-D float64 datasets at the root of the file");
  return object;
}

std::vector<std::int64_t> InputFile::shape(const std::string& dataset) const {
  const Handle data = open(dataset);
  return checked_shape(*this, dataset, file_.get(), data.get());
}

std::vector<std::int64_t> InputFile::shape_of_any(const std::string& dataset) const {
  const Handle data = open(dataset);
  return checked_shape(*this, dataset, file_.get(), data.get(), true);
}

void InputFile::read_all(const std::string& dataset, double* out) const {
  const Handle data = open(dataset);
  if (H5Dread(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)
    fail(dataset, "cannot be read (" + library_reason() + ")", "copy or write the file again");
}

int InputFile::value_bytes(const std::string& dataset) const {
  const Handle data = open(dataset), type(H5Dget_type(data.get()), close_type);
  return static_cast<int>(H5Tget_size(type.get()));
}

void InputFile::read_rows(const std::string& dataset, std::int64_t first, std::int64_t count, double* out) const {
  if (count == 0) return;
  const Handle data = open(dataset);
  const Handle from(H5Dget_space(data.get()), close_space), to = simple_space({count});
  if (!from.valid() || !to.valid() || !select_rows(from, first, count) ||
      H5Dread(data.get(), H5T_NATIVE_DOUBLE, to.get(), from.get(), H5P_DEFAULT, out) < 0)
    fail(dataset, "cannot be read (" + library_reason() + ")", "copy or write the file again");
}

std::vector<InputFile::Piece> InputFile::pieces(const std::string& dataset) const {
  const std::int64_t rows = shape(dataset).at(0);  // what reaches beyond the file is refused there
  const Handle data = open(dataset), layout(H5Dget_create_plist(data.get()), close_properties),
               type(H5Dget_type(data.get()), close_type);
  const auto refuse = [&](const std::string& reason) {
    fail(dataset, reason, "write it without, as by `h5repack -f NONE -l CONTI " + path_ + " out.h5`");
  };
  if (H5Pget_nfilters(layout.get()) > 0) refuse("it is compressed, or has check sums");
  if (H5Tequal(type.get(), H5T_NATIVE_DOUBLE) <= 0 && H5Tequal(type.get(), H5T_NATIVE_FLOAT) <= 0)
    refuse("its numbers have another byte order than this machine's");
  if (H5Pget_layout(layout.get()) == H5D_CONTIGUOUS)
    return {{0, rows, static_cast<std::int64_t>(H5Dget_offset(data.get()))}};
  if (H5Pget_layout(layout.get()) != H5D_CHUNKED) refuse("its values lie in the header of the file");
  hsize_t chunk = 0;
  H5Pget_chunk(layout.get(), 1, &chunk);
  std::vector<Piece> pieces;
  for (hsize_t first = 0; first < static_cast<hsize_t>(rows); first += chunk) {
    unsigned filters = 0;
    haddr_t offset = HADDR_UNDEF;
    hsize_t bytes = 0;
    if (H5Dget_chunk_info_by_coord(data.get(), &first, &filters, &offset, &bytes) < 0 || offset == HADDR_UNDEF)
      fail(dataset, "row " + std::to_string(first) + " was never written", "write the file again");
    const auto count = std::min(static_cast<std::int64_t>(chunk), rows - static_cast<std::int64_t>(first));
    pieces.push_back({static_cast<std::int64_t>(first), count, static_cast<std::int64_t>(offset)});
  }
  return pieces;
}

void InputFile::require_in_file(const std::string& dataset, const Handle& data) const {
  const Handle access = inside_this_file();
  for (std::size_t slash = dataset.find('/', 1); true; slash = dataset.find('/', slash + 1)) {
    H5L_info_t link;
    if (H5Lget_info(file_.get(), dataset.substr(0, slash).c_str(), &link, access.get()) < 0 || link.type != H5L_TYPE_HARD)
      fail(dataset, "a link leads to it", "copy or write the file again");
    if (slash == std::string::npos) break;
  }
  const Handle layout(H5Dget_create_plist(data.get()), close_properties), type(H5Dget_type(data.get()), close_type);
  const Handle space(H5Dget_space(data.get()), close_space);
  hsize_t file_bytes = 0;
  if (!layout.valid() || !type.valid() || !space.valid() || H5Fget_filesize(file_.get(), &file_bytes) < 0)
    fail(dataset, library_reason(), "copy or write the file again");
  if (H5Pget_layout(layout.get()) != H5D_CONTIGUOUS || H5Pget_external_count(layout.get()) > 0 ||
      H5Pget_nfilters(layout.get()) > 0)
    fail(dataset, "its values do not lie in one piece of this file", "copy or write the file again");
  const hssize_t points = H5Sget_simple_extent_npoints(space.get());
  if (points == 0) return;
  const haddr_t begin = H5Dget_offset(data.get());
  const hsize_t bytes = H5Dget_storage_size(data.get()), value_bytes = H5Tget_size(type.get());
  if (points < 0 || begin == HADDR_UNDEF || begin > file_bytes || bytes > file_bytes - begin || bytes % value_bytes != 0 ||
      bytes / value_bytes != static_cast<hsize_t>(points))
    fail(dataset, "its values reach beyond the end of the file", "copy or write the file again");
}

void InputFile::require(const std::string& dataset, Type type, std::int64_t count) const {
  const Handle data = open(dataset);
  require_in_file(dataset, data);
  const Handle found(H5Dget_type(data.get()), close_type), wanted = stored_type(type, count),
                                                           space(H5Dget_space(data.get()), close_space);
  if (H5Tequal(found.get(), wanted.get()) <= 0)
    fail(dataset, "it holds values of another type", "copy or write the file again");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  hsize_t extent = 1;
  if (rank == 1) H5Sget_simple_extent_dims(space.get(), &extent, nullptr);
  const bool fits = type == Type::text ? rank == 0 : rank == 1 && extent == static_cast<hsize_t>(count);
  if (!fits)
    fail(dataset, "it does not hold the " + std::to_string(count) + " values expected", "copy or write the file again");
}

void InputFile::read(const std::string& dataset, Type type, std::int64_t first, std::int64_t count, void* out) const {
  if (count == 0) return;
  const Handle data = open(dataset);
  const Handle as = stored_type(type, count), from(H5Dget_space(data.get()), close_space);
  const Handle to = type == Type::text ? Handle(H5Screate(H5S_SCALAR), close_space) : simple_space({count});
  const bool selected = from.valid() && to.valid() && (type == Type::text || select_rows(from, first, count));
  if (!selected || H5Dread(data.get(), as.get(), to.get(), from.get(), H5P_DEFAULT, out) < 0)
    fail(dataset, "cannot be read (" + library_reason() + ")", "copy or write the file again");
}

// ---- writing

OutputFile::OutputFile(std::string path, Status on_failure) : atomic_(std::move(path)) {
  tame_library();
  const Handle access = silent_disk_access(&failure_);
  file_ = Handle(H5Fcreate(atomic_.temporary().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), close_file);
  if (!file_.valid()) fail("cannot create the file", on_failure);
}

void OutputFile::fail(const std::string& what, Status status) const {
  const std::string reason = failure_ != 0 ? std::strerror(failure_) + ("; " + way_to_write(failure_))
                                           : library_reason() + "; check that its folder exists and may be written";
  throw Error(status, path() + ": " + what + ": " + reason);
}

// What fails is noticed here, and not with the next dataset.
void OutputFile::flush_dataset(const std::string& dataset, bool written, const Handle& data) {
  check(written && H5Dflush(data.get()) >= 0, "cannot write the dataset '" + dataset + "'");
}

void OutputFile::create_group(const std::string& group) {
  const Handle created(H5Gcreate2(file_.get(), group.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), close_group);
  check(created.valid(), "cannot create the group '" + group + "'");
}

void OutputFile::copy_file(const std::string& path, const std::string& group) {
  const Handle source(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), close_file);
  if (!source.valid())
    throw Error(Status::storage, "cannot read " + path + ": " + library_reason() + "; copy or write it again");
  check(H5Ocopy(source.get(), "/", file_.get(), group.c_str(), H5P_DEFAULT, H5P_DEFAULT) >= 0, "cannot copy " + path);
}

Handle OutputFile::create_dataset(const std::string& dataset, std::int64_t type, const Handle& space, Layout layout,
                                  std::int64_t chunk_rows) {
  const Handle links(H5Pcreate(H5P_LINK_CREATE), close_properties);
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), close_properties);
  H5Pset_create_intermediate_group(links.get(), 1);
  H5Pset_obj_track_times(creation.get(), false);   // the time of writing would make equal files differ
  if (layout != Layout::whole)
    H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER);   // every row is written once; filling would double the traffic
  if (layout == Layout::reserved) H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY);
  if (layout == Layout::chunks) {
    const hsize_t chunk = static_cast<hsize_t>(chunk_rows);
    H5Pset_chunk(creation.get(), 1, &chunk);
  }
  Handle data(H5Dcreate2(file_.get(), dataset.c_str(), type, space.get(), links.get(), creation.get(), H5P_DEFAULT),
              close_dataset);
  check(data.valid(), "cannot create the dataset '" + dataset + "'");
  return data;
}

void OutputFile::create_rows(const std::string& dataset, std::int64_t rows, std::int64_t chunk_rows) {
  create_dataset(dataset, H5T_IEEE_F64LE, simple_space({rows}), Layout::chunks,
                 std::max<std::int64_t>(std::min(rows, chunk_rows), 1));
}

void OutputFile::create_column(const std::string& dataset, std::int64_t rows) {
  flush_dataset(dataset, true, create_dataset(dataset, H5T_IEEE_F64LE, simple_space({rows}), Layout::reserved));
}

void OutputFile::write_rows(const std::string& dataset, std::int64_t first, std::int64_t count, const double* values) {
  if (count == 0) return;
  const Handle data(H5Dopen2(file_.get(), dataset.c_str(), H5P_DEFAULT), close_dataset);
  const Handle to(data.valid() ? H5Dget_space(data.get()) : -1, close_space), from = simple_space({count});
  const bool written = to.valid() && from.valid() && select_rows(to, first, count) &&
                       H5Dwrite(data.get(), H5T_NATIVE_DOUBLE, from.get(), to.get(), H5P_DEFAULT, values) >= 0;
  flush_dataset(dataset, written, data);
}

void OutputFile::write(const std::string& dataset, const std::vector<std::int64_t>& shape, const double* values) {
  const Handle data = create_dataset(dataset, H5T_IEEE_F64LE, simple_space(shape));
  flush_dataset(dataset, H5Dwrite(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, data);
}

void OutputFile::write(const std::string& dataset, const std::vector<std::int64_t>& values) {
  const Handle data = create_dataset(dataset, H5T_STD_I64LE, simple_space({static_cast<std::int64_t>(values.size())}));
  flush_dataset(dataset, H5Dwrite(data.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0, data);
}

void OutputFile::write(const std::string& dataset, const std::vector<std::string>& texts) {
  const Handle type = text_type();
  const Handle data = create_dataset(dataset, type.get(), simple_space({static_cast<std::int64_t>(texts.size())}));
  const std::vector<const char*> values = pointers(texts);
  flush_dataset(dataset, H5Dwrite(data.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0, data);
}

void OutputFile::write_text(const std::string& dataset, const std::string& text) {
  const Handle type = fixed_text_type(static_cast<std::int64_t>(text.size()));
  const Handle data = create_dataset(dataset, type.get(), Handle(H5Screate(H5S_SCALAR), close_space));
  flush_dataset(dataset, H5Dwrite(data.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()) >= 0, data);
}

void OutputFile::attribute(const std::string& object, const std::string& name, const std::string& text) {
  const Handle space(H5Screate(H5S_SCALAR), close_space), type = text_type();
  const Handle made(H5Acreate_by_name(file_.get(), object.c_str(), name.c_str(), type.get(), space.get(), H5P_DEFAULT,
                                      H5P_DEFAULT, H5P_DEFAULT),
                    close_attribute);
  const char* data = text.c_str();
  check(made.valid() && H5Awrite(made.get(), type.get(), &data) >= 0, "cannot write the attribute '" + name + "'");
}

void OutputFile::attribute(const std::string& object, const std::string& name, double value) {
  const Handle space(H5Screate(H5S_SCALAR), close_space);
  const Handle made(H5Acreate_by_name(file_.get(), object.c_str(), name.c_str(), H5T_IEEE_F64LE, space.get(), H5P_DEFAULT,
                                      H5P_DEFAULT, H5P_DEFAULT),
                    close_attribute);
  check(made.valid() && H5Awrite(made.get(), H5T_NATIVE_DOUBLE, &value) >= 0, "cannot write the attribute '" + name + "'");
}

void OutputFile::attribute(const std::string& object, const std::string& name, const std::vector<std::string>& texts) {
  const Handle space = simple_space({static_cast<std::int64_t>(texts.size())}), type = text_type();
  const Handle made(H5Acreate_by_name(file_.get(), object.c_str(), name.c_str(), type.get(), space.get(), H5P_DEFAULT,
                                      H5P_DEFAULT, H5P_DEFAULT),
                    close_attribute);
  const std::vector<const char*> data = pointers(texts);
  check(made.valid() && H5Awrite(made.get(), type.get(), data.data()) >= 0, "cannot write the attribute '" + name + "'");
}

void OutputFile::attribute(const std::string& object, const std::string& name, const std::vector<std::int64_t>& values) {
  const Handle space = simple_space({static_cast<std::int64_t>(values.size())});
  const Handle made(H5Acreate_by_name(file_.get(), object.c_str(), name.c_str(), H5T_STD_I64LE, space.get(), H5P_DEFAULT,
                                      H5P_DEFAULT, H5P_DEFAULT),
                    close_attribute);
  check(made.valid() && H5Awrite(made.get(), H5T_NATIVE_INT64, values.data()) >= 0,
        "cannot write the attribute '" + name + "'");
}

void OutputFile::commit() {
  check(H5Fflush(file_.get(), H5F_SCOPE_LOCAL) >= 0, "cannot write the file");
  check(file_.close(), "cannot close the file");  // where network file systems report a full disk
  atomic_.commit();
}

}  // namespace jetpinn::hdf5
