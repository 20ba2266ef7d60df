// [geometry]: shapes, the domain that they make, and sets and regions that name them.
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/sampler.hpp"
#include "support/config_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/triangle_surfaces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr double pi = std::numbers::pi;

const std::string plate = R"toml(
[problem]
coordinates = ["t", "x", "y"]
fields      = ["u"]
constants   = { R = 0.3 }
domain      = { t = [0, 2], x = [-1, 1], y = [-1, 1] }
[geometry]
domain = "square - disk"
[geometry.shapes]
square = { box = [[-1, -1], [1, 1]] }
disk   = { disk = { center = [0.2, 0], radius = "R" } }
lower  = { rectangle = [[-1, -1], [1, 0]] }
[[problem.equations]]
name     = "heat"
residual = "u_t - laplacian(u)"
[[problem.conditions]]
name     = "hole"
on       = "disk"
residual = "u"
)toml";

Problem built(const std::string& text, const std::vector<std::string>& sets = {}) {
  return build_problem(parse_config(text, "plate.toml", sets).problem);
}

std::string refusal(const std::vector<std::string>& sets) {
  return message_of([&] { built(plate, sets); });
}

double size_of(const PointRegion& region) {
  double sum = 0;
  for (const Piece& piece : region.pieces) sum += piece.size;
  return sum;
}

TEST(config_geometry, equations_hold_in_the_domain_and_conditions_on_borders) {
  const Problem problem = built(plate);
  const BoxRegion body(problem.terms[0].region, problem.graph);
  EXPECT_TRUE(body.inside(std::vector<double>{1, -0.5, 0.5}.data()));
  EXPECT_FALSE(body.inside(std::vector<double>{1, 0.2, 0.1}.data()));
  EXPECT_NEAR(body.measure(), 1 - pi * 0.09 / 4, 0.01);
  EXPECT_NEAR(size_of(problem.terms[1].region), 2 * 2 * pi * 0.3, 1e-9);
}

TEST(config_geometry, names_are_borders_in_sets_and_bodies_in_regions) {
  const auto on = [](const std::string& set) {
    return size_of(built(plate, {"problem.conditions.0.on=" + set}).terms[1].region);
  };
  EXPECT_NEAR(on("disk && t == 0"), 2 * pi * 0.3, 1e-9);
  EXPECT_NEAR(on("square"), 2 * 8, 1e-9);
  EXPECT_NEAR(on("boundary && t > 0 && t < 2"), 2 * (8 + 2 * pi * 0.3), 0.01);
  EXPECT_NEAR(on("square & lower"), 2 * 4, 0.02) << "what both borders share";
  const Problem half = built(plate, {"problem.equations.0.in=lower && x < 0.9"});
  const BoxRegion region(half.terms[0].region, half.graph);
  EXPECT_TRUE(region.inside(std::vector<double>{1, -0.5, -0.5}.data()));
  EXPECT_FALSE(region.inside(std::vector<double>{1, -0.5, 0.5}.data()));
  EXPECT_FALSE(region.inside(std::vector<double>{1, 0.95, -0.5}.data()));
  EXPECT_FALSE(region.inside(std::vector<double>{1, 0.2, -0.1}.data())) << "in the hole";
  // faces of the box are cut down to the domain
  const Problem initial = built(plate, {"problem.conditions.0.on=t == 0"});
  EXPECT_NEAR(initial.terms[1].region.pieces[0].measure, 1 - pi * 0.09 / 4, 0.01);
  const Problem all = built(plate, {"problem.conditions.0.on=boundary"});
  EXPECT_EQ(all.terms[1].region.pieces.size(), 4u + 1 + 2) << "faces of the square, the hole, the first and the last time";
}

