// Counter-based randomness: the n-th draw under a key depends on (key, n) alone, so removing one draw elsewhere leaves
// every other as it was. The mixing function is SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators", OOPSLA 2014). Not for secrets.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace conclave {

class Prng {
 public:
  Prng() = default;
  constexpr explicit Prng(std::uint64_t key) : key_(mix(key)) {}

  /// A generator for one purpose, independent of this one's draws.
  [[nodiscard]] constexpr Prng fork(std::uint64_t purpose) const { return Prng(key_ ^ mix(purpose + golden)); }

  [[nodiscard]] constexpr Prng fork(std::string_view purpose) const {
    Prng forked = fork(purpose.size());
    for (const char each : purpose) forked = forked.fork(static_cast<unsigned char>(each));
    return forked;
  }

  /// 64 uniform bits.
  constexpr std::uint64_t next() { return mix(key_ + golden * ++drawn_); }

  /// Uniform in [0, bound); `bound` is at least 1. (Multiply-shift: the bias is below bound / 2^64.)
  constexpr std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

  /// True with probability `part / whole`.
  constexpr bool chance(std::uint64_t part, std::uint64_t whole) { return below(whole) < part; }

  friend constexpr auto operator<=>(const Prng&, const Prng&) = default;

  template <class H>
  friend void hash_append(H& h, const Prng& prng) {
    h(prng.key_, prng.drawn_);
  }

 private:
  __extension__ using Wide = unsigned __int128;

  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;

  static constexpr std::uint64_t mix(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return bits ^ (bits >> 31);
  }

  std::uint64_t key_ = 0;
  std::uint64_t drawn_ = 0;
};

}  // namespace conclave
