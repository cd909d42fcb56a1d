// Reading an address. Hosts are checked by shape alone (RFC 1123 names, RFC 4291 addresses): the core asks no resolver.
#include "base/address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace conclave {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_label(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (auto end = text.find(at); end != std::string_view::npos; end = text.find(at)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

/// A decimal number without sign or leading zeros, at most `max`.
std::optional<unsigned> decimal(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

bool is_ipv4(std::string_view host) {
  const auto parts = split(host, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](auto part) { return decimal(part, 255).has_value(); });
}

/// Eight groups of up to four hexadecimal digits, of which one `::` may stand for any number of zero groups; the last
/// two may be written as an IPv4 address.
bool is_ipv6(std::string_view host) {
  const auto gap = host.find("::");
  if (gap != std::string_view::npos && host.find("::", gap + 1) != std::string_view::npos) return false;
  auto parts = split(host, ':');
  // The gap at an end leaves one empty part more than the gap in the middle.
  if (gap == 0) parts.erase(parts.begin());
  if (gap != std::string_view::npos && gap + 2 == host.size()) parts.pop_back();
  std::size_t groups = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = parts[i];
    if (part.empty()) {
      if (gap == std::string_view::npos) return false;
      continue;
    }
    const bool ipv4 = i + 1 == parts.size() && is_ipv4(part);
    if (!ipv4 && (part.size() > 4 || !std::ranges::all_of(part, is_hex))) return false;
    groups += ipv4 ? 2 : 1;
  }
  return gap == std::string_view::npos ? groups == 8 : groups < 8;
}

bool is_name(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const auto labels = split(host, '.');
  // An all-numeric last label would be taken for a broken IPv4 address.
  if (std::ranges::all_of(labels.back(), is_digit)) return false;
  return std::ranges::all_of(labels, [](auto label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, is_label);
  });
}

Error unusable(std::string_view text, const std::string& what) {
  return {errc::address_unusable, '"' + std::string(text) + "\" " + what};
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  const auto close = text.find(']');
  if (colon == std::string_view::npos || (bracketed && close != std::string_view::npos && colon < close))
    return unusable(text, "has no port: write host:port, for example 10.0.0.1:7400");
  std::string_view host = text.substr(0, colon);
  if (bracketed) {
    if (close != colon - 1) return unusable(text, "has a bracket that does not close: write [::1]:7400");
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(host)) return unusable(text, "has no IPv6 address in its brackets: write for example [fd00::1]:7400");
  } else {
    if (host.empty()) return unusable(text, "has no host: write host:port, for example 10.0.0.1:7400");
    if (host.find(':') != std::string_view::npos)
      return unusable(text, "has several colons: write an IPv6 address in brackets, for example [fd00::1]:7400");
    if (host.size() > host_bytes_max)
      return unusable(text, "has a host of more than " + std::to_string(host_bytes_max) + " bytes: use its IP address");
    if (!is_ipv4(host) && !is_name(host))
      return unusable(text,
                      "has neither an IP address nor a host name before its colon: write for example "
                      "10.0.0.1:7400 or db1.example.org:7400");
  }
  const auto port = decimal(text.substr(colon + 1), 65535);
  if (!port) return unusable(text, "has no port from 0 to 65535 after its colon: write for example 7400");
  return Address{std::string(host), static_cast<std::uint16_t>(*port)};
}

Result<void> check_reachable(const Address& address) {
  if (address.is_wildcard())
    return unusable(to_string(address),
                    "means every interface of this machine, and no other machine can dial it: "
                    "advertise the one address that the others reach, for example 10.0.0.1:7400");
  if (address.port == 0)
    return unusable(to_string(address), "has port 0, which nobody can dial: choose a port, for example 7400");
  return {};
}

}  // namespace conclave