// The closed domain holds the side of the hole in the face, behind which there is nothing.
TEST(config_geometry, a_face_of_the_box_ends_where_a_hole_is_flush_with_it) {
  const auto measure = [](const std::string& on, const std::string& edge = "1") {
    const Problem problem =
        built(plate, {"problem.domain.x=[-1, '" + edge + "']", "geometry.shapes.square.box=[[-1,-1],['" + edge + "',1]]",
                      "geometry.shapes.notch.rectangle=[[0.15, -0.5], ['" + edge + "', 0.5]]",
                      "geometry.domain=square - notch", "problem.conditions.0.on=" + on});
    const PointRegion& region = problem.terms[1].region;
    const Sampler sampler(SamplingMethod::grid, region, problem.graph, 100, PointKey{});
    std::vector<double> points(static_cast<std::size_t>(3 * sampler.count()));
    sampler.generate(0, sampler.count(), points.data(), sampler.count());
    for (std::int64_t i = 0; i < sampler.count() && on == "x == " + edge; ++i)
      EXPECT_GE(std::abs(points[static_cast<std::size_t>(2 * sampler.count() + i)]), 0.5);
    return BoxRegion(region, problem.graph).measure();
  };
  EXPECT_NEAR(measure("x == 1"), 0.5, 0.01);
  EXPECT_NEAR(measure("x == 0.1 + 0.2", "0.1 + 0.2"), 0.5, 0.01);
  EXPECT_NEAR(measure("x == 1 && t == 0"), 0.5, 0.01);
  EXPECT_NEAR(measure("x == 0.15"), 1, 1e-9) << "the domain lies on one side of the hole's edge";
  EXPECT_NEAR(measure("x == 0.5"), 0.5, 0.01);
  EXPECT_NEAR(measure("y == 1"), 1, 1e-9);
}

// Each primitive by its keys, with its area.
TEST(config_geometry, primitives_and_moves) {
  const auto measure = [](const std::string& shape) {
    const Problem problem =
        built(plate, {"geometry.shapes.s=" + shape, "geometry.domain=s", "problem.conditions.0.on=boundary"});
    return 4 * BoxRegion(problem.terms[0].region, problem.graph).measure();
  };
  EXPECT_NEAR(measure("{rectangle=[[-0.5,-0.5],[0.5,'R']]}"), 0.8, 0.02);
  EXPECT_NEAR(measure("{rectangle=[[-0.5,'R'],[0.5,-0.5]]}"), 0.8, 0.02) << "any two corners that face each other";
  EXPECT_NEAR(measure("{polygon=[[0,0],[1,0],[0,1]]}"), 0.5, 0.02);
  EXPECT_NEAR(measure("{simplex=[[0,0],[1,0],[0,1]]}"), 0.5, 0.02);
  EXPECT_NEAR(measure("{ball={center=[0,0],radius=0.5}}"), pi / 4, 0.02);
  EXPECT_NEAR(measure("{ellipse={center=[0,0],axes=[1,0.5]}}"), pi / 2, 0.02);
  EXPECT_NEAR(measure("{annulus={center=[0,0],inner=0.5,outer=1}}"), 0.75 * pi, 0.02);
  EXPECT_NEAR(measure("{box=[[0,0],[2,1]], scale=0.5, rotate='pi/4', translate=[0,-0.5]}"), 0.5, 0.02);
  EXPECT_NEAR(measure("'~(disk + lower) & square'"), 2 - pi * 0.09 / 2, 0.03);
  const std::string solid = R"toml(
[problem]
coordinates = ["x", "y", "z"]
domain      = { x = [-1, 1], y = [-1, 1], z = [-1, 1] }
[[problem.equations]]
residual = "laplacian(u)"
)toml";
  const auto volume = [&](const std::string& shape) {
    const Problem problem = built(solid, {"geometry.shapes.s=" + shape, "geometry.domain=s"});
    return 8 * BoxRegion(problem.terms[0].region, problem.graph).measure();
  };
  EXPECT_NEAR(volume("{sphere={center=[0,0,0],radius=0.9}}"), 4.0 / 3 * pi * 0.729, 0.06);
  EXPECT_NEAR(volume("{ellipsoid={center=[0,0,0],axes=[1,0.5,0.9]}}"), 4.0 / 3 * pi * 0.45, 0.06);
  EXPECT_NEAR(volume("{cylinder={center=[0,0,0],radius=0.5,height=2}}"), pi / 2, 0.06);
  EXPECT_NEAR(volume("{cylinder={center=[0,0,0],radius=0.5,height=2}, rotate=['pi/2',0,0]}"), pi / 2, 0.06);
  EXPECT_NEAR(volume("{extrusion={polygon=[[0,0],[1,0],[1,1],[0,1]],between=[-1,0.5]}}"), 1.5, 0.06);
  EXPECT_NEAR(volume("{simplex=[[0,0,0],[1,0,0],[0,1,0],[0,0,1]]}"), 1.0 / 6, 0.02);
}

