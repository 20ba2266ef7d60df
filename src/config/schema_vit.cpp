#include "jetpinn/config/schema_rows.hpp"

#include <utility>

namespace jetpinn {

void add_vit_keys(std::vector<Key>& keys) {
  const auto row = [&](const std::string& name, KeyType type, std::string standard, const std::string& doc) {
    return KeyRow(keys, "model." + name, type, std::move(standard), "sparse_vit: " + doc);
  };
  const auto number = [&](const std::string& name, std::int64_t VitOptions::*member, std::string standard,
                          const std::string& doc) {
    return row(name, KeyType::integer, std::move(standard), doc)
        .at_least(1)
        .at_most(65536)
        .set([member](const KeySlot& s, const Value& v) { s.config.images.vit.*member = v.integer; });
  };
  const auto tokens = [&](const std::string& name, std::int64_t AttentionOptions::*member, std::string standard,
                          const std::string& doc) {
    return row(name, KeyType::integer, std::move(standard), doc)
        .unit("tokens")
        .set([member](const KeySlot& s, const Value& v) { s.config.images.vit.sparse.*member = v.integer; });
  };
  row("attention", KeyType::word, "\"sparse\"",
      "sparse: of global tokens, a window and chosen tiles (docs/attention.md); dense: of all tokens to all, by LibTorch.")
      .words({"sparse", "dense"})
      .set([](const KeySlot& s, const Value& v) {
        for (const AttentionKind kind : {AttentionKind::sparse, AttentionKind::dense})
          if (v.place.text == to_string(kind)) s.config.images.vit.attention = kind;
      });
  number("patch", &VitOptions::patch, "4", "the side of a patch, of which the image's sides are multiples.").unit("pixels");
  number("width", &VitOptions::width, "192", "features of a token, a multiple of the heads.");
  number("heads", &VitOptions::heads, "4", "heads of the attention.");
  number("depth", &VitOptions::depth, "4", "blocks of attention and perceptron.");
  number("hidden", &VitOptions::hidden, "384", "hidden units of a perceptron.");
  tokens("global_tokens", &AttentionOptions::global, "4", "global tokens, of which the first is the class token.")
      .at_least(1)
      .at_most(65536);
  tokens("window", &AttentionOptions::window, "32", "tokens around one that it surely sees.").at_least(0).at_most(1e9);
  row("top_k", KeyType::number, "0.1", "the share of the tiles that are chosen by score, beyond the window.")
      .at_least(0)
      .at_most(1)
      .set([](const KeySlot& s, const Value& v) { s.config.images.vit.sparse.ratio = v.number; });
  tokens("tile", &AttentionOptions::tile, "8", "neighbouring tokens that see the same ones.")
      .at_least(1)
      .at_most(static_cast<double>(largest_tile));
}

}  // namespace jetpinn
