// Every kind of network, plain and with all that may be added to one, with plans that use channels in different ways.
#pragma once

#include "support/engine_case.hpp"
#include "support/sparse_case.hpp"

#include <string>
#include <vector>

namespace jetpinn::test {

struct NamedText {
  std::string name;
  CaseText text;
};

inline std::vector<NamedText> plan_texts() {
  CaseText burgers, varying, flow, fourth;
  burgers.terms = {{"u_t + u*u_x - 0.01/pi*u_xx"}, {"u + sin(pi*x)"}};
  burgers.weight_columns = 1;
  varying.coordinates = flow.coordinates = fourth.coordinates = {"x", "y"};
  varying.terms = {{"(1 + x^2)*u_xx + x*y*d(u, x, y) + exp(y)*u_yy + y*u_x"}};
  flow.fields = {"u", "v", "p"};
  flow.terms = {{"u*u_x + v*u_y + p_x - 0.01*laplacian(u)", "u*v_x + v*v_y + p_y - 0.01*laplacian(v)", "u_x + v_y"}};
  flow.weight_columns = 3;
  fourth.terms = {{"laplacian(laplacian(u)) - sin(pi*x)*sin(pi*y)"}, {"u", "laplacian(u)"}};
  return {{"burgers", burgers}, {"varying", varying}, {"flow", flow}, {"fourth", fourth}};
}

inline std::vector<NamedText> network_texts() {
  std::vector<NamedText> list;
  for (const char* kind : {"mlp", "sparse", "modified_mlp", "residual", "piratenet"})
    for (const bool additions : {false, true})
      for (NamedText entry : plan_texts()) {
        NetworkOptions& network = entry.text.network;
        const bool sparse = std::string(kind) == "sparse";
        network.kind = sparse ? "mlp" : kind;
        network.hidden = {11, 11, 11};
        if (sparse) {  // which has no factorised weights
          const auto inputs = static_cast<std::int64_t>(entry.text.coordinates.size() + (additions ? 1 : 0)),
                     fields = static_cast<std::int64_t>(entry.text.fields.size());
          if (additions) network.periodic = {"x"};
          network.factors.slope = additions;
          network.pattern = pattern_file({{inputs, 11}, {11, 11}, {11, 11}, {11, fields}}, 0.4);
        } else if (additions) {
          network.fourier_features = 3;
          network.periodic = {"x"};
          network.factors.scale = network.factors.slope = true;
        }
        entry.text.points = entry.name == "varying" ? 40 : 12;   // two tiles where operators vary, or are of order four
        entry.name = std::string(kind) + (additions ? "_with_all_" : "_") + entry.name;
        list.push_back(std::move(entry));
      }
  return list;
}

}  // namespace jetpinn::test
