// What a transport's listener heard, and what a test lets it do from within.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "transport/transport.hpp"

namespace conclave::transport {

struct Recorder final : Listener {
  struct Seen {
    Address remote;
    Direction direction{};
    std::vector<Bytes> frames;
    std::optional<Error> closed;
  };
  struct FailedDial {
    Address address;
    DialFailure reason{};
    Error why;
  };

  /// In the order of opening.
  std::vector<LinkId> opened;
  std::map<LinkId, Seen> links;
  std::vector<FailedDial> failed_dials;
  std::vector<std::pair<Address, Bytes>> datagrams;
  std::vector<std::pair<Address, Error>> bad_datagrams;
  std::size_t events = 0;
  std::size_t frames = 0;
  /// An event out of order, or one for a link that is not open.
  std::vector<std::string> breaches;

  /// Called after the event was recorded.
  std::function<void(LinkId)> when_opened = [](LinkId) {};
  std::function<void(LinkId, BytesView)> when_frame = [](LinkId, BytesView) {};

  void on_link_opened(LinkId link, const Address& remote, Direction direction) override {
    ++events;
    if (!links.emplace(link, Seen{remote, direction, {}, {}}).second) breaches.push_back("a link id came twice");
    opened.push_back(link);
    when_opened(link);
  }
  void on_frame(LinkId link, BytesView body) override {
    ++events;
    ++frames;
    if (auto* seen = open_link(link)) seen->frames.emplace_back(body.begin(), body.end());
    when_frame(link, body);
  }
  void on_link_closed(LinkId link, const Error& why) override {
    ++events;
    if (auto* seen = open_link(link)) seen->closed = why;
  }
  void on_dial_failed(const Address& address, DialFailure reason, const Error& why) override {
    ++events;
    failed_dials.push_back({address, reason, why});
  }
  void on_datagram(const Address& from, BytesView body) override {
    ++events;
    datagrams.emplace_back(from, Bytes(body.begin(), body.end()));
  }
  void on_bad_datagram(const Address& from, const Error& why) override {
    ++events;
    bad_datagrams.emplace_back(from, why);
  }

  [[nodiscard]] const std::optional<Error>& closed(LinkId link) const { return links.at(link).closed; }
  [[nodiscard]] const std::vector<Bytes>& frames_of(LinkId link) const { return links.at(link).frames; }

 private:
  Seen* open_link(LinkId link) {
    const auto found = links.find(link);
    if (found != links.end() && !found->second.closed) return &found->second;
    breaches.push_back("an event of a link that is not open");
    return nullptr;
  }
};

}  // namespace conclave::transport