// A cube of triangles is a cube, in sets, regions and set operations.
TEST(config_geometry, surfaces_of_triangles) {
  const testing::TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder.file(name), std::ios::binary) << bytes;
  };
  const testing::Corners cube = testing::box_surface({0, 0, 0}, {0.4, 0.5, 1});
  write("ascii.stl", testing::ascii_stl(cube));
  write("binary.stl", testing::binary_stl(cube));
  write("open.stl", testing::binary_stl({cube.begin(), cube.end() - 9}));
  const std::string text = R"toml(
[problem]
coordinates = ["t", "x", "y", "z"]
domain      = { t = [0, 2], x = [0, 1], y = [0, 1], z = [0, 1] }
[geometry]
domain = "part"
shapes = { part = { stl = "ascii.stl" }, ball = { ball = { center = [0, 0, 0], radius = 0.3 } } }
[[problem.equations]]
residual = "u_t - laplacian(u)"
[[problem.conditions]]
on       = "part"
residual = "dn(u)"
)toml";
  const auto build = [&](const std::vector<std::string>& sets) {
    return build_problem(parse_config(text, folder.file("part.toml"), sets).problem);
  };
  for (const std::string name : {"ascii", "binary"}) {
    const Problem problem = build({"geometry.shapes.part.stl=" + folder.file(name + ".stl")});
    EXPECT_NEAR(BoxRegion(problem.terms[0].region, problem.graph).measure(), 0.2, 0.01);
    EXPECT_NEAR(size_of(problem.terms[1].region), 2 * 2 * (0.2 + 0.4 + 0.5), 1e-9);
    EXPECT_EQ(problem.shape_facts, std::vector<std::string>{"part: 12 triangles, volume 0.2, area 2.2"});
  }
  const Problem moved =
      build({"geometry.shapes.part.scale=2", "geometry.shapes.part.translate=[0, 0, -1]", "geometry.domain=part & half",
             "geometry.shapes.half.box=[[0, 0, 0], [1, 1, 1]]", "problem.equations.0.in=!ball"});
  EXPECT_NEAR(BoxRegion(moved.terms[0].region, moved.graph).measure(), 0.8 - pi / 6 * 0.027, 0.01);
  EXPECT_EQ(moved.shape_facts, std::vector<std::string>{"part: 12 triangles, volume 0.2, area 2.2, before its moves"});
  const auto said = [&](const std::vector<std::string>& sets, const std::string& words) {
    const std::string message = message_of([&] { build(sets); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  said({"geometry.shapes.part.stl=none.stl"}, folder.file("none.stl") + ": no such file; check the path");
  said({"geometry.shapes.part.stl=open.stl"}, "open.stl: this surface is not closed: 3 edges have");
  said({"geometry.shapes.part.stl=3"}, "must be the path of a file");
  said({"geometry.shapes.ball.ball.center=[0, 0]", "problem.coordinates=['t', 'x', 'y']",
        "problem.domain={t=[0,2],x=[0,1],y=[0,1]}"},
       "'stl' is a shape in 3 dimensions, and the problem has 2");
}

TEST(config_geometry, a_run_folder_has_the_same) {
  const Config config = parse_config(plate, "plate.toml", {});
  EXPECT_EQ(parse_config(config.resolved, "plate.toml", {}).resolved, config.resolved);
  EXPECT_FALSE(matters(config, parse_config(plate, "plate.toml", {"geometry.shapes.disk.disk.radius=0.31"})).empty());
  EXPECT_TRUE(matters(config, parse_config(plate, "plate.toml", {"geometry.shapes.disk.disk.radius=0.3"})).empty());
}

TEST(config_geometry, what_is_no_shape_is_refused) {
  const auto said = [](const std::vector<std::string>& sets, const std::string& words) {
    const std::string message = refusal(sets);
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_EQ(message.find("--set "), message.rfind("--set ")) << "one place: " << message;
  };
  said({"geometry.domain=square - dsik"}, "unknown shape 'dsik'; did you mean 'disk'?");
  said({"geometry.domain=square -"}, "expected the name of a shape");
  said({"geometry.domain=disk - square"}, "the domain 'disk - square' is empty: none of 4096 trial points of its box");
  said({"geometry.domain=~disk"}, "the box holds all of the geometry");
  said({"geometry.shapes.disk.disk.center=[0.2, 0, 0]"}, "2 numbers are wanted here, and there are 3");
  said({"geometry.shapes.disk.disk.center=[0.2, 'RR']"}, "unknown name 'RR'");
  said({"geometry.shapes.disk.disk.radius=-1"}, "a radius is above 0");
  said({"geometry.shapes.disk.box=[[0,0],[1,1]]"}, "one primitive");
  said({"geometry.shapes.disc={}"}, "has no primitive");
  said({"geometry.shapes.s.disk={radius=1}"}, "needs 'disk.center'");
  said({"geometry.shapes.s.circle.radius=1"}, "unknown key 'circle'");
  said({"geometry.shapes.s.sphere={center=[0,0,0],radius=1}"}, "3 dimensions");
  said({"geometry.shapes.s.box=[[0,0,0],[1,1,1]]"}, "2 numbers are wanted here, and there are 3");
  said({"geometry.shapes.s.simplex=[[0],[1]]"}, "2 numbers are wanted here, and there is 1");
  said({"geometry.shapes.s.simplex=[[0,0],[1,1],[2,2]]"}, "this simplex is flat");
  said({"geometry.shapes.s.polygon=[[0,0],[1,0],[1,1],[0.5,0],[0,1]]"}, "corner 4 of this polygon lies on its edge 1");
  said({"geometry.shapes.s={ disk={center=[0,0],radius=1e-6}, translate=[1e8,0] }"}, "thin");
  said({"geometry.shapes.s={ disk={center=[0,0],radius=1e-6}, translate=[1] }"}, "2 numbers are wanted here");
  said({"geometry.shapes.s.body=r + disk", "geometry.shapes.r.body=q + disk",
        "geometry.shapes.q.disk={center=[0,0],radius=-1}"},
       "a radius is above 0");
  said({"geometry.shapes.s.box=[0,1]"}, "a list of points");
  said({"geometry.shapes.s=a + s"}, "unknown shape 'a'");
  said({"geometry.shapes.s=square + r", "geometry.shapes.r=~s"}, "is made of itself");
  for (const char* name : {"u", "x", "R"})
    said({std::string("geometry.shapes.") + name + ".box=[[0,0],[1,1]]"}, "is declared already");
  said({"problem.definitions.flux=u_x", "geometry.shapes.flux.box=[[0,0],[1,1]]"}, "is declared already");
  said({"geometry.shapes.boundary.box=[[0,0],[1,1]]"}, "border in sets");
  for (const char* name : {"pi", "sum", "sin", "other", "data"})
    said({std::string("geometry.shapes.") + name + ".box=[[0,0],[1,1]]"}, "taken by the expression language");
  said({"geometry.shapes.disk_x.box=[[0,0],[1,1]]"}, "also reads as a derivative");
  said({"problem.conditions.0.on=dsik"}, "did you mean 'disk'?");
  for (const char* set : {"!disk", "disk < 0.5", "x < disk", "where(disk, x, y) < 0.5"})
    said({std::string("problem.conditions.0.on=") + set}, "the name of a shape is its border");
  said({"problem.conditions.0.on=disk && x == 0.2"}, "fixes x");
  said({"problem.conditions.0.pair=x == 1", "problem.conditions.0.residual=u - other(u)"}, "flat sets");
}

// Of shapes and sets messages say what was written, however long the formulas that are made of it.
TEST(config_geometry, messages_say_what_was_written) {
  std::vector<std::string> sets;
  std::string domain = "square";
  for (int k = 0; k < 100; ++k) {
    const std::string name = "hole" + std::to_string(k), x = std::to_string(-0.9 + 0.18 * (k % 10)),
                      y = std::to_string(-0.9 + 0.18 * (k / 10));
    sets.push_back("geometry.shapes." + name + ".disk={center=[" + x + "," + y + "],radius=0.05}");
    domain += " - " + name;
  }
  sets.push_back("geometry.domain=" + domain);
  const auto names = [&](const std::string& set) {
    std::vector<std::string> with = sets;
    with.push_back(set);
    const Problem problem = built(plate, with);
    std::vector<std::string> list;
    for (const Term& term : problem.terms)
      list.push_back(piece_name(term.region, term.region.pieces[0], problem.graph, problem.symbols.coordinates));
    return list;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("problem.conditions.0.on=t == 0"), (Names{"the domain", "t == 0"}));
  EXPECT_EQ(names("problem.conditions.0.on=hole3 && x < -0.35 && x*y < 0.5"),
            (Names{"the domain", "hole3 && x <= -0.35 && x*y < 0.5"}));
  EXPECT_EQ(names("problem.equations.0.in=!hole3 && lower"), (Names{"!hole3 && lower", "disk"}));
  const auto said = [&](const std::string& set, const std::string& words) {
    std::vector<std::string> with = sets;
    with.push_back(set);
    const std::string message = refusal(with);
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_LT(message.size(), 1000u) << message;
  };
  said("problem.conditions.0.on=hole3 & square", "'hole3 & square' selects nothing: none of 4096 trial points");
  said("problem.conditions.0.on=x == -0.9 && y == -0.9", "and lies in the domain that the shapes make");
  said("problem.conditions.0.on=x*y > 2", "'x*y > 2' selects nothing");
  said("problem.equations.0.in=hole3 && hole4", "'hole3 && hole4' selects nothing");
  said("geometry.domain=hole3 - (" + domain + " + square)", "the domain 'hole3 - (square - hole0 - hole1");
  said("problem.conditions.0.on=hole3 && x == 0", "'hole3 && x == 0' fixes x");
}

TEST(config_geometry, the_first_of_equal_shapes_keeps_its_name) {
  const auto name = [](const std::string& set, std::size_t term, const std::string& domain = "square") {
    const Problem problem =
        built(plate, {"geometry.shapes.twin={ rectangle = [[-1, -1], [1, 0]] }", "geometry.domain=" + domain, set});
    const PointRegion& region = problem.terms[term].region;
    return piece_name(region, region.pieces[0], problem.graph, problem.symbols.coordinates);
  };
  EXPECT_EQ(name("problem.conditions.0.on=lower", 1), "lower");
  EXPECT_EQ(name("problem.conditions.0.on=lower", 1, "lower"), "lower") << "the domain has the name of its shape";
  EXPECT_EQ(name("problem.conditions.0.on=boundary", 1, "lower - disk"), "the domain");
  EXPECT_EQ(name("problem.equations.0.in=lower && x*y < 0.5", 0), "lower && x*y < 0.5");
}

// Many bodies work, and too many end in a message, whatever names they go by.
TEST(config_geometry, many_bodies) {
  const auto many = [](int count, const std::string& joint) {
    std::string text = "lower";
    for (int k = 1; k < count; ++k) text += joint + "disk";
    return text;
  };
  for (const char* joint : {" + ", " - "}) {
    const Problem problem = built(plate, {"geometry.shapes.all.body=" + many(500, joint), "problem.conditions.0.on=all"});
    EXPECT_GT(problem.terms[1].region.pieces.size(), 3u);
    EXPECT_NE(refusal({"geometry.shapes.all.body=" + many(1001, joint)}).find("more than 1000 primitives"),
              std::string::npos);
  }
  std::vector<std::string> doubled, chain;
  for (int k = 1; k <= 300; ++k) {
    const std::string now = "geometry.shapes.s" + std::to_string(k) + ".body=", before = "s" + std::to_string(k - 1);
    doubled.push_back(now + before + " + ~" + before);
    chain.push_back("geometry.shapes.c" + std::to_string(1000 + k) +
                    ".body=" + (k == 300 ? "disk" : "c" + std::to_string(1001 + k)));
  }
  doubled[0] = "geometry.shapes.s1.body=disk";
  EXPECT_NE(refusal({doubled.begin(), doubled.begin() + 40}).find("more than 1000 primitives"), std::string::npos);
  EXPECT_NE(refusal(chain).find("made of one another"), std::string::npos);
  const auto brackets = [](std::string text) {
    for (int k = 0; k < 150; ++k) text = "(" + text + (k % 2 == 0 ? " + disk)" : " - lower)");
    return text;
  };
  EXPECT_NO_THROW(
      built(plate, {"geometry.shapes.one.body=" + brackets("disk"), "geometry.shapes.two.body=" + brackets("one"),
                    "geometry.shapes.all.body=" + brackets("two"), "problem.equations.0.in=!all"}));
}

TEST(config_geometry, coordinates_of_shapes_are_sixteen_at_most) {
  const auto text = [](int n) {
    std::string domain, center;
    for (int k = 1; k <= n; ++k) {
      domain += (k == 1 ? "x" : ", x") + std::to_string(k) + " = [-1, 1]";
      center += k == 1 ? "0" : ", 0";
    }
    return "[problem]\ncoordinates = [\"x1..x" + std::to_string(n) + "\"]\ndomain = { " + domain +
           " }\n[geometry.shapes]\nball = { ball = { center = [" + center +
           "], radius = 0.5 }, scale = 0.5 }\n[[problem.equations]]\nresidual = \"laplacian(u)\"\n"
           "[[problem.conditions]]\non = \"ball\"\nresidual = \"u\"\n";
  };
  EXPECT_EQ(built(text(16)).terms[1].region.pieces.size(), 1u);
  const std::string message = message_of([&] { built(text(17)); });
  EXPECT_NE(message.find("16 coordinates at most"), std::string::npos) << message;
}

// Attributes of 300 points of a term: the distance, then the normal. points [dimensions][300]
struct Placed {
  TermPoints points;
  double attribute(int column, std::int64_t i) const {
    return points.attributes[static_cast<std::size_t>(column * 300 + i)];
  }
};

Placed placed(const Problem& problem, std::size_t term) {
  const auto source = drawn_points(
      problem, problem.terms[term],
      std::make_unique<Sampler>(SamplingMethod::sobol, problem.terms[term].region, problem.graph, 300, PointKey{}));
  Placed result{make_room(problem.dimensions(), source->columns(), 300, {{0, 256}, {256, 44}})};
  source->fill(result.points);
  return result;
}

TEST(config_geometry, normals_and_distances_are_those_of_the_domain) {
  const Problem problem = built(plate, {"problem.conditions.0.residual=dn(u) + sdf", "problem.equations.0.weight=1 - sdf"});
  const Placed hole = placed(problem, 1), body = placed(problem, 0);
  for (std::int64_t i = 0; i < 300; ++i) {
    EXPECT_NEAR(hole.attribute(0, i), 0, 1e-12);
    EXPECT_NEAR(hole.attribute(1, i), (0.2 - hole.points.coordinate(1)[i]) / 0.3, 1e-9)
        << "out of the domain, into the hole";
    EXPECT_NEAR(hole.attribute(2, i), -hole.points.coordinate(2)[i] / 0.3, 1e-9);
    const double x = body.points.coordinate(1)[i], y = body.points.coordinate(2)[i];
    EXPECT_NEAR(body.attribute(0, i), std::max(std::max(std::abs(x), std::abs(y)) - 1, 0.3 - std::hypot(x - 0.2, y)), 1e-12);
  }
  const Problem sides = built(plate, {"problem.conditions.0.residual=dn(u)", "problem.conditions.0.on=x == 1 || y == -1"});
  const Placed side = placed(sides, 1);
  for (std::int64_t i = 0; i < 300; ++i) {
    EXPECT_EQ(side.attribute(1, i), side.points.coordinate(1)[i] == 1 ? 1 : 0);
    EXPECT_EQ(side.attribute(2, i), side.points.coordinate(1)[i] == 1 ? 0 : -1);
  }
}

// The interface between the lower half and the upper one, from either side, and where it bounds the domain too.
TEST(config_geometry, the_normal_of_an_interface_points_out_of_the_first) {
  const std::string upper = "geometry.shapes.upper={ rectangle = [[-1, 0], [1, 1]] }";
  for (const auto& [on, n_y] : {std::pair{"lower & upper", 1}, std::pair{"upper & lower", -1}})
    for (const char* domain : {"square", "lower", "upper"}) {
      const Problem problem =
          built(plate, {upper, std::string("problem.conditions.0.on=") + on, std::string("geometry.domain=") + domain,
                        "problem.conditions.0.residual=dn(u)"});
      const Placed between = placed(problem, 1);
      for (std::int64_t i = 0; i < 300; ++i) {
        EXPECT_NEAR(between.points.coordinate(2)[i], 0, 1e-12);
        EXPECT_EQ(between.attribute(1, i), 0);
        EXPECT_EQ(between.attribute(2, i), n_y) << on << " in " << domain;
      }
    }
}

TEST(config_geometry, linked_points_lie_in_the_domain) {
  const auto linked = [](const std::string& on, const std::string& pair,
                         const std::string& domain = "square - disk - notch") {
    return std::vector<std::string>{"geometry.shapes.notch={ rectangle = [[0.5, -0.5], [1, 0.5]] }",
                                    "geometry.domain=" + domain, "problem.conditions.0.on=" + on,
                                    "problem.conditions.0.pair=" + pair, "problem.conditions.0.residual=u - other(u)"};
  };
  for (const auto& [on, pair] : {std::pair{"x == -1", "x == 1"}, std::pair{"x == -1", "x == 0.2"},
                                 std::pair{"t == 0 && x == -1", "t == 2 && x == 0.75"}}) {
    const std::string message = refusal(linked(on, pair));
    EXPECT_NE(message.find("`pair` links points of 'hole' with some outside of the domain, as at t == "), std::string::npos)
        << message;
  }
  for (const auto& [on, pair] : {std::pair{"x == -1 && abs(y) > 0.5", "x == 1"}, std::pair{"y == -1", "y == 1"},
                                 std::pair{"t == 0", "t == 2"}, std::pair{"x == -1", "x == 0.5"}})
    EXPECT_NO_THROW(built(plate, linked(on, pair))) << on;
  EXPECT_NO_THROW(built(plate, linked("x == -1", "x == 1", "square")));
}

TEST(config_geometry, normals_are_refused_off_borders) {
  EXPECT_NE(refusal({"problem.conditions.0.residual=dn(u)", "problem.conditions.0.on=t == 0"})
                .find("`on` of this condition is t == 0"),
            std::string::npos);
  EXPECT_NE(refusal({"problem.conditions.0.residual=dn(u)", "problem.conditions.0.on=boundary"})
                .find("`on` of this condition holds t == 0"),
            std::string::npos);
  for (const char* on : {"boundary && t > 0 && t < 2", "disk || square && x < 0.5"})
    EXPECT_NO_THROW(built(plate, {"problem.conditions.0.residual=dn(u)", std::string("problem.conditions.0.on=") + on}))
        << on;
}

}  // namespace
}  // namespace jetpinn
