#include "jetpinn/expr/characters.hpp"

#include <algorithm>
#include <cstdio>

namespace jetpinn {
namespace {

struct KnownCharacter {
  char32_t code;
  const char* name;
  const char* instead;
};

constexpr KnownCharacter known[] = {
    {0x2212, "minus sign", "write '-'"},
    {0x2010, "hyphen", "write '-'"},
    {0x2011, "no-break hyphen", "write '-'"},
    {0x2012, "figure dash", "write '-'"},
    {0x2013, "en dash", "write '-'"},
    {0x2014, "em dash", "write '-'"},
    {0x00AD, "soft hyphen", "remove it"},
    {0x00B7, "middle dot", "write '*'"},
    {0x22C5, "dot operator", "write '*'"},
    {0x2219, "bullet operator", "write '*'"},
    {0x2022, "bullet", "write '*'"},
    {0x00D7, "multiplication sign", "write '*'"},
    {0x2217, "asterisk operator", "write '*'"},
    {0x2062, "invisible times", "write '*'"},
    {0x00F7, "division sign", "write '/'"},
    {0x2215, "division slash", "write '/'"},
    {0x2044, "fraction slash", "write '/'"},
    {0x00B0, "degree sign", "angles are in radians: 30 degrees are 30*pi/180"},
    {0x00B9, "superscript one", "powers are written with '^'"},
    {0x00B2, "superscript two", "write '^2'"},
    {0x00B3, "superscript three", "write '^3'"},
    {0x207B, "superscript minus", "write '^-'"},
    {0x207F, "superscript n", "write '^n'"},
    {0x00BC, "one quarter", "write '1/4'"},
    {0x00BD, "one half", "write '1/2'"},
    {0x00BE, "three quarters", "write '3/4'"},
    {0x221A, "square root", "write sqrt(...)"},
    {0x221E, "infinity", "there is no infinite number; give a large one"},
    {0x2202, "partial differential", "a derivative is written u_t, or d(u, t)"},
    {0x2207, "nabla", "write the components with d(u, x), or laplacian(u) for its square"},
    {0x0394, "Greek capital delta", "write laplacian(u)"},
    {0x2206, "increment", "write laplacian(u)"},
    {0x222B, "integral", "integrals are not available in expressions"},
    {0x2211, "summation sign", "write sum(k, first, last, ...)"},
    {0x2264, "less-than or equal to", "write '<='"},
    {0x2265, "greater-than or equal to", "write '>='"},
    {0x2260, "not equal to", "write '!='"},
    {0x2261, "identical to", "write '=='"},
    {0x2227, "logical and", "write '&&'"},
    {0x2228, "logical or", "write '||'"},
    {0x00AC, "not sign", "write '!'"},
    {0x2208, "element of", "write bounds: 0 < x && x < 1"},
    {0x2032, "prime", "a derivative is written u_x"},
    {0x2033, "double prime", "a derivative is written u_xx"},
    {0x02C6, "circumflex accent", "write '^'"},
    {0x2026, "ellipsis", "write it out, or sum(k, first, last, ...)"},
    {0x2018, "left single quotation mark", "remove it; TOML's quotes are ' and \""},
    {0x2019, "right single quotation mark", "remove it; a derivative is written u_x, and TOML's quotes are ' and \""},
    {0x201C, "left double quotation mark", "remove it; TOML's quotes are ' and \""},
    {0x201D, "right double quotation mark", "remove it; TOML's quotes are ' and \""},
    {0x201E, "low double quotation mark", "remove it; TOML's quotes are ' and \""},
    {0x00AB, "left guillemet", "remove it; TOML's quotes are ' and \""},
    {0x00BB, "right guillemet", "remove it; TOML's quotes are ' and \""},
    {0x00A0, "no-break space", "write an ordinary space"},
    {0x2002, "en space", "write an ordinary space"},
    {0x2003, "em space", "write an ordinary space"},
    {0x2007, "figure space", "write an ordinary space"},
    {0x2009, "thin space", "write an ordinary space"},
    {0x200A, "hair space", "write an ordinary space"},
    {0x202F, "narrow no-break space", "write an ordinary space"},
    {0x3000, "ideographic space", "write an ordinary space"},
    {0x200B, "zero-width space", "remove it"},
    {0x200C, "zero-width non-joiner", "remove it"},
    {0x200D, "zero-width joiner", "remove it"},
    {0x200E, "left-to-right mark", "remove it"},
    {0x200F, "right-to-left mark", "remove it"},
    {0x2060, "word joiner", "remove it"},
    {0xFEFF, "byte order mark", "remove it"},
    {0x00B5, "micro sign", "letters of names are a to z: write 'mu'"},
};

// U+03B1 ...
constexpr const char* greek[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota",
                                 "kappa", "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "sigma",
                                 "tau", "upsilon", "phi", "chi", "psi", "omega"};

struct Description {
  std::string name, instead;
};

Description describe(char32_t code) {
  const auto found =
      std::find_if(std::begin(known), std::end(known), [code](const KnownCharacter& one) { return one.code == code; });
  if (found != std::end(known)) return {found->name, found->instead};
  if (code == 0x03C0) return {"Greek letter pi", "write 'pi'"};
  if (code >= 0x03B1 && code <= 0x03C9) {
    const std::string letter = greek[code - 0x03B1];
    return {"Greek letter " + letter, "letters of names are a to z: write '" + letter + "'"};
  }
  if (code >= 0x0391 && code <= 0x03A9) {
    const std::string letter = greek[code - 0x0391];
    return {"Greek capital " + letter, "letters of names are a to z, such as '" + letter + "'"};
  }
  if (code == 0x2070 || (code >= 0x2074 && code <= 0x2079)) {
    const std::string digit(1, static_cast<char>('0' + (code & 0xF)));
    return {"superscript " + digit, "powers are written with '^', such as ^" + digit};
  }
  if (code >= 0x2080 && code <= 0x2089) {
    const std::string digit(1, static_cast<char>('0' + (code & 0xF)));
    return {"subscript " + digit, "write '" + digit + "'"};
  }
  if (code >= 0xFF01 && code <= 0xFF5E) {
    const std::string plain(1, static_cast<char>(code - 0xFEE0));
    return {"full-width " + plain, "write '" + plain + "'"};
  }
  return {"", "expressions are written in ASCII: letters a to z, digits and signs"};
}

// Seen by nobody, so that only its name tells it: spaces, joiners, marks, and controls, which a terminal would obey.
bool is_invisible(char32_t code) {
  return code < 0xA1 || code == 0xAD || (code >= 0x2000 && code <= 0x200F) || (code >= 0x2028 && code <= 0x202F) ||
         (code >= 0x205F && code <= 0x206F) || code == 0x3000 || code == 0xFEFF || columns_of(code) == 0;
}

}  // namespace

std::size_t first_beyond_ascii(std::string_view text) {
  const auto at = std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

std::string describe_character(std::string_view text, std::size_t at) {
  const Character character = character_at(text, at);
  if (!character.valid) {
    char byte[8];
    std::snprintf(byte, sizeof byte, "0x%02X", static_cast<unsigned>(character.code));
    return std::string("the byte ") + byte + " is not UTF-8 text; expressions are written in ASCII";
  }
  const auto [name, instead] = describe(character.code);
  const std::string shown = is_invisible(character.code) ? "" : "'" + std::string(text.substr(at, character.length)) + "'";
  const std::string code = code_name(character.code);
  const std::string what = shown.empty() ? (name.empty() ? code : name + " (" + code + ")")
                                         : shown + " (" + (name.empty() ? "" : name + ", ") + code + ")";
  return what + " has no place in an expression; " + instead;
}

}  // namespace jetpinn
