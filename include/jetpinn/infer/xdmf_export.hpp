// A predicted point table for ParaView without a second copy of its values: a text of XDMF 3 that names its datasets. What
// each part means: https://www.xdmf.org/index.php/XDMF_Model_and_Format.
#pragma once

#include "jetpinn/infer/vtk_layout.hpp"

#include <string>

namespace jetpinn {

// Why no text can show the points of the table `file` (a name without folders), as the end of a sentence; empty: one can.
std::string xdmf_obstacle(const VtkSource& source, const std::string& file);

// A grid whose table has x fastest, then y, then z, all going up, is a uniform one (3DCoRectMesh). Any other order is a
// curvilinear one (3DSMesh), which takes its places from the columns of coordinates. A film is a temporal collection of
// hyperslabs of the datasets, a cloud a vertex for each row. XDMF lists axes from the slowest to the fastest.
std::string xdmf_text(const VtkSource& source, const std::string& file);

}  // namespace jetpinn
