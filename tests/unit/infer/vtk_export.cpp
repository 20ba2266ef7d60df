#include "jetpinn/infer/vtk_export.hpp"

#include "jetpinn/infer/prediction_files.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/vtk_sample.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::expect_error;

using Sample = testing::VtkSample;

constexpr VtkKind image = VtkKind::image, film = VtkKind::film, cloud = VtkKind::cloud;

TEST(VtkExport, EndingsSayWhatIsWritten) {
  const Sample plane({"t", "x"}, "t=0:1:3,x=0:1:3"), points({"t", "x"}, "");
  EXPECT_EQ(file_for("a/b.h5", plane.source).kind, PredictionFile::Kind::table);
  EXPECT_EQ(file_for("b.csv", plane.source).kind, PredictionFile::Kind::csv);
  EXPECT_EQ(file_for("b.pvd", plane.source).vtk, film);
  EXPECT_EQ(file_for("b.vtp", points.source).vtk, cloud);
  expect_error(Status::usage, {"b.pvd", "not a grid", ".vtp, .h5 or .csv"}, [&] { file_for("b.pvd", points.source); });
  const std::vector<PredictionFile> shown = files_for("a/b.xdmf", plane.source);
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0].path, "a/b.h5");
  EXPECT_EQ(shown[0].kind, PredictionFile::Kind::table);
  EXPECT_EQ(shown[1].kind, PredictionFile::Kind::xdmf);
  EXPECT_EQ(files_for("b.h5", plane.source).size(), 1u);
  const Sample four({"a", "b", "c", "d"}, "");
  expect_error(Status::usage, {"b.xdmf", "4 space coordinates", ".h5 or .csv"}, [&] { files_for("b.xdmf", four.source); });
  expect_error(Status::usage, {"'.txt' is unknown", ".h5 (HDF5), .csv, .vti", ".pvd", ".vtp"},
               [&] { file_for("b.txt", plane.source); });
  expect_error(Status::usage, {"no ending"}, [&] { file_for("folder.h5/b", plane.source); });
}

TEST(VtkExport, MarksComeBackWhole) {
  for (const std::string mark : {"runs/a --quantities u > v, u?>", "a &amp; b &gt; -- c", ""}) {
    const std::string line = vtk_mark_line(mark);
    EXPECT_EQ(line.find("?>"), line.size() - 2);
    EXPECT_EQ(mark_of_vtk_line(line), mark);
  }
  EXPECT_FALSE(mark_of_vtk_line("<VTKFile type=\"ImageData\">"));
}

TEST(PredictionFiles, OnlyFilesOfTheSamePredictionAreReplaced) {
  const testing::TemporaryFolder folder;
  Sample sample({"x"}, "x=0:1:3");
  VtkSource& source = sample.source;
  source.mark = "run --grid x=0:1:3";
  source.table = folder.file("p.h5");
  {
    PointTableWriter table(source.table, {"x", "u"}, 3);
    table.file().attribute("/", "prediction", source.mark);
    const double values[6] = {0, 0.5, 1, 7, 8, 9};
    table.write(0, 3, values, 3);
    table.finish();
  }
  write_vtk(source, image, folder.file("p.vti"));
  write_text_file(folder.file("p.csv"), "x,u\n0,7\n0.5,8\n1,9\n");
  const std::vector<MarkRow> rows{{0, {0}}, {2, {1}}};
  VtkSource other = source;
  other.mark = "run --grid x=0:1:4";
  other.rows = 4;
  for (const char* name : {"p.h5", "p.vti", "p.csv"}) {
    const PredictionFile file = file_for(folder.file(name), source);
    EXPECT_NO_THROW(require_own(file, source, rows)) << name;
    expect_error(Status::usage, {name, "there already", "--file"}, [&] { require_own(file, other, rows); });
    write_text_file(file.path, "mine\n");
    expect_error(Status::usage, {name, "not of this prediction"}, [&] { require_own(file, source, rows); });
    EXPECT_NO_THROW(require_own(file_for(folder.file(std::string("none-") + name), source), source, rows));
  }
}

TEST(VtkExport, AParameterOfOneValueIsAFieldOfTheFile) {
  const testing::TemporaryFolder folder;
  Sample sample({"x", "y", "Re"}, "x=0:1:3,y=0:1:2,Re=20");
  sample.source.parameters = 1;
  sample.source.table = folder.file("p.h5");
  {
    PointTableWriter table(sample.source.table, {"x", "y", "Re", "u"}, 6);
    table.write(0, 6, std::vector<double>(24, 1.0).data(), 6);
    table.finish();
  }
  write_vtk(sample.source, image, folder.file("p.vti"));
  const std::string text = read_text_file(folder.file("p.vti"));
  EXPECT_NE(text.find("Origin=\"0 0 0\""), std::string::npos) << text.substr(0, 600);
  EXPECT_NE(text.find("Name=\"Re\" NumberOfTuples=\"1\" format=\"ascii\">20<"), std::string::npos) << text.substr(0, 600);
}

}  // namespace
}  // namespace jetpinn
